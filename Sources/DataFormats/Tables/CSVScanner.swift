/// Cuts the bytes of a CSV file into fields.
struct CSVScanner {
  struct Field {
    /// The content without quotes and surrounding space.
    var range: Range<Int>
    /// Whether there are doubled quotes to be halved.
    var isEscaped = false
  }

  let bytes: [UInt8]
  let path: String
  var delimiter = UInt8(ascii: ",")
  private(set) var position = 0
  private(set) var line = 1

  init(_ bytes: [UInt8], path: String) {
    self.bytes = bytes
    self.path = path
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// Moves to the next line that is neither blank nor a comment; false at the end of the file.
  mutating func findRow() -> Bool {
    while position < bytes.count {
      var i = position
      while i < bytes.count, isBlank(bytes[i]) { i += 1 }
      guard i < bytes.count else { return false }
      if bytes[i] == UInt8(ascii: "#") {
        while i < bytes.count, !isLineEnd(bytes[i]) { i += 1 }
      } else if !isLineEnd(bytes[i]) {
        return true
      }
      position = i
      endLine()
    }
    return false
  }

  /// The first of tab, semicolon and comma in the row at hand, else space.
  func detectDelimiter() -> UInt8 {
    var found: Set<UInt8> = []
    var isQuoted = false
    for byte in bytes[position...] {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted { continue }
      if isLineEnd(byte) { break }
      if byte == UInt8(ascii: "\t") || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",") {
        found.insert(byte)
      }
    }
    return [UInt8(ascii: "\t"), UInt8(ascii: ";"), UInt8(ascii: ",")].first(where: found.contains)
      ?? UInt8(ascii: " ")
  }

  /// The most fields that rows of `columns` fields have from here to the end of the file: each
  /// takes a byte and what ends it.
  func fieldLimit(columns: Int) -> Int {
    let rest = bytes[position...]
    let rows = 1 + rest.reduce(0) { $0 + (isLineEnd($1) ? 1 : 0) }
    let most = (rest.count + 1) / 2
    return columns <= most / rows ? rows * columns : most
  }

  /// The next field of the row, and whether it is the last. The row is left behind after the last.
  mutating func nextField(column: Int) throws -> (field: Field, isLast: Bool) {
    skipBlanks()
    var field: Field
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      field = try quotedField(column: column)
      skipBlanks()
    } else {
      let start = position
      while position < bytes.count, bytes[position] != delimiter, !isLineEnd(bytes[position]) {
        position += 1
      }
      var end = position
      while end > start, isBlank(bytes[end - 1]) { end -= 1 }
      field = Field(range: start..<end)
      if delimiter == UInt8(ascii: " ") { skipBlanks() }
    }
    guard position < bytes.count, !isLineEnd(bytes[position]) else {
      endLine()
      return (field, true)
    }
    if delimiter == UInt8(ascii: " ") { return (field, false) }
    guard bytes[position] == delimiter else {
      throw error(
        line: line, column: column, "\(quoted(bytes: bytes[position...].prefix(12))) after a quote",
        "the end of the field")
    }
    position += 1
    return (field, false)
  }

  /// The content of a field as text.
  func text(_ field: Field) -> String {
    let text = String(decoding: bytes[field.range], as: UTF8.self)
    return field.isEscaped ? text.replacing("\"\"", with: "\"") : text
  }

  func error(line: Int, column: Int?, _ found: String, _ expected: String) -> FormatError {
    FormatError(
      path: path, place: "line \(line)" + (column.map { ", column \($0)" } ?? ""), found: found,
      expected: expected)
  }

  private mutating func quotedField(column: Int) throws -> Field {
    let firstLine = line
    position += 1
    var field = Field(range: position..<position)
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        if position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: "\"") {
          field.isEscaped = true
          position += 2
        } else {
          field.range = field.range.lowerBound..<position
          position += 1
          return field
        }
      case 0x0A, 0x0D: endLine()
      default: position += 1
      }
    }
    throw error(line: firstLine, column: column, "a quote that is never closed", "a closing quote")
  }

  /// Steps over LF, CR LF or CR.
  private mutating func endLine() {
    guard position < bytes.count else { return }
    let isPair =
      bytes[position] == 0x0D && position + 1 < bytes.count && bytes[position + 1] == 0x0A
    position += isPair ? 2 : 1
    line += 1
  }

  private mutating func skipBlanks() {
    while position < bytes.count, isBlank(bytes[position]) { position += 1 }
  }

  private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") && delimiter != UInt8(ascii: "\t")
  }

  private func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
