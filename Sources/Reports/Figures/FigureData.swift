/// The numbers of a figure as one CSV table, and where each series finds its columns.
///
/// Arrays that are equal share a column, so that curves over the same positions stand side by side.
struct FigureData {
  /// One-based columns, as gnuplot counts them.
  struct Columns {
    var x: Int
    var y: Int
    var band: (lower: Int, upper: Int)?
    var errorBars: (lower: Int, upper: Int)?
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
    let places = Self.places(figure)
    for (p, panel) in figure.panels.enumerated() {
      var row: [Columns] = []
      for (s, series) in panel.series.enumerated() {
        try Self.check(series, figure: figure.name, panel: p)
        var name = Text.clean(series.label, limit: 120)
        if name.isEmpty { name = "series \(s + 1)" }
        if !places[p].isEmpty { name = places[p] + ": " + name }
        row.append(append(series, name: name, position: panel.xAxis.label))
      }
      columns.append(row)
    }
  }

  /// What tells each panel's columns from those of the others: what is measured there, where that
  /// differs, and the panel's title.
  private static func places(_ figure: Figure) -> [String] {
    guard figure.panels.count > 1 else { return [""] }
    let measured = figure.panels.map { Text.clean($0.yAxis.label, limit: 120) }
    let titles = figure.panels.map { Text.clean($0.title ?? "", limit: 120) }
    let names = zip(measured, titles).map { measured, title in
      [measured, title].filter { !$0.isEmpty }.joined(separator: ", ")
    }
    let places = Set(measured).count > 1 ? names : titles
    return places.enumerated().map { p, place in
      if !place.isEmpty, places.count(where: { $0 == place }) == 1 { return place }
      return "panel \(p + 1)" + (place.isEmpty ? "" : ", " + place)
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
