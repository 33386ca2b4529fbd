public import Foundation

/// Reads an array in NumPy's npy format, versions 1 to 3, of any real numeric type.
///
/// Large little-endian arrays in C order stay mapped; others are converted to that layout.
///
/// - Throws: `FormatError` if the header breaks the rules, the type is not numeric, or the number
///   of bytes is not what the shape asks for.
/// - Note: The format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
public func readNpy(_ path: String) throws -> Tensor {
  try parseNpy(fileContents(path).bytes, path: path)
}

/// Reads an array that is in memory already, as ``readNpy(_:)``; `path` is for messages only.
public func readNpy(bytes: Data, path: String) throws -> Tensor {
  try parseNpy(bytes, path: path)
}

/// - Parameter name: The member of an archive that the bytes come from, empty if none.
func parseNpy(_ bytes: Data, path: String, name: String = "") throws -> Tensor {
  let (header, offset) = try parseNpyHeader(bytes, path: path, name: name)
  func fail(_ found: String, _ expected: String) -> FormatError {
    FormatError(
      path: path, place: (name.isEmpty ? "" : "key \(quoted(name)), ") + "offset \(offset)",
      found: found, expected: expected)
  }
  guard let dtype = header.dtype else {
    throw FormatError(unread: header.info(name: name), path: path)
  }
  let elements = bytes.dropFirst(offset)
  guard let count = dtype.byteCount(of: header.shape) else {
    throw fail("shape \(header.shape)", "a shape that fits memory")
  }
  guard elements.count == count else {
    throw fail("\(elements.count) bytes", "\(count) bytes for \(dtype.rawValue) \(header.shape)")
  }
  let mustReverse = header.isBigEndian && dtype.size > 1
  if mustReverse || header.isFortranOrder { try requireMemory(count, path: path) }
  let ordered = mustReverse ? elements.reversingElements(of: dtype.size) : elements
  return Tensor(
    shape: header.shape, dtype: dtype,
    bytes: header.isFortranOrder
      ? rowMajor(ordered, shape: header.shape, size: dtype.size) : ordered,
    name: name, path: path)
}

/// The header of an npy file, of which `bytes` need to hold no more, and where its elements begin.
func parseNpyHeader(
  _ bytes: Data, path: String, name: String
) throws -> (header: NpyHeader, end: Int) {
  let prefix = name.isEmpty ? "" : "key \(quoted(name)), "
  func fail(_ offset: Int, _ found: String, _ expected: String) -> FormatError {
    FormatError(path: path, place: "\(prefix)offset \(offset)", found: found, expected: expected)
  }
  let start = [UInt8](bytes.prefix(12))
  guard start.starts(with: npyMagic), start.count >= 10 else {
    if name.isEmpty, !start.starts(with: npyMagic),
      let error = FileSignature.error(for: bytes, path: path, wanted: "a NumPy array (.npy)")
    {
      throw error
    }
    throw fail(
      0, start.isEmpty ? "an empty file" : quoted(bytes: start.prefix(6)), "\"\\x93NUMPY\"")
  }
  guard (1...3).contains(start[6]), start[7] == 0 else {
    throw fail(6, "version \(start[6]).\(start[7])", "1.0, 2.0 or 3.0")
  }
  let widthOfLength = start[6] == 1 ? 2 : 4
  let lengthBytes = start.dropFirst(8).prefix(widthOfLength)
  let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  let offset = 8 + widthOfLength
  guard lengthBytes.count == widthOfLength, length <= maximumNpyHeaderLength,
    offset + length <= bytes.count
  else {
    throw fail(
      8, "a header of \(length) bytes", "at most \(min(maximumNpyHeaderLength, bytes.count - 10))")
  }
  var parser = NpyHeaderParser(
    [UInt8](bytes.dropFirst(offset).prefix(length)), path: path, place: "\(prefix)offset \(offset)")
  return (try parser.parse(), offset + length)
}

/// The most that version 1 can have; numeric arrays need a few dozen.
let maximumNpyHeaderLength = 65_535

extension NpyHeader {
  func info(name: String) -> TensorInfo {
    TensorInfo(name: name, shape: shape, type: dtype?.rawValue ?? type, dtype: dtype)
  }
}

extension FormatError {
  /// A tensor of a type that is not read, with what can be done about it.
  init(unread info: TensorInfo, path: String) {
    let type = UnreadType(info.type)
    self.init(
      path: path, place: info.name.isEmpty ? "header" : "key \(quoted(info.name))",
      found: "type \(quoted(info.type)), \(type.what)",
      expected: "numbers of 16 to 64 bits, whole numbers or truth values; \(type.advice)")
  }
}

/// Writes an array in the npy format, complete or not at all.
///
/// - Throws: `FormatError` if the type is bfloat16, which NumPy lacks, or the file cannot be
///   written.
public func writeNpy(_ tensor: Tensor, to path: String) throws {
  let header = try npyHeader(of: tensor, path: path)
  try writeAtomically(to: path) { output in
    try output.write(header)
    try output.write(tensor.bytes)
  }
}

private let npyMagic: [UInt8] = [0x93] + Array("NUMPY".utf8)

/// The header that NumPy itself writes: version 1, padded to a multiple of 64 bytes.
func npyHeader(of tensor: Tensor, path: String) throws -> [UInt8] {
  guard let type = NpyHeaderParser.types.first(where: { $0.value == tensor.dtype })?.key else {
    throw FormatError(
      path: path, place: tensor.name.isEmpty ? nil : "key \(quoted(tensor.name))",
      found: "elements of type \(tensor.dtype.rawValue)", expected: "a type that NumPy has")
  }
  let extents = tensor.shape.map(String.init).joined(separator: ", ")
  let text =
    "{'descr': '\(tensor.dtype.size == 1 ? "|" : "<")\(type)', 'fortran_order': False, "
    + "'shape': (\(extents)\(tensor.shape.count == 1 ? "," : "")), }"
  var header = npyMagic + [1, 0, 0, 0] + Array(text.utf8)
  while (header.count + 1) % 64 != 0 { header.append(0x20) }
  header.append(0x0A)
  // At most 64 extents of at most 19 digits: the length fits two bytes.
  header[8] = UInt8(truncatingIfNeeded: header.count - 10)
  header[9] = UInt8(truncatingIfNeeded: (header.count - 10) >> 8)
  return header
}

/// Column-major elements in row-major order. One copy.
private func rowMajor(_ bytes: Data, shape: [Int], size: Int) -> Data {
  // An index that never moves changes nothing, and 63 of them would be looked at for every element.
  let shape = shape.filter { $0 != 1 }
  guard shape.count > 1, !bytes.isEmpty else { return bytes }
  var result = Data(count: bytes.count)
  // Distance of neighbours along each index in the file.
  var strides: [Int] = []
  var stride = size
  for extent in shape {
    strides.append(stride)
    stride *= extent
  }
  let inner = shape[shape.count - 1]
  let innerStride = strides[shape.count - 1]
  unsafe result.withUnsafeMutableBytes { target in
    unsafe bytes.withUnsafeBytes { source in
      var index = [Int](repeating: 0, count: shape.count - 1)
      var written = 0
      var start = 0
      while written < target.count {
        for k in 0..<inner {
          unsafe UnsafeMutableRawBufferPointer(rebasing: target[written..<written + size])
            .copyMemory(
              from: UnsafeRawBufferPointer(
                rebasing: source[start + k * innerStride..<start + k * innerStride + size]))
          written += size
        }
        // The next index in row-major order, like an odometer.
        var axis = index.count - 1
        while axis >= 0 {
          index[axis] += 1
          start += strides[axis]
          if index[axis] < shape[axis] { break }
          start -= index[axis] * strides[axis]
          index[axis] = 0
          axis -= 1
        }
      }
    }
  }
  return result
}
