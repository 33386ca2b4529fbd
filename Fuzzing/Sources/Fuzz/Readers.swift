import DataFormats
import Artifacts
import Foundation
import LinearAlgebra

/// What is fuzzed: something that takes untrusted bytes.
struct Reader: Sendable {
  /// Reads the bytes and touches all that came out.
  var read: @Sendable (Data) throws -> Void
  /// Valid input to begin with.
  var seeds: @Sendable () throws -> [Data]
  /// Whether an error is one that the reader promises.
  var isExpected: @Sendable (any Error) -> Bool = {
    ($0 as? FormatError)?.kind == .invalidData
  }
}

/// Compressed input of a few kilobytes may unpack to this.
private let limit = 1 << 20

let readers: [String: Reader] = [
  "safetensors": Reader(
    read: { try touch(SafetensorsFile(bytes: $0, path: "file")) }, seeds: Seeds.safetensors),
  "safetensors-header": Reader(
    read: { try touch(SafetensorsFile(bytes: withLength($0), path: "file")) },
    seeds: Seeds.safetensorsHeaders),
  "npy": Reader(read: { try touch(readNpy(bytes: $0, path: "file")) }, seeds: Seeds.npy),
  "npz": Reader(
    read: {
      let file = try NpzFile(bytes: $0, path: "file", decompressionLimit: limit)
      for name in file.namesInNaturalOrder { try? touch(file.tensor(name)) }
    }, seeds: Seeds.npz),
  "idx": Reader(
    read: { try touch(readIDX(bytes: $0, path: "file", decompressionLimit: limit)) },
    seeds: Seeds.idx),
  "cifar10": Reader(
    read: {
      let data = try readCIFAR10(bytes: $0, path: "file", decompressionLimit: limit)
      precondition(data.labels.allSatisfy { (0...9).contains($0) })
      try touch(data.images)
    }, seeds: Seeds.cifar10),
  "csv": Reader(
    read: { bytes in
      for mode in [CSVHeader.detect, .present, .absent] {
        try touch(
          readCSV(
            bytes: bytes, path: "file", header: mode, allowsNonFinite: mode == .present,
            decompressionLimit: limit))
      }
    }, seeds: Seeds.csv),
  "gzip": Reader(
    read: {
      let content = try decompressed($0, path: "file", limit: limit)
      precondition(content.count <= limit)
    },
    seeds: Seeds.gzip),
  "model": modelReader(".safetensors", seeds: Seeds.models),
  "model-npz": modelReader(".npz", seeds: Seeds.npzModels),
  "model-index": Reader(
    read: { bytes in
      try withFile(bytes, ".json") {
        // The only shard there is has the bytes of the index, and is none.
        _ = try ModelFile<Float>(path: $0, activations: [.relu], scaling: .standard)
      }
    }, seeds: Seeds.indices,
    isExpected: {
      guard let error = $0 as? FormatError else { return false }
      return error.kind == .invalidData || error.kind == .noSuchFile
    }),
  "data-csv": dataReader(".csv", seeds: Seeds.csv),
  "data-npy": dataReader(".npy", seeds: Seeds.npy),
  "data-npz": dataReader(".npz", seeds: Seeds.labelledNpz),
  "data-safetensors": dataReader(".safetensors", seeds: Seeds.labelledSafetensors),
  "certificate": Reader(
    read: { bytes in
      let certificate = try Certificate(bytes: bytes, path: "file")
      let again = try Certificate(bytes: certificate.json(), path: "file")
      precondition(again == certificate)
    }, seeds: Seeds.certificates),
  "specification": Reader(
    read: { bytes in
      let text = String(decoding: bytes, as: UTF8.self)
      let parsed = try DataSpecification(parsing: text)
      let again = try DataSpecification(parsing: parsed.description)
      precondition(again == parsed, text)
    }, seeds: Seeds.specifications, isExpected: { $0 is DataSpecification.Problem }),
]

private func modelReader(
  _ ending: String, seeds: @escaping @Sendable () throws -> [Data]
) -> Reader {
  Reader(
    read: { bytes in
      try withFile(bytes, ending) {
        let model = try ModelFile<Float>(path: $0, activations: [.relu], scaling: .standard)
        precondition(model.network.isFinite)
      }
    }, seeds: seeds)
}

/// Data of a file, as the tool reads them for `--data`.
private func dataReader(_ ending: String, seeds: @escaping @Sendable () throws -> [Data]) -> Reader
{
  Reader(
    read: { bytes in
      try withFile(bytes, ending) { path in
        let specification = DataSpecification(kind: .file, location: path)
        let samples = try specification.samples(of: Float.self)
        precondition(samples.count > 0)
      }
    }, seeds: seeds)
}

private func touch(_ file: SafetensorsFile) throws {
  for name in file.namesInNaturalOrder { try touch(file.tensor(name)) }
}

/// Converts in every way; values that are no integers are no fault.
private func touch(_ tensor: Tensor) throws {
  precondition(tensor.values(as: Float.self).count == tensor.count)
  precondition(tensor.values(as: Double.self).count == tensor.count)
  _ = try? tensor.integers()
  _ = try? tensor.flattened().matrix(of: Float.self)
}

private func touch(_ table: NumericTable) throws {
  precondition(table.values.elements.count == table.values.rows * table.values.columns)
  precondition(table.header.map { $0.count == table.values.columns } ?? true)
}

/// The header of a safetensors file with the length in front and zeros behind, as many as the
/// first byte says: a random length hardly ever fits.
private func withLength(_ bytes: Data) -> Data {
  let header = bytes.dropFirst()
  let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
  return Data(length) + header + Data(count: Int(bytes.first ?? 0))
}

/// A file that is written again for every input, with links of every ending to it.
private let scratch: (descriptor: Int32, folder: String) = {
  let folder = NSTemporaryDirectory()
  let descriptor = open("\(folder)/input", O_RDWR | O_CREAT, 0o600)
  precondition(descriptor >= 0, "\(folder)/input cannot be written")
  for ending in [".safetensors", ".npz", ".npy", ".csv", ".json"] {
    symlink("input", "\(folder)/file\(ending)")
  }
  return (descriptor, folder)
}()

/// Calls `body` with the path of a file of these bytes.
private func withFile(_ bytes: Data, _ ending: String, _ body: (String) throws -> Void) throws {
  precondition(ftruncate(scratch.descriptor, 0) == 0)
  let written = bytes.withUnsafeBytes { pwrite(scratch.descriptor, $0.baseAddress, $0.count, 0) }
  precondition(written == bytes.count)
  try body("\(scratch.folder)/file\(ending)")
}
