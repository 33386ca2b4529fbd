import Foundation

/// Where the parts of one panel stand; see `FigureLayout`.
struct PanelLayout {
  /// A label at the right end of its curve.
  struct DirectLabel {
    var series: Int
    /// The share of the plot's height above its bottom.
    var height: Double
  }

  struct Key {
    var entries: [Int]
    var place = Place.below

    enum Place: CaseIterable {
      case topRight, topLeft, bottomRight, bottomLeft, below
    }
  }

  private(set) var x: AxisFrame
  let y: AxisFrame
  let namesY: Bool
  private let nominalWidth: Double
  private let plotHeight: Double
  /// The series with something to draw.
  let drawn: [Int]
  /// Those of `drawn` that this panel names.
  var named: [Int]
  var direct: [DirectLabel] = []
  var key: Key?
  private(set) var directWidth = 0.0
  private(set) var tilted = false
  private(set) var titleLines: [String] = []
  private(set) var noteLines: [String] = []
  private(set) var xLabelLines: [String] = []

  var left = 0.0
  var right = 0.0
  var top = 0.0
  var bottom = 0.0

  init(_ figure: Figure, _ index: Int, plotWidth: Double, plotHeight: Double, namesY: Bool) {
    let panel = figure.panels[index]
    self.namesY = namesY
    nominalWidth = plotWidth
    self.plotHeight = plotHeight
    let marked = panel.series.contains { $0.markers || !$0.line || $0.errorBars != nil }
    let knots = panel.annotations.compactMap { annotation -> AxisFrame.Tick? in
      guard case .knot(let x, let label) = annotation else { return nil }
      return .init(value: x, label: FigureLayout.cut(label, width: 130))
    }
    let frame = AxisFrame(
      panel.xAxis, values: panel.series.flatMap(\.x) + knots.map(\.value),
      padding: marked ? 0.04 : 0, includesZero: false, count: Int(plotWidth / 64))
    let named = knots.filter { frame.contains($0.value) }.sorted { $0.value < $1.value }
    x = named.isEmpty ? frame : AxisFrame(frame, ticks: named)

    let sharing = figure.panels.indices.filter { $0 == index || figure.panelsShareY($0, index) }
      .map { figure.panels[$0] }
    y = AxisFrame(
      panel.yAxis, values: sharing.flatMap { $0.valuesOfY },
      padding: 0.05, includesZero: true, count: Int(plotHeight / 44))
    let (x, y) = (x, y)
    drawn = panel.series.indices.filter { s in
      let series = panel.series[s]
      return zip(series.x, series.y).contains { x.scale.shows($0) && y.scale.shows($1) }
    }
    self.named = drawn.filter { !Text.clean(panel.series[$0].label).isEmpty }
    yLabel = Text.clean(panel.yAxis.label)
    thinsTicks = panel.xAxis.ticks != nil && named.isEmpty
    fitTicks(plotWidth)
  }

  /// Whether labels that do not fit are left out, not tilted.
  private let thinsTicks: Bool

  let yLabel: String

  private var tickWidth: Double {
    y.ticks.compactMap(\.label).map { FigureLayout.textWidth($0) }.max() ?? 0
  }

  var leftMargin: Double {
    guard namesY else { return max(12, halfWidth(labels.first)) }
    let margin = tickWidth + 16 + (yLabel.isEmpty ? 6 : 24)
    guard tilted, let first = labels.first else { return margin }
    return max(margin, 0.77 * FigureLayout.textWidth(first))
  }

  var rightMargin: Double { max(12, directWidth, tilted ? 0 : halfWidth(labels.last) + 4) }

  /// The labels of the x axis from left to right.
  private var labels: [String] {
    x.ticks.filter { $0.label != nil }.sorted { $0.value < $1.value }.compactMap(\.label)
  }

  private func halfWidth(_ label: String?) -> Double {
    FigureLayout.textWidth(label ?? "") / 2 + 4
  }

  /// Where the middle of the y label stands.
  var yLabelX: Double { left - tickWidth - 26 }

  /// Names the series at the ends of their curves, if all names fit there.
  ///
  /// - Parameter share: the largest part of the plot's width that the names may take.
  /// - Returns: whether they fit.
  mutating func labelDirectly(_ panel: Panel, share: Double) -> Bool {
    var labels: [DirectLabel] = []
    for s in named {
      let series = panel.series[s]
      guard series.directLabel, series.line, let end = lastPoint(of: series), end.x >= 0.85,
        (0...1).contains(end.y)
      else { return false }
      labels.append(.init(series: s, height: end.y))
    }
    let width = named.map { FigureLayout.textWidth(Text.clean(panel.series[$0].label)) }.max() ?? 0
    guard width <= share * nominalWidth else { return false }
    guard let spread = Self.spread(labels.map(\.height), gap: FigureLayout.line / plotHeight) else {
      return false
    }
    for i in labels.indices { labels[i].height = spread[i] }
    direct = labels
    directWidth = labels.isEmpty ? 0 : width + 16
    return true
  }

  private func lastPoint(of series: Series) -> (x: Double, y: Double)? {
    zip(series.x, series.y).compactMap { point in
      x.position(point.0).flatMap { px in y.position(point.1).map { (x: px, y: $0) } }
    }.filter { $0.x <= 1 + 1e-9 }.max { $0.x < $1.x }
  }

  /// Moves heights apart until neighbours are at least `gap` apart, within 0…1 and as little as
  /// possible; nil if a label would end far from its curve.
  static func spread(_ heights: [Double], gap: Double) -> [Double]? {
    guard Double(heights.count - 1) * gap <= 1 else { return nil }
    let order = heights.indices.sorted { heights[$0] < heights[$1] }
    // Labels that touch form a cluster with the mean of their wishes as its centre.
    var clusters: [(sum: Double, count: Int)] = []
    func bottom(_ c: (sum: Double, count: Int)) -> Double {
      let extent = Double(c.count - 1) * gap
      return min(max(c.sum / Double(c.count) - extent / 2, 0), 1 - extent)
    }
    for i in order {
      var cluster = (sum: heights[i], count: 1)
      while let last = clusters.last,
        bottom(last) + Double(last.count) * gap > bottom(cluster) + 1e-12
      {
        cluster = (cluster.sum + last.sum, cluster.count + last.count)
        clusters.removeLast()
      }
      clusters.append(cluster)
    }
    let placed = clusters.flatMap { c in (0..<c.count).map { bottom(c) + Double($0) * gap } }
    var result = heights
    for (i, height) in zip(order, placed) { result[i] = height }
    return zip(result, heights).allSatisfy { abs($0 - $1) <= 2.1 * gap } ? result : nil
  }

  mutating func fitText(_ panel: Panel) {
    let width = right - left
    titleLines = panel.title.map { FigureLayout.lines($0, width: width, size: 14) } ?? []
    noteLines = [panel.note, panel.leftOut].compactMap(\.self).flatMap {
      FigureLayout.lines($0, width: width, size: 12)
    }
    xLabelLines = FigureLayout.lines(panel.xAxis.label, width: width)
    fitTicks(width)
  }

  private mutating func fitTicks(_ width: Double) {
    if thinsTicks { x = x.thinned(width: width) }
    tilted = !thinsTicks && tilts(width)
  }

  /// Whether the labels of the x axis must be tilted to stand side by side.
  private func tilts(_ width: Double) -> Bool {
    let places = x.ticks.compactMap { tick in
      tick.label.map { (x.position(tick.value)! * width, FigureLayout.textWidth($0)) }
    }.sorted { $0.0 < $1.0 }
    return zip(places, places.dropFirst()).contains { a, b in b.0 - a.0 < (a.1 + b.1) / 2 + 6 }
  }

  var headerHeight: Double {
    8 + 19 * Double(titleLines.count) + 16 * Double(noteLines.count)
  }

  /// The height of the tick labels below the axis.
  var tickHeight: Double {
    guard tilted else { return 25 }
    let longest = x.ticks.compactMap(\.label).map { FigureLayout.textWidth($0) }.max() ?? 0
    return 18 + 0.64 * longest
  }

  var footerHeight: Double {
    let keyLines = key.map { $0.place == .below ? Double($0.entries.count) : 0 } ?? 0
    return tickHeight + FigureLayout.line * (Double(xLabelLines.count) + keyLines) + 8
      + (keyLines > 0 ? 6 : 0)
  }

  /// Levels of horizontal lines whose names stand at the left end, because at the right one they would
  /// stand on curves.
  private(set) var linesNamedLeft: Set<Double> = []

  private mutating func placeLineNames(_ panel: Panel) {
    let curves = curvePoints(panel)
    func hits(_ annotation: Annotation) -> Bool {
      let name = occupied(annotation)
      return curves.contains { point in
        name.contains { abs($0.x - point.x) < 0.03 && abs($0.y - point.y) < 0.03 }
      }
    }
    for case .horizontalLine(let y, let label) in panel.annotations {
      let annotation = Annotation.horizontalLine(y: y, label: label)
      guard hits(annotation) else { continue }
      linesNamedLeft.insert(y)
      if hits(annotation) { linesNamedLeft.remove(y) }
    }
  }

  /// Names horizontal lines where they are free, then puts the key into a corner without data, else
  /// below the plot.
  mutating func placeKey(_ panel: Panel) {
    placeLineNames(panel)
    guard let key else { return }
    let widest = key.entries.map { FigureLayout.textWidth(Text.clean(panel.series[$0].label)) }
    let width = ((widest.max() ?? 0) + 60) / (right - left)
    let height = (FigureLayout.line * Double(key.entries.count) + 10) / (bottom - top)
    self.key?.place = .below
    guard width <= 0.8, height <= 0.6 else { return }
    let points = occupied(panel)
    let free = Key.Place.allCases.first { place in
      let columns: ClosedRange<Double>
      let rows: ClosedRange<Double>
      switch place {
      case .topRight: (columns, rows) = (1 - width...1, 1 - height...1)
      case .topLeft: (columns, rows) = (0...width, 1 - height...1)
      case .bottomRight: (columns, rows) = (1 - width...1, 0...height)
      case .bottomLeft: (columns, rows) = (0...width, 0...height)
      case .below: return true
      }
      return !points.contains { columns.contains($0.x) && rows.contains($0.y) }
    }
    self.key?.place = free ?? .below
  }

  /// Points close to everything drawn, as shares of the plot's width and height.
  private func occupied(_ panel: Panel) -> [(x: Double, y: Double)] {
    var points = curvePoints(panel)
    for annotation in panel.annotations {
      switch annotation {
      case .text: break
      case .horizontalLine(let b, _):
        if let py = y.position(b) { points += (0...32).map { (Double($0) / 32, py) } }
      case .verticalLine(let a, _):
        if let px = x.position(a) { points += (0...32).map { (px, Double($0) / 32) } }
      case .knot: break
      }
      points += occupied(annotation)
    }
    return points
  }

  /// Points close to all curves, bands and bars.
  private func curvePoints(_ panel: Panel) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = []
    for s in drawn {
      let series = panel.series[s]
      let intervals = [series.band, series.errorBars].compactMap(\.self)
      for values in [series.y] + intervals.flatMap({ [$0.lower, $0.upper] }) {
        var previous: (x: Double, y: Double)?
        for (a, b) in zip(series.x, values) {
          guard let px = x.position(a), let py = y.position(b) else { continue }
          if let previous, series.line {
            for step in 1..<16 {
              let t = Double(step) / 16
              points.append(
                (previous.x + t * (px - previous.x), previous.y + t * (py - previous.y)))
            }
          }
          points.append((px, py))
          previous = (px, py)
        }
      }
    }
    return points
  }

  /// Where the labels of vertical lines stand, as a share of the plot's height.
  static let lineLabelHeight = 0.96

  /// The text of an annotation, cut to what fits into the plot.
  func text(_ annotation: Annotation) -> String {
    switch annotation {
    case .knot(_, let label), .verticalLine(_, let label), .horizontalLine(_, let label),
      .text(_, _, let label):
      FigureLayout.cut(label, width: 0.6 * (right - left))
    }
  }

  /// Points along the text of an annotation.
  private func occupied(_ annotation: Annotation) -> [(x: Double, y: Double)] {
    let width = FigureLayout.textWidth(text(annotation)) / (right - left)
    let line = FigureLayout.line / (bottom - top)
    let start: (x: Double, y: Double)
    switch annotation {
    case .knot: return []
    case .verticalLine(let a, _):
      guard let px = x.position(a) else { return [] }
      start = (px > 0.6 ? px - width : px, Self.lineLabelHeight)
    case .horizontalLine(let b, _):
      guard let py = y.position(b) else { return [] }
      start = (linesNamedLeft.contains(b) ? 0 : 1 - width, py > 0.9 ? py - line : py + line)
    case .text(let a, let b, _):
      guard let px = x.position(a), let py = y.position(b) else { return [] }
      start = (px, py)
    }
    return (0...16).flatMap { step in
      [-0.5, 0, 0.5].map { (start.x + Double(step) / 16 * width, start.y + $0 * line) }
    }
  }
}

extension AxisFrame {
  func contains(_ value: Double) -> Bool {
    position(value).map { (-1e-9...1 + 1e-9).contains($0) } ?? false
  }

  /// The same axis without the labels that do not fit beside those of larger values; of more than two
  /// dozen ticks those without a label go too.
  func thinned(width: Double) -> AxisFrame {
    var free = Double.infinity
    var ticks = self.ticks.sorted { $0.value > $1.value }
    for i in ticks.indices {
      guard let label = ticks[i].label, let place = position(ticks[i].value) else { continue }
      let half = FigureLayout.textWidth(label) / 2 + 3
      if place * width + half > free {
        ticks[i].label = nil
      } else {
        free = place * width - half
      }
    }
    let isCrowded = ticks.count > 24
    return AxisFrame(self, ticks: ticks.reversed().filter { !isCrowded || $0.label != nil })
  }
}

extension Panel {
  /// Everything that the range of y should show.
  ///
  /// On a logarithmic axis an interval whose lower end is near zero would stretch it over decades in
  /// which there is nothing else: it runs down to the axis, a third of the least value or lower.
  var valuesOfY: [Double] {
    let levels = annotations.compactMap { annotation -> Double? in
      if case .horizontalLine(let y, _) = annotation { y } else { nil }
    }
    let scale = yAxis.scale
    let shown = series.flatMap { series in series.y.filter(scale.shows) }
    let floor = scale == .linear ? -Double.infinity : (shown.min() ?? 0) / 3
    let ends = series.flatMap { series in
      [series.band, series.errorBars].compactMap(\.self).flatMap { interval in
        series.y.indices.filter { scale.shows(series.y[$0]) }.flatMap { i in
          [interval.upper[i], interval.lower[i]].filter(scale.shows).map { max($0, floor) }
        }
      }
    }
    return levels + shown + ends
  }

  /// Which values a logarithmic axis leaves out, in words; `nil` where none.
  var leftOut: String? {
    guard yAxis.scale != .linear else { return nil }
    let parts = series.compactMap { series -> String? in
      let places = zip(series.x, series.y).filter {
        xAxis.scale.shows($0) && $1.isFinite && !yAxis.scale.shows($1)
      }.map { Text.typographic(Text.significant($0.0, 6)) }
      guard !places.isEmpty else { return nil }
      return Text.clean(series.label) + " at "
        + (places.count <= 8
          ? places.joined(separator: ", ") : "\(places.count) of \(series.x.count) points")
    }
    return parts.isEmpty ? nil : "left out, not positive: " + parts.joined(separator: "; ")
  }
}
