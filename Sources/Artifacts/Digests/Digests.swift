internal import Crypto
internal import DataFormats
package import Foundation
package import Landbridge
package import LinearAlgebra

/// SHA-256 of a file, in hexadecimal. The file is mapped, not copied.
///
/// - Throws: `FormatError`: no such file, or it is no regular file.
package func sha256(ofFile path: String) throws -> String {
  let bytes = try fileContents(path).bytes
  return hexadecimal(SHA256.hash(data: bytes))
}

/// SHA-256 of bytes, in hexadecimal.
package func sha256(of bytes: Data) -> String { hexadecimal(SHA256.hash(data: bytes)) }

/// SHA-256 of samples as they were used, whatever file they come from.
///
/// Of the bytes `x F32 359 64\n` (name, type, rows, columns in decimal), the inputs row after row in
/// little-endian order, then the same of the targets, named `y`.
func sha256<Scalar: MatrixScalar>(of samples: Samples<Scalar>) -> String {
  var hash = SHA256()
  for (name, matrix) in [("x", samples.inputs), ("y", samples.targets)] {
    let tensor = Tensor(matrix)
    hash.update(
      data: Data("\(name) \(tensor.dtype.rawValue) \(matrix.rows) \(matrix.columns)\n".utf8))
    hash.update(data: tensor.bytes)
  }
  return hexadecimal(hash.finalize())
}

/// SHA-256 of every sample by itself, to find those that are the same. −0 counts as 0.
func sampleDigestList<Scalar: MatrixScalar>(_ samples: Samples<Scalar>) -> [[UInt8]] {
  (0..<samples.count).map { i in
    var hash = SHA256()
    for row in [samples.inputs.row(i), samples.targets.row(i)] {
      hash.update(data: Tensor(row.map { $0 + 0 }).bytes)
    }
    return Array(hash.finalize())
  }
}

/// The different ones of ``sampleDigestList(_:)``.
func sampleDigests<Scalar: MatrixScalar>(_ samples: Samples<Scalar>) -> Set<[UInt8]> {
  Set(sampleDigestList(samples))
}

/// How many of the samples differ from each other, in inputs or targets; −0 is 0.
package func distinctCount<Scalar: MatrixScalar>(_ samples: Samples<Scalar>) -> Int {
  sampleDigests(samples).count
}

func hexadecimal(_ digest: SHA256.Digest) -> String {
  digest.map { byte in
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
  }.joined()
}
