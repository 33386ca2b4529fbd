/// The dictionary in front of the elements of an npy file.
struct NpyHeader {
  /// As in the file: `<f4`, `|O`, or the whole list of the fields of a structured type.
  var type: String
  /// `nil` for a type that is not read.
  var dtype: DType?
  /// Of types that are read.
  var isBigEndian: Bool
  /// Column-major: the first index runs fastest.
  var isFortranOrder: Bool
  var shape: [Int]
}

/// A parser for the Python literal of npy headers, which no JSON parser reads.
///
/// The grammar is fixed, three keys and their values, so that nothing here recurses.
struct NpyHeaderParser {
  private let bytes: [UInt8]
  private let path: String
  private let place: String
  private var position = 0

  /// - Parameter place: Where the header begins, for messages.
  init(_ bytes: [UInt8], path: String, place: String) {
    self.bytes = bytes
    self.path = path
    self.place = place
  }

  mutating func parse() throws -> NpyHeader {
    var type: String?
    var isFortranOrder: Bool?
    var shape: [Int]?
    try expect("{")
    while !consume("}") {
      let key = try string()
      try expect(":")
      switch key {
      case "descr" where type == nil: type = try descriptor()
      case "fortran_order" where isFortranOrder == nil: isFortranOrder = try boolean()
      case "shape" where shape == nil: shape = try tuple()
      default:
        throw error(quoted(key), "each of 'descr', 'fortran_order' and 'shape' once")
      }
      if !consume(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end of the header") }
    guard let type, let isFortranOrder, let shape else {
      throw error("a header that lacks a key", "'descr', 'fortran_order' and 'shape'")
    }
    let order = type.first ?? " "
    var dtype = "<>|=".contains(order) ? NpyHeaderParser.types[String(type.dropFirst())] : nil
    if order == "|", dtype?.size != 1 { dtype = nil }
    // "=" is the order of the machine that wrote, which the file does not tell; NumPy takes it for
    // that of the machine that reads.
    return NpyHeader(
      type: type, dtype: dtype, isBigEndian: order == ">" || order == "=" && !isLittleEndianHost,
      isFortranOrder: isFortranOrder, shape: shape)
  }

  static let types: [String: DType] = [
    "f8": .f64, "f4": .f32, "f2": .f16, "i8": .i64, "i4": .i32, "i2": .i16, "i1": .i8,
    "u8": .u64, "u4": .u32, "u2": .u16, "u1": .u8, "b1": .bool,
  ]

  /// The text of a type; of a structured one all that its brackets enclose.
  private mutating func descriptor() throws -> String {
    skipSpace()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "[") else { return try string() }
    let start = position
    var depth = 0
    repeat {
      guard position < bytes.count else { throw unexpected("a closing bracket") }
      switch bytes[position] {
      case UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: ")"): depth -= 1
      case 0x27, 0x22:
        _ = try string()
        continue
      default: break
      }
      position += 1
    } while depth > 0
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard isStreamSafe(text) else { throw error(streamSafety.found, streamSafety.expected) }
    return text
  }

  private mutating func boolean() throws -> Bool {
    skipSpace()
    for (word, value) in [("True", true), ("False", false)]
    where bytes[position...].starts(with: word.utf8) {
      position += word.utf8.count
      return value
    }
    throw unexpected("True or False")
  }

  private mutating func tuple() throws -> [Int] {
    var result: [Int] = []
    try expect("(")
    while !consume(")") {
      guard result.count < 64 else { throw error("more than 64 dimensions", "at most 64") }
      result.append(try integer())
      if !consume(",") {
        try expect(")")
        break
      }
    }
    return result
  }

  private mutating func integer() throws -> Int {
    skipSpace()
    let start = position
    var value = 0
    while position < bytes.count, isDigit(bytes[position]) {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int(bytes[position] - 0x30))
      guard !overflow && !carry else { throw error("an extent beyond 2⁶³", "less") }
      value = sum
      position += 1
    }
    guard position > start else { throw unexpected("an extent that is an integer ≥ 0") }
    // Python 2 wrote long integers so.
    _ = consume("L")
    return value
  }

  /// A string without escapes: no key or type has any.
  private mutating func string() throws -> String {
    skipSpace()
    guard position < bytes.count, bytes[position] == 0x27 || bytes[position] == 0x22 else {
      throw unexpected("a string")
    }
    let quote = bytes[position]
    position += 1
    let start = position
    while position < bytes.count, bytes[position] != quote { position += 1 }
    guard position < bytes.count else { throw unexpected("a closing quote") }
    position += 1
    let text = String(decoding: bytes[start..<position - 1], as: UTF8.self)
    guard isStreamSafe(text) else { throw error(streamSafety.found, streamSafety.expected) }
    return text
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

  private func error(_ found: String, _ expected: String) -> FormatError {
    FormatError(
      path: path, place: "\(place), character \(position) of the header", found: found,
      expected: expected)
  }
}
