/// A table of named columns, for the terminal, a file or a page.
public struct Table: Hashable, Sendable {
  public struct Column: Hashable, Sendable {
    public enum Alignment: Hashable, Sendable {
      case left
      case right
    }

    public var name: String
    /// Printed after the name in parentheses.
    public var unit: String?
    public var alignment: Alignment

    public init(_ name: String, unit: String? = nil, alignment: Alignment = .right) {
      self.name = name
      self.unit = unit
      self.alignment = alignment
    }

    var heading: String {
      unit.map { "\(Text.clean(name)) (\(Text.clean($0)))" } ?? Text.clean(name)
    }
  }

  public enum Cell: Hashable, Sendable {
    case text(String)
    case integer(Int)
    /// A number shown with a few significant digits, and in full precision in CSV.
    case number(Double, digits: Int = 4)
    /// Several of them, separated by commas.
    case numbers([Double], digits: Int = 4)
    case missing
  }

  public let columns: [Column]
  public private(set) var rows: [[Cell]]

  /// - Precondition: every row has as many cells as there are columns.
  public init(columns: [Column], rows: [[Cell]] = []) {
    self.columns = columns
    self.rows = []
    for row in rows { append(row) }
  }

  /// Adds a row at the end.
  ///
  /// - Precondition: the row has as many cells as there are columns.
  public mutating func append(_ row: [Cell]) {
    precondition(
      row.count == columns.count,
      "a row of \(row.count) cells in a table of \(columns.count) columns"
    )
    rows.append(row)
  }

  /// The table in CSV (RFC 4180, line ends LF): a header row, numbers in full precision, empty cells
  /// for missing values.
  public var csv: String {
    let rows = [columns.map(\.heading)] + self.rows.map { $0.map(\.csv) }
    return rows.map { $0.map(Text.csv).joined(separator: ",") + "\n" }.joined()
  }
}

extension Table.Cell {
  /// The cell as it is shown.
  var text: String {
    switch self {
    case .text(let text): Text.clean(text)
    case .integer(let value): "\(value)"
    case .number(let value, let digits): Text.rounded(value, digits)
    case .numbers(let values, let digits):
      values.map { Text.rounded($0, digits) }.joined(separator: ", ")
    case .missing: "–"
    }
  }

  var csv: String {
    switch self {
    case .text(let text): Text.clean(text)
    case .integer(let value): "\(value)"
    case .number(let value, _): Text.exact(value)
    case .numbers(let values, _): values.map(Text.exact).joined(separator: ", ")
    case .missing: ""
    }
  }
}

extension Table.Cell: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral
{
  public init(stringLiteral value: String) { self = .text(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
}
