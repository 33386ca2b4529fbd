import Foundation

/// Text that goes into figures, tables and pages: cleaned, measured, wrapped.
enum Text {
  /// The text on one line, without what could end a line or steer a terminal, and without what XML
  /// forbids; at most `limit` characters.
  ///
  /// Works on scalars: a combining mark after a quote must not hide the quote.
  static func clean(_ text: String, limit: Int = 500) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars.prefix(8 * limit) {
      switch scalar.properties.generalCategory {
      case _ where endsLine(scalar): scalars.append(" ")
      case .format, .surrogate, .unassigned, .privateUse: continue
      default: scalars.append(scalar)
      }
    }
    let line = String(scalars).trimmingCharacters(in: .whitespaces)
    return line.count <= limit ? line : line.prefix(limit - 1) + "…"
  }

  /// The number of terminal columns of a character: 2 for East Asian wide ones, else 1.
  static func columns(of character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    switch scalar.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// The number of terminal columns of a text.
  static func columns(of text: String) -> Int {
    text.reduce(0) { $0 + columns(of: $1) }
  }

  /// The text in lines of at most `limit` columns, broken at spaces where possible.
  static func wrap(_ text: String, columns limit: Int) -> [String] {
    let limit = max(limit, 2)
    var lines: [String] = []
    var line = ""
    func flush() {
      if !line.isEmpty { lines.append(line) }
      line = ""
    }
    for word in text.split(separator: " ") {
      if columns(of: line) + columns(of: String(word)) + (line.isEmpty ? 0 : 1) <= limit {
        line += (line.isEmpty ? "" : " ") + word
        continue
      }
      flush()
      for character in word {
        if columns(of: line) + columns(of: character) > limit { flush() }
        line.append(character)
      }
    }
    flush()
    return lines.isEmpty ? [""] : lines
  }

  /// The value to the given number of significant digits, trailing zeros kept: 0.1200, −1.000e-05.
  static func rounded(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞" }
    if value == 0 { return "0" }
    let text = String(format: "%#.\(min(max(digits, 1), 17))g", abs(value))
    return (value < 0 ? "−" : "") + (text.hasSuffix(".") ? String(text.dropLast()) : text)
  }

  /// The text with digits in groups, 10 000, that no line break parts.
  static func unbroken(_ text: String) -> String {
    text.replacing(#/([0-9]) (?=[0-9]{3}(?![0-9]))/#) { "\($0.1)\u{A0}" }
  }

  /// A number as books print it: 1.000e-05 becomes 1.000×10⁻⁵, a hyphen a minus sign.
  static func typographic(_ number: String) -> String {
    let parts = number.split(separator: "e", maxSplits: 1)
    let mantissa = (parts.first ?? "").replacingOccurrences(of: "-", with: "−")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return mantissa }
    return mantissa + "×10" + superscript(exponent)
  }

  static func superscript(_ exponent: Int) -> String {
    let digits = Array("⁰¹²³⁴⁵⁶⁷⁸⁹")
    return String("\(exponent)".map { $0.wholeNumberValue.map { digits[$0] } ?? "⁻" })
  }

  /// The value with at most the given number of significant digits, as C's `%g` writes it.
  static func significant(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite else { return "" }
    return String(format: "%.\(min(max(digits, 1), 17))g", value)
  }

  /// The shortest text that reads back as the same value; `NaN`, which readers of CSV know, where
  /// there is no finite one.
  static func exact(_ value: Double) -> String {
    value.isFinite ? "\(value)" : "NaN"
  }

  /// A field of a CSV file (RFC 4180), quoted where it must be.
  static func csv(_ field: String) -> String {
    let special: Set<Unicode.Scalar> = [",", "\"", "\n", "\r"]
    guard field.unicodeScalars.contains(where: special.contains) else { return field }
    var scalars = String.UnicodeScalarView()
    for scalar in field.unicodeScalars {
      if scalar == "\"" { scalars.append(scalar) }
      scalars.append(scalar)
    }
    return "\"" + String(scalars) + "\""
  }

  /// Whether the name can be the stem of a file anywhere, and stand in a script unquoted.
  /// Also safe as a part of a link, and whatever the file system.
  static func isFileName(_ name: String) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    guard let first = name.utf8.first, name.utf8.count <= 100, isAlphanumeric(first) else {
      return false
    }
    return name.utf8.allSatisfy { isAlphanumeric($0) || "._-".utf8.contains($0) }
  }

  /// Whether a file can be called so at all: one part of a path, and one line.
  static func isAnyFileName(_ name: String) -> Bool {
    !["", ".", ".."].contains(name) && name.utf8.count <= 250
      && name.unicodeScalars.allSatisfy { !endsLine($0) && $0 != "/" }
  }

  /// Whether a scalar ends a line or steers a terminal.
  static func endsLine(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
