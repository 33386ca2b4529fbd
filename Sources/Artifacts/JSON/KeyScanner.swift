internal import DataFormats
internal import Foundation

/// Finds every key of a JSON text, and what Foundation's decoder lets pass: keys given twice,
/// nesting without end, more text after the value. What values are is left to the decoder.
///
/// Never nests deeper than ``maximumDepth``, and takes no key of more than ``maximumKeyLength``
/// bytes; time and memory are linear in the text.
struct KeyScanner {
  static let maximumDepth = 16
  static let maximumKeyLength = 1000

  /// Where keys are: `knots.3.loss`.
  private(set) var keys: Set<String> = []
  private let bytes: [UInt8]
  private let path: String
  private var position = 0

  /// - Throws: `FormatError` with the offset.
  init(_ text: Data, path: String) throws {
    (bytes, self.path) = ([UInt8](text), path)
    try value(at: "", depth: 0)
    skipSpace()
    guard position == bytes.count else { throw unexpected("the end") }
  }

  private mutating func value(at place: String, depth: Int) throws {
    guard depth < KeyScanner.maximumDepth else {
      throw error("nesting deeper than \(KeyScanner.maximumDepth)", "at most that")
    }
    skipSpace()
    guard position < bytes.count else { throw unexpected("a value") }
    switch bytes[position] {
    case UInt8(ascii: "{"):
      try list(closedBy: UInt8(ascii: "}")) { scanner, _ in
        let name = try scanner.key()
        let key = place.isEmpty ? name : place + "." + name
        guard scanner.keys.insert(key).inserted else {
          throw scanner.error("the key \(key) a second time", "each key once")
        }
        scanner.skipSpace()
        try scanner.expect(UInt8(ascii: ":"))
        try scanner.value(at: key, depth: depth + 1)
      }
    case UInt8(ascii: "["):
      try list(closedBy: UInt8(ascii: "]")) { scanner, index in
        try scanner.value(at: place + ".\(index)", depth: depth + 1)
      }
    case UInt8(ascii: "\""): _ = try string()
    default:
      // Numbers and words; the decoder knows which are right.
      let start = position
      while position < bytes.count, !",]} \n\r\t".utf8.contains(bytes[position]) { position += 1 }
      guard position > start, position - start <= 32 else { throw unexpected("a value") }
    }
  }

  private mutating func list(
    closedBy end: UInt8, _ item: (inout KeyScanner, Int) throws -> Void
  ) throws {
    position += 1
    skipSpace()
    var index = 0
    while position < bytes.count, bytes[position] != end {
      if index > 0 { try expect(UInt8(ascii: ",")) }
      skipSpace()
      try item(&self, index)
      skipSpace()
      index += 1
    }
    try expect(end)
  }

  /// An escape stands for itself, since no key of ours has one.
  private mutating func key() throws -> String {
    let text = try string()
    guard text.count <= KeyScanner.maximumKeyLength else {
      throw error("a key of \(text.count) bytes", "at most \(KeyScanner.maximumKeyLength)")
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func string() throws -> ArraySlice<UInt8> {
    try expect(UInt8(ascii: "\""))
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    let end = min(position, bytes.count)
    try expect(UInt8(ascii: "\""))
    return bytes[start..<end]
  }

  private mutating func skipSpace() {
    while position < bytes.count, " \n\r\t".utf8.contains(bytes[position]) { position += 1 }
  }

  private mutating func expect(_ byte: UInt8) throws {
    guard position < bytes.count, bytes[position] == byte else {
      throw unexpected("“\(Character(Unicode.Scalar(byte)))”")
    }
    position += 1
  }

  private func unexpected(_ expected: String) -> FormatError {
    guard position < bytes.count else { return error("the end of the file", expected) }
    return error("the byte \(bytes[position])", expected)
  }

  private func error(_ found: String, _ expected: String) -> FormatError {
    FormatError(path: path, place: "offset \(position)", found: found, expected: expected)
  }
}
