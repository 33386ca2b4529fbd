/// The numbers of a figure as one CSV table, and where each series finds its columns.
///
/// Arrays that are equal share a column, so that curves over the same positions stand side by side.
struct FigureData {
  /// One-based columns, as gnuplot counts them.
  struct Columns: Equatable {
    var x: Int
    var y: Int
    var band: (lower: Int, upper: Int)?
    var errorBars: (lower: Int, upper: Int)?

    static func == (a: Columns, b: Columns) -> Bool {
      a.x == b.x && a.y == b.y && a.band?.lower == b.band?.lower && a.band?.upper == b.band?.upper
        && a.errorBars?.lower == b.errorBars?.lower && a.errorBars?.upper == b.errorBars?.upper
    }
  }

  private(set) var headers: [String] = []
  private(set) var values: [[Double]] = []
  /// Per panel, per series.
  private(set) var columns: [[Columns]] = []
  private var positions: [PositionKey: Int] = [:]

  private struct PositionKey: Hashable {
    var label: String
    var values: [UInt64]
  }

  init(_ figure: Figure) throws(ReportError) {
    for (p, panel) in figure.panels.enumerated() {
      var row: [Columns] = []
      for (s, series) in panel.series.enumerated() {
        try Self.check(series, figure: figure.name, panel: p)
        var name = Text.clean(series.label, limit: 120)
        if name.isEmpty { name = "series \(s + 1)" }
        if figure.panels.count > 1 {
          let title = Text.clean(panel.title ?? "", limit: 120)
          name = (title.isEmpty ? "panel \(p + 1)" : title) + ": " + name
        }
        row.append(append(series, name: name, position: panel.xAxis.label))
      }
      columns.append(row)
    }
  }

  private static func check(
    _ series: Series, figure: String, panel: Int
  ) throws(ReportError) {
    let arrays = [
      ("y", series.y.count), ("band.lower", series.band?.lower.count),
      ("band.upper", series.band?.upper.count),
      ("errorBars.lower", series.errorBars?.lower.count),
      ("errorBars.upper", series.errorBars?.upper.count),
    ]
    for case (let array, let count?) in arrays where count != series.x.count {
      throw .unequalCounts(
        figure: figure, panel: panel, series: series.label, array: array, count: count,
        x: series.x.count)
    }
  }

  private mutating func append(_ series: Series, name: String, position: String) -> Columns {
    let key = PositionKey(label: position, values: series.x.map(\.bitPattern))
    var label = Text.clean(position, limit: 120)
    if label.isEmpty { label = "x" }
    if headers.contains(label) { label += " (\(name))" }
    let x = positions[key] ?? add(label, series.x)
    positions[key] = x
    var columns = Columns(x: x, y: add(name, series.y))
    if let band = series.band {
      columns.band = (add(name + ", lower", band.lower), add(name + ", upper", band.upper))
    }
    if let bars = series.errorBars {
      columns.errorBars = (add(name + ", low", bars.lower), add(name + ", high", bars.upper))
    }
    return columns
  }

  /// Appends a column under a name made unique; returns its one-based number.
  private mutating func add(_ name: String, _ values: [Double]) -> Int {
    var header = name
    var copy = 2
    while headers.contains(header) {
      header = "\(name) (\(copy))"
      copy += 1
    }
    headers.append(header)
    self.values.append(values)
    return headers.count
  }

  /// The table in CSV (RFC 4180, line ends LF): a header row, then the values in full precision,
  /// with `NaN` for values that are not finite and empty cells below shorter columns.
  var csv: String {
    guard !headers.isEmpty else { return "x\n" }
    var text = headers.map(Text.csv).joined(separator: ",") + "\n"
    for row in 0..<(values.map(\.count).max() ?? 0) {
      text += values.map { $0.indices.contains(row) ? Text.exact($0[row]) : "" }
        .joined(separator: ",")
      text += "\n"
    }
    return text
  }
}
