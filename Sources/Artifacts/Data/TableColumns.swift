internal import DataFormats
internal import Foundation
internal import LinearAlgebra

/// Which column of a table is the label, and which are inputs.
///
/// A name that only one reading fits is taken, and what was taken is said; what could be read in
/// two ways is refused with what to type.
struct TableColumns {
  /// From 0.
  var label: Int
  var inputs: [Int]
  /// What was taken, in a sentence.
  var note: String

  /// Names that a column of labels has, in any case.
  static let labelNames = ["label", "class", "target", "y"]

  /// - Parameters:
  ///   - label: `label=`: `first`, `last`, a number from 1, a name; `name:…` and `column:…` say
  ///     which of both.
  ///   - index: `index=`: whether the first column numbers the rows; `nil` to find out.
  /// - Throws: `FormatError`: no such column, or several readings.
  init(of table: NumericTable, path: String, label: String?, index: Bool?) throws {
    let reader = Reader(table: table, path: path)
    let chosen = try label.map(reader.column(named:)) ?? reader.labelByName()
    let hasIndex = try index ?? (chosen == 0 ? false : reader.hasIndex)
    self.label = chosen ?? reader.columns - 1
    let taken = self.label
    guard !hasIndex || taken != 0 else {
      throw reader.error("index=yes", "column 1 as label", "another column as label")
    }
    inputs = (0..<reader.columns).filter { $0 != taken && !(hasIndex && $0 == 0) }
    guard !inputs.isEmpty else {
      throw reader.error(nil, "no column of inputs", "inputs and a label")
    }
    note =
      (table.header == nil ? "no names of columns; " : "")
      + "label \(reader.name(taken))"
      + (label == nil && chosen == nil ? ", the last" : "")
      + ", \(inputs.count) input\(inputs.count == 1 ? "" : "s")"
      + (hasIndex ? "; \(reader.name(0)) numbers the rows" : "")
  }

  private struct Reader {
    let table: NumericTable
    let path: String
    var columns: Int { table.values.columns }

    func error(_ place: String?, _ found: String, _ expected: String) -> FormatError {
      FormatError(path: path, place: place, found: found, expected: expected)
    }

    /// `column 5, “species”`
    func name(_ column: Int) -> String {
      "column \(column + 1)"
        + (table.header.map { $0[column].isEmpty ? "" : ", “\($0[column])”" } ?? "")
    }

    private func columns(called name: String) -> [Int] {
      (table.header ?? []).indices.filter { table.header![$0] == name }
    }

    private func position(_ text: some StringProtocol) -> Int? {
      switch text {
      case "first": 0
      case "last": columns - 1
      default: Int(text).flatMap { (1...columns).contains($0) ? $0 - 1 : nil }
      }
    }

    /// What `label=` names.
    func column(named text: String) throws -> Int {
      let place = "label=\(text)"
      for (prefix, isName) in [("name:", true), ("column:", false)] where text.hasPrefix(prefix) {
        let rest = String(text.dropFirst(prefix.count))
        let found = isName ? columns(called: rest) : position(rest).map { [$0] } ?? []
        return try single(found, place)
      }
      let (byName, byPosition) = (columns(called: text), position(text))
      if let byPosition, byName.contains(where: { $0 != byPosition }) {
        throw error(
          place,
          "ambiguous: column \(byPosition + 1), or the column named “\(text)”, which is "
            + "\(byName.map { "column \($0 + 1)" }.joined(separator: " and "))",
          "label=column:\(byPosition + 1) or label=name:\(text)")
      }
      return try single(byPosition.map { [$0] } ?? byName, place)
    }

    private func single(_ found: [Int], _ place: String) throws -> Int {
      guard found.count < 2 else {
        throw error(
          place, "ambiguous: columns " + found.map { "\($0 + 1)" }.joined(separator: " and "),
          "one of them by its number: label=column:\(found[0] + 1)")
      }
      if let column = found.first { return column }
      throw error(
        place,
        table.header.map { "columns " + $0.prefix(12).joined(separator: ", ") }
          ?? "\(columns) columns without names",
        "last, first, a number from 1 to \(columns), or a name in the header")
    }

    /// The column whose name says that it is the label.
    func labelByName() throws -> Int? {
      guard let header = table.header else { return nil }
      let found = header.indices.filter { column in
        let name = header[column].trimmingCharacters(in: .whitespaces).lowercased()
        return TableColumns.labelNames.contains(name)
      }
      guard found.count < 2 else {
        throw error(
          "label", "ambiguous: " + found.map { name($0) }.joined(separator: " and "),
          "label=column:\(found[0] + 1) or label=column:\(found[1] + 1)")
      }
      return found.first
    }

    /// Whether the first column numbers the rows: it has no name and counts up.
    var hasIndex: Bool {
      get throws {
        let counts = countsUp
        guard let header = table.header else {
          // A column of times counts up too.
          guard counts, columns > 2, table.values.rows >= 8 else { return false }
          throw unclear("counts up from \(Int(table.values[0, 0]))")
        }
        let name = header[0].trimmingCharacters(in: .whitespaces).lowercased()
        if name.isEmpty || name == "unnamed: 0" {
          guard counts || table.values.rows == 1 else { throw unclear("has no name") }
          return true
        }
        guard ["index", "id", "row", "unnamed: 0.1"].contains(name), counts,
          table.values.rows > 1
        else { return false }
        throw unclear("is named “\(header[0])” and counts up")
      }
    }

    private func unclear(_ what: String) -> FormatError {
      error(
        "column 1", "a column that \(what), the number of the row or an input",
        "index=yes or index=no after the name of the file")
    }

    /// From 0 or 1, row by row.
    private var countsUp: Bool {
      let first = table.values[0, 0]
      return (first == 0 || first == 1)
        && (0..<table.values.rows).allSatisfy { table.values[$0, 0] == first + Double($0) }
    }
  }
}
