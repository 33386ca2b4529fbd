import DataFormats
import Artifacts
import Foundation
import Reports

/// JSON with sorted keys and numbers in full precision; `null` for what is not finite.
func encodeJSON(_ value: some Encodable, pretty: Bool = true) throws -> String {
  let mark = "\u{1}not finite"
  let encoder = JSONEncoder()
  encoder.outputFormatting =
    pretty
    ? [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    : [.sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: mark, negativeInfinity: mark, nan: mark)
  // The mark has a control character, which no name or path in a result keeps unescaped.
  return String(decoding: try encoder.encode(value), as: UTF8.self)
    .replacingOccurrences(of: "\"\\u0001not finite\"", with: "null")
}

/// What a command found, in each of the formats.
struct Results<JSON: Encodable> {
  var json: JSON
  var table: Table
  /// Lines before and after the table.
  var heading: String
  var notes: [String]
  /// What goes into an `.npz`: the numbers of a curve, one array per column.
  var arrays: [(String, Tensor)] = []

  func render(_ format: OutputFormat) throws -> String {
    switch format {
    case .json: return try encodeJSON(json) + "\n"
    case .csv: return table.csv
    case .text:
      let head = heading.isEmpty ? "" : wrap(heading) + "\n\n"
      let tail = notes.isEmpty ? "" : "\n" + notes.map { wrap($0) + "\n" }.joined()
      return head + table.text() + tail
    }
  }

  /// Prints, or writes to `path`; curves as a NumPy archive where its name ends in `.npz`.
  ///
  /// - Parameter format: `nil`: what the ending of `path` says.
  func emit(_ format: OutputFormat?, to path: String? = nil) throws {
    if let path, pathEnding(path) == "npz", !arrays.isEmpty {
      return try writeNpz(arrays, to: path)
    }
    let text = try render(.resolved(format, path: path))
    guard let path, path != standardOutputName else { return try writeStandardOutput(text) }
    try writeAtomically(to: path) { try $0.write(text) }
  }
}

/// Breaks lines at spaces so that they fit 80 columns; continuation lines are indented by two.
func wrap(_ text: String, columns: Int = 80) -> String {
  text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
    var (lines, current) = ([String](), "")
    for word in line.split(separator: " ", omittingEmptySubsequences: false) {
      if !current.isEmpty, current.count + 1 + word.count > columns {
        lines.append(current)
        current = "  " + word
      } else {
        current += (current.isEmpty ? "" : " ") + word
      }
    }
    return (lines + [current]).joined(separator: "\n")
  }.joined(separator: "\n")
}

/// A number with four significant digits, for people: with a minus sign.
func short(_ value: Double?, digits: Int = 4) -> String {
  guard let value, value.isFinite else { return "–" }
  return (value < 0 ? "−" : "") + String(format: "%.\(digits)g", abs(value))
}

func percent(_ value: Double?) -> String {
  value.map { String(format: "%.2f %%", 100 * $0) } ?? "–"
}

extension Table.Cell {
  static func optional(_ value: Double?, digits: Int = 4) -> Table.Cell {
    value.map { $0.isFinite ? .number($0, digits: digits) : .missing } ?? .missing
  }
}

/// `1 sample`, `2 samples`, `10 000 samples`
func counted(_ count: Int, _ noun: String) -> String {
  "\(grouped(count)) \(noun)\(count == 1 ? "" : "s")"
}

/// Digits in groups of three from 10 000 on.
func grouped(_ number: Int) -> String {
  guard abs(number) >= 10_000 else { return (number < 0 ? "−" : "") + "\(number.magnitude)" }
  let digits = Array(String(number.magnitude))
  let groups = digits.indices.map { i in
    let rest = digits.count - i
    return String(digits[i]) + (rest > 1 && rest % 3 == 1 ? " " : "")
  }
  return (number < 0 ? "−" : "") + groups.joined()
}
