/// A report: one page that explains what was done and shows what came out.
///
/// All strings are plain text; nothing in them is taken for markup.
public struct Report: Sendable {
  public var title: String
  /// The result in one sentence.
  public var summary: String
  /// The day the numbers were made, as it shall be printed; there is no clock in here, so that the
  /// same results give the same page.
  public var date: String?
  /// The version of the program, printed in the footer.
  public var version: String
  public var sections: [ReportSection]
  /// The configuration of the run, in JSON, shown on demand.
  public var configuration: String?

  public init(
    title: String, summary: String, date: String? = nil, version: String,
    sections: [ReportSection] = [], configuration: String? = nil
  ) {
    self.title = title
    self.summary = summary
    self.date = date
    self.version = version
    self.sections = sections
    self.configuration = configuration
  }
}

/// A part of a report under one heading.
public struct ReportSection: Sendable {
  public enum Block: Sendable {
    /// A paragraph.
    case prose(String)
    /// The numbers a reader should remember, side by side.
    case keyNumbers([KeyNumber])
    /// A figure with its caption and links to its files.
    case figure(Figure)
    /// A table, under a title; with a name, also written as `tables/NAME.csv`.
    case table(Table, title: String? = nil, name: String? = nil)
  }

  public var heading: String
  public var blocks: [Block]

  public init(_ heading: String, _ blocks: [Block]) {
    self.heading = heading
    self.blocks = blocks
  }
}

/// A number with what it says.
public struct KeyNumber: Hashable, Sendable {
  /// The number as it shall be printed, with its unit.
  public var value: String
  public var label: String
  /// A remark in smaller print: an interval, a comparison.
  public var detail: String?

  public init(_ value: String, _ label: String, detail: String? = nil) {
    self.value = value
    self.label = label
    self.detail = detail
  }
}

extension Report {
  var figures: [Figure] {
    sections.flatMap(\.blocks).compactMap {
      if case .figure(let figure) = $0 { figure } else { nil }
    }
  }

  /// The tables that are written as files.
  var namedTables: [(name: String, table: Table)] {
    sections.flatMap(\.blocks).compactMap { block in
      guard case .table(let table, _, let name?) = block else { return nil }
      return (name, table)
    }
  }
}
