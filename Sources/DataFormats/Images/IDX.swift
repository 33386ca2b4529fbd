public import Foundation

/// Reads an IDX file, the format of MNIST, compressed or not.
///
/// The elements are big-endian in the file and little-endian in the tensor. A large
/// uncompressed file of bytes is mapped, not read.
///
/// - Parameters:
///   - path: The file; gzip is recognised by its content.
///   - decompressionLimit: The most bytes that a compressed file may unpack to;
///     ``defaultDecompressionLimit(forCompressed:)`` if nil. Memory is bounded by the size in the
///     IDX header too.
/// - Throws: `FormatError` with the offset if the header makes no sense or the number of bytes is
///   not what the shape asks for.
/// - Note: The format: http://yann.lecun.com/exdb/mnist
public func readIDX(_ path: String, decompressionLimit: Int? = nil) throws -> Tensor {
  try readIDX(
    bytes: fileContents(path).bytes, path: path, decompressionLimit: decompressionLimit)
}

/// Reads an IDX file that is in memory already, as the function above; `path` is for messages only.
public func readIDX(
  bytes: Data, path: String, decompressionLimit: Int? = nil
) throws -> Tensor {
  let limit = decompressionLimit ?? defaultDecompressionLimit(forCompressed: bytes.count)
  // The longest header has 255 extents.
  let isCompressed = isGzip(bytes)
  let head =
    isCompressed
    ? try inflate(bytes, .gzip, limit: 4 + 4 * 255, path: path).bytes : bytes
  let header = try IDXHeader([UInt8](head.prefix(4 + 4 * 255)), path: path)
  let length = header.length + header.byteCount
  var content = bytes
  if isCompressed {
    guard length <= limit else {
      throw FormatError(
        path: path, place: "offset 4", found: "shape \(header.shape), \(length) bytes",
        expected: "at most \(limit) bytes, or a file that is not compressed")
    }
    // One byte more than needed: it tells data that goes on from data that ends in time, and lets
    // zlib reach the checksum.
    content = try inflate(bytes, .gzip, limit: min(length, .max - 1) + 1, path: path).bytes
  }
  guard content.count == length else {
    let found =
      isCompressed && content.count > length
      ? "more than \(length) bytes" : "\(content.count) bytes"
    throw FormatError(
      path: path, place: "offset \(min(content.count, length))", found: found,
      expected: "\(length) bytes for \(header.dtype.rawValue) \(header.shape)")
  }
  let elements = content.dropFirst(header.length)
  if header.dtype.size > 1 { try requireMemory(elements.count, path: path) }
  return Tensor(
    shape: header.shape, dtype: header.dtype,
    bytes: elements.reversingElements(of: header.dtype.size), path: path)
}

/// Writes an IDX file that is there either complete or not at all.
///
/// - Parameters:
///   - tensor: 1 to 255 dimensions of u8, i8, i16, i32, f32 or f64.
///   - compressed: Whether to write it as gzip.
/// - Throws: `FormatError` if IDX has no such type or shape, or the file cannot be written.
public func writeIDX(_ tensor: Tensor, to path: String, compressed: Bool = false) throws {
  guard let code = IDXHeader.codes.first(where: { $0.value == tensor.dtype })?.key else {
    throw FormatError(
      path: path, found: "elements of type \(tensor.dtype.rawValue)",
      expected: "U8, I8, I16, I32, F32 or F64")
  }
  guard !tensor.shape.isEmpty, tensor.shape.allSatisfy({ $0 <= UInt32.max }) else {
    throw FormatError(
      path: path, found: "shape \(tensor.shape)", expected: "1 to 255 extents below 2³²")
  }
  var header: [UInt8] = [0, 0, code, UInt8(tensor.shape.count)]
  for extent in tensor.shape {
    header += [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: extent >> $0) }
  }
  let elements = tensor.bytes.reversingElements(of: tensor.dtype.size)
  try writeAtomically(to: path) { output in
    if compressed {
      try output.write(gzip(Data(header) + elements))
    } else {
      try output.write(header)
      try output.write(elements)
    }
  }
}

private struct IDXHeader {
  var dtype: DType
  var shape: [Int]
  /// The length of the header.
  var length: Int
  /// The length of the elements.
  var byteCount: Int

  static let codes: [UInt8: DType] = [
    0x08: .u8, 0x09: .i8, 0x0B: .i16, 0x0C: .i32, 0x0D: .f32, 0x0E: .f64,
  ]

  init(_ bytes: [UInt8], path: String) throws {
    func fail(_ offset: Int, _ found: String, _ expected: String) -> FormatError {
      FormatError(path: path, place: "offset \(offset)", found: found, expected: expected)
    }
    func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
      bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0 else {
      throw fail(
        0, bytes.isEmpty ? "an empty file" : "bytes " + hexadecimal(bytes.prefix(4)),
        "the IDX magic number 00 00 TYPE DIMENSIONS")
    }
    guard let dtype = IDXHeader.codes[bytes[2]] else {
      throw fail(2, "type \(hexadecimal([bytes[2]]))", "08, 09, 0b, 0c, 0d or 0e")
    }
    let dimensions = Int(bytes[3])
    guard dimensions > 0 else { throw fail(3, "0 dimensions", "at least 1") }
    length = 4 + 4 * dimensions
    guard bytes.count >= length else {
      throw fail(4, "\(bytes.count) bytes", "a header of \(length) bytes")
    }
    shape = (0..<dimensions).map { i in
      bytes[4 + 4 * i..<8 + 4 * i].reduce(0) { $0 << 8 | Int($1) }
    }
    guard let count = dtype.byteCount(of: shape), count <= Int.max - length else {
      throw fail(4, "shape \(shape.prefix(8))", "a shape that fits memory")
    }
    self.dtype = dtype
    byteCount = count
  }
}
