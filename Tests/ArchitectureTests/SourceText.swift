/// Swift source without what is no code: comments and the letters of strings become spaces; code
/// within strings, `\( … )`, stays.
struct SourceText {
  private var code: [UInt8] = []
  private let source: [UInt8]
  private var position = 0

  init(_ text: String) {
    source = Array(text.utf8)
    code.reserveCapacity(source.count)
    skipCode(untilParenthesis: false)
  }

  var lines: [Substring] {
    String(decoding: code, as: UTF8.self).split(whereSeparator: \.isNewline)
  }

  /// One identifier and what stands around it.
  struct Word {
    var text: String
    /// The characters next to it, other than spaces.
    var before: UInt8?
    var after: UInt8?
    /// The identifier before it, if only spaces are between.
    var previous: String?
  }

  var words: [Word] {
    var result: [Word] = []
    var (index, before, previous) = (0, UInt8?.none, String?.none)
    while index < code.count {
      guard isLetter(code[index]) else {
        if !isSpace(code[index]) { (before, previous) = (code[index], nil) }
        index += 1
        continue
      }
      let start = index
      while index < code.count, isLetter(code[index]) || isDigit(code[index]) { index += 1 }
      let text = String(decoding: code[start..<index], as: UTF8.self)
      let after = code[index...].first { !isSpace($0) }
      result.append(Word(text: text, before: before, after: after, previous: previous))
      (before, previous) = (nil, text)
    }
    return result
  }

  private func starts(_ text: StaticString) -> Bool { starts(Array("\(text)".utf8)) }

  private func starts(_ text: [UInt8]) -> Bool { source[position...].starts(with: text) }

  private mutating func take(_ count: Int, asCode: Bool) {
    for byte in source[position...].prefix(count) {
      code.append(asCode || byte == UInt8(ascii: "\n") ? byte : UInt8(ascii: " "))
    }
    position = min(position + count, source.count)
  }

  /// Takes code up to the parenthesis that closes an interpolation, or all.
  private mutating func skipCode(untilParenthesis: Bool) {
    var depth = 0
    while position < source.count {
      let byte = source[position]
      let next = position + 1 < source.count ? source[position + 1] : 0
      if byte == UInt8(ascii: ")"), depth == 0, untilParenthesis { return }
      if byte == UInt8(ascii: "/"), next == byte {
        take(source[position...].prefix { $0 != UInt8(ascii: "\n") }.count, asCode: false)
      } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
        skipBlockComment()
      } else if let fence = fence() {
        skipString(fence)
      } else {
        if byte == UInt8(ascii: "(") { depth += 1 }
        if byte == UInt8(ascii: ")") { depth -= 1 }
        take(1, asCode: true)
      }
    }
  }

  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      let (opens, closes) = (starts("/*"), starts("*/"))
      depth += opens ? 1 : closes ? -1 : 0
      take(opens || closes ? 2 : 1, asCode: false)
    } while depth > 0 && position < source.count
  }

  /// The number signs of a raw string, and the quotes of one that begins here.
  private func fence() -> (signs: [UInt8], quotes: [UInt8])? {
    let quote = UInt8(ascii: "\"")
    guard source[position] == quote || source[position] == UInt8(ascii: "#") else { return nil }
    let signs = source[position...].prefix { $0 == UInt8(ascii: "#") }
    let quotes = source[signs.endIndex...].prefix(3).prefix { $0 == quote }
    if quotes.isEmpty { return nil }
    // Two quotes are a string without letters.
    return (Array(signs), quotes.count == 3 ? Array(quotes) : [quote])
  }

  private mutating func skipString(_ fence: (signs: [UInt8], quotes: [UInt8])) {
    take(fence.signs.count + fence.quotes.count, asCode: false)
    let (end, escape) = (fence.quotes + fence.signs, [UInt8(ascii: "\\")] + fence.signs)
    while position < source.count {
      if starts(end) { return take(end.count, asCode: false) }
      if starts(escape + [UInt8(ascii: "(")]) {
        take(escape.count + 1, asCode: false)
        skipCode(untilParenthesis: true)
        take(1, asCode: false)
      } else {
        take(starts(escape) ? escape.count + 1 : 1, asCode: false)
      }
    }
  }
}

/// ASCII letters and the low line; all others are part of Greek ones, as far as sources go.
private func isLetter(_ byte: UInt8) -> Bool {
  (0x41...0x5A).contains(byte & 0xDF) || byte == UInt8(ascii: "_") || byte >= 0x80
}

private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
