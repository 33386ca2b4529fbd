/// The header of a safetensors file, parsed.
struct SafetensorsHeader {
  struct Entry {
    var info: TensorInfo
    /// Bytes of the data section.
    var begin: Int
    var end: Int
  }

  var metadata: [String: String] = [:]
  /// In the order of the header.
  var entries: [Entry] = []
  /// Where in `entries` each name is.
  var indices: [String: Int] = [:]
}

/// A parser for the JSON of safetensors headers.
///
/// Not Foundation's: that one keeps one of two equal keys without a word, which lets two readers of
/// the same file see different tensors, and turns integers into doubles where it sees fit. The
/// grammar is fixed (an object of objects), so that nothing here recurses and memory is bounded by
/// the length of the header.
struct SafetensorsHeaderParser {
  private let bytes: [UInt8]
  private let path: String
  private var position = 0
  /// Names the tensor being read in messages.
  private var key: String?

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
  }

  mutating func parse() throws -> SafetensorsHeader {
    var header = SafetensorsHeader()
    var hasMetadata = false
    // The format wants the brace first, without white space.
    guard bytes.first == UInt8(ascii: "{") else { throw unexpected("\"{\"") }
    try object { parser, name in
      parser.key = name
      if name == "__metadata__" {
        guard !hasMetadata else { throw parser.duplicate(name) }
        hasMetadata = true
        header.metadata = try parser.metadata()
      } else {
        let index = header.entries.count
        guard header.indices.updateValue(index, forKey: name) == nil else {
          throw parser.duplicate(name)
        }
        header.entries.append(try parser.entry(name))
      }
      parser.key = nil
    }
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end of the header") }
    return header
  }

  private mutating func metadata() throws -> [String: String] {
    var result: [String: String] = [:]
    try object { parser, key in
      guard result.updateValue(try parser.string(), forKey: key) == nil else {
        throw parser.duplicate(key)
      }
    }
    return result
  }

  private mutating func entry(_ name: String) throws -> SafetensorsHeader.Entry {
    var type: String?
    var shape: [Int]?
    var offsets: [Int]?
    try object { parser, field in
      switch field {
      case "dtype":
        guard type == nil else { throw parser.duplicate(field) }
        type = try parser.string()
      case "shape":
        guard shape == nil else { throw parser.duplicate(field) }
        shape = try parser.integers(atMost: 64)
      case "data_offsets":
        guard offsets == nil else { throw parser.duplicate(field) }
        offsets = try parser.integers(atMost: 2)
      default:
        throw parser.error("field \(quoted(field))", "\"dtype\", \"shape\" or \"data_offsets\"")
      }
    }
    guard let type else { throw error("no dtype", "\"dtype\"") }
    guard let shape else { throw error("no shape", "\"shape\"") }
    guard let offsets, offsets.count == 2 else {
      throw error("\(offsets?.count ?? 0) data offsets", "two, [begin, end]")
    }
    let info = TensorInfo(name: name, shape: shape, type: type, dtype: DType(rawValue: type))
    return .init(info: info, begin: offsets[0], end: offsets[1])
  }

  private mutating func object(
    _ member: (inout SafetensorsHeaderParser, String) throws -> Void
  ) throws {
    try expect("{")
    if consume("}") { return }
    repeat {
      let name = try string()
      try expect(":")
      try member(&self, name)
    } while consume(",")
    try expect("}")
  }

  private mutating func integers(atMost limit: Int) throws -> [Int] {
    var result: [Int] = []
    try expect("[")
    if consume("]") { return result }
    repeat {
      guard result.count < limit else { throw error("more than \(limit) numbers", "\(limit)") }
      result.append(try integer())
    } while consume(",")
    try expect("]")
    return result
  }

  private mutating func integer() throws -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.count, isDigit(bytes[position]) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !overflow && !carry else { throw error("a number beyond 2⁶³", "an offset or extent") }
      value = sum
      position += 1
    }
    guard position > start else { throw unexpected("a number that is an integer ≥ 0") }
    guard bytes[start] != 0x30 || position == start + 1 else {
      throw error("a number with a leading zero", "none")
    }
    return value
  }

  private mutating func string() throws -> String {
    try expect("\"")
    let start = position
    while position < bytes.count, isPlain(bytes[position]) { position += 1 }
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      position += 1
      return try text(bytes[start..<position - 1])
    }
    var content = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return try text(content[...])
      case UInt8(ascii: "\\"):
        position += 1
        try escape(into: &content)
      case 0..<0x20: throw unexpected("an escape in place of a control character")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw unexpected("\"")
  }

  private func text(_ content: ArraySlice<UInt8>) throws -> String {
    guard let text = String(validating: content, as: UTF8.self) else {
      throw error("a string that is not UTF-8", "UTF-8")
    }
    guard isStreamSafe(text) else { throw error(streamSafety.found, streamSafety.expected) }
    return text
  }

  /// Whether the byte stands for itself in a string.
  private func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func escape(into content: inout [UInt8]) throws {
    guard position < bytes.count else { throw unexpected("an escape") }
    let byte = bytes[position]
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0C)
    case UInt8(ascii: "n"): content.append(0x0A)
    case UInt8(ascii: "r"): content.append(0x0D)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      position += 1
      content += Array(String(try escapedScalar()).utf8)
      return
    default: throw unexpected("an escape of JSON")
    }
    position += 1
  }

  private mutating func escapedScalar() throws -> Unicode.Scalar {
    let first = try codeUnit()
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, bytes[position...].starts(with: [0x5C, 0x75]) else {
      throw error("half of a surrogate pair", "both halves")
    }
    position += 2
    let second = try codeUnit()
    guard (0xDC00..<0xE000).contains(second),
      let scalar = Unicode.Scalar(
        0x10000 + (UInt32(first) - 0xD800) << 10 + UInt32(second) - 0xDC00)
    else { throw error("half of a surrogate pair", "both halves") }
    return scalar
  }

  private mutating func codeUnit() throws -> UInt16 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw unexpected("four hexadecimal digits") }
    position += 4
    return unit
  }

  private mutating func skipSpace() {
    while position < bytes.count, isSpace(bytes[position]) { position += 1 }
  }

  private mutating func consume(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard consume(character) else { throw unexpected("\"\(character)\"") }
  }

  private func unexpected(_ expected: String) -> FormatError {
    let rest = bytes[min(position, bytes.count)...]
    return error(rest.isEmpty ? "the end of the header" : quoted(bytes: rest.prefix(12)), expected)
  }

  private func duplicate(_ name: String) -> FormatError {
    error("\(quoted(name)) a second time", "each key once")
  }

  private func error(_ found: String, _ expected: String) -> FormatError {
    let offset = "offset \(position + 8)"
    return FormatError(
      path: path, place: key.map { "key \(quoted($0)), \(offset)" } ?? offset, found: found,
      expected: expected)
  }
}
