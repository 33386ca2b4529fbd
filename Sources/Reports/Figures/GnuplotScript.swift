import Foundation

/// The gnuplot script that draws a figure from its CSV file.
///
/// All text stands in single-quoted strings, in which gnuplot substitutes nothing, on one line
/// each, and the terminal is told not to interpret markup: a label can only be a label.
struct GnuplotScript {
  let figure: Figure
  let layout: FigureLayout
  let data: FigureData

  private static let grey = "'#444444'"

  init(_ figure: Figure, layout: FigureLayout, data: FigureData) {
    self.figure = figure
    self.layout = layout
    self.data = data
  }

  var text: String {
    var lines = [
      "# Redraws \(figure.name).svg from \(figure.name).csv:  gnuplot \(figure.name).gp",
      "set encoding utf8",
      "set terminal svg size \(pixels(layout.width)),\(pixels(layout.height)) dynamic noenhanced "
        + "font 'Helvetica,13' background rgb '#ffffff'",
      "set output \(Self.file(figure.name + ".svg"))",
      "set datafile separator ','",
      "set datafile columnheaders",
      "set clip two",
      "set multiplot",
      "set border 3 lc rgb '#888888' lw 1",
      "set grid ytics lc rgb '#e6e6e6' lw 1 lt 1, lc rgb '#e6e6e6' lw 1 lt 1",
    ]
    for (i, line) in layout.titleLines.enumerated() {
      let place = at(x: 12, y: 20 + 22 * Double(i))
      lines.append("set label \(Self.quoted(line)) \(place) left font ',16' tc rgb '#222222'")
    }
    for (i, line) in layout.noteLines.enumerated() {
      let place = at(x: 12, y: 16 + 24 * Double(layout.titleLines.count) + 17 * Double(i))
      lines.append("set label \(Self.quoted(line)) \(place) left font ',12' tc rgb '#6b6b6b'")
    }
    for (index, panel) in figure.panels.enumerated() {
      lines.append("")
      lines += panelLines(panel, layout.panels[index], data.columns[index])
      lines += ["unset label", "unset arrow"]
    }
    lines += ["", "unset multiplot", "unset output", ""]
    return lines.joined(separator: "\n")
  }

  /// A gnuplot string that shows this text, on one line.
  ///
  /// Nothing is special in a single-quoted string but the quote, and gnuplot 5.4 misreads a doubled
  /// one at the start of a tick's label: the typographic apostrophe stands for it.
  static func quoted(_ text: String) -> String {
    let apostrophe: Unicode.Scalar = "’"
    let scalars = Text.clean(text).unicodeScalars.map { $0 == "'" ? apostrophe : $0 }
    // gnuplot leaves “>” as it is, and XML forbids this sequence in text.
    let line = String(String.UnicodeScalarView(scalars))
    return "'" + line.replacingOccurrences(of: "]]>", with: "]] >") + "'"
  }

  /// A gnuplot string that names a file in the working directory and can mean nothing else: by its
  /// first character a name could be a command, standard input or a function.
  private static func file(_ name: String) -> String {
    guard !Text.isFileName(name) else { return "'\(name)'" }
    return "'./" + name.replacingOccurrences(of: "'", with: "''") + "'"
  }

  private func panelLines(
    _ panel: Panel, _ frame: PanelLayout, _ columns: [FigureData.Columns]
  ) -> [String] {
    var lines = [
      "set lmargin at screen \(Self.number(frame.left / layout.width))",
      "set rmargin at screen \(Self.number(frame.right / layout.width))",
      "set tmargin at screen \(Self.number(1 - frame.top / layout.height))",
      "set bmargin at screen \(Self.number(1 - frame.bottom / layout.height))",
    ]
    lines += axisLines("x", frame.x, rotated: frame.tilted, named: true)
    lines += axisLines("y", frame.y, rotated: false, named: frame.namesY)
    lines += headings(panel, frame)
    for annotation in panel.annotations { lines += self.lines(for: annotation, frame) }
    for label in frame.direct {
      let series = panel.series[label.series]
      let y = frame.bottom - label.height * (frame.bottom - frame.top)
      let place = at(x: frame.right + 8, y: y)
      let color = series.role.look.textColor
      lines.append("set label \(Self.quoted(series.label)) \(place) left tc rgb '\(color)'")
    }
    lines.append(keyLine(frame))
    lines.append(plot(panel, frame, columns))
    return lines
  }

  private func axisLines(
    _ axis: String, _ frame: AxisFrame, rotated: Bool, named: Bool
  ) -> [String] {
    let ticks = frame.ticks.map { tick in
      let label = named ? tick.label ?? "" : ""
      return "\(Self.quoted(label)) \(tick.value + 0.0) \(tick.label == nil ? 1 : 0)"
    }
    let scale =
      switch frame.scale {
      case .linear: "unset logscale \(axis)"
      case .log10: "set logscale \(axis) 10"
      case .log2: "set logscale \(axis) 2"
      }
    return [
      scale,
      "set \(axis)range [\(frame.lower):\(frame.upper)] noextend",
      "set \(axis)tics \(rotated ? "rotate by 40 right" : "norotate") nomirror out "
        + "scale 0.5,0.3 offset \(axis == "x" ? "0,0.35" : "0.3,0") tc rgb \(Self.grey) (\(ticks.joined(separator: ", ")))",
    ]
  }

  private func headings(_ panel: Panel, _ frame: PanelLayout) -> [String] {
    var lines: [String] = []
    func add(_ text: String, _ place: String, _ style: String) {
      lines.append("set label \(Self.quoted(text)) \(place) \(style)")
    }
    let middle = (frame.left + frame.right) / 2
    let noteHeight = 16 * Double(frame.noteLines.count)
    let titleTop = frame.top - noteHeight - 19 * Double(frame.titleLines.count)
    for (i, line) in frame.titleLines.enumerated() {
      let place = at(x: frame.left, y: titleTop + 19 * Double(i) + 2)
      add(line, place, "left font ',14' tc rgb '#222222'")
    }
    for (i, line) in frame.noteLines.enumerated() {
      let place = at(x: frame.left, y: frame.top - noteHeight + 16 * Double(i))
      add(line, place, "left font ',12' tc rgb '#6b6b6b'")
    }
    for (i, line) in frame.xLabelLines.enumerated() {
      let y = frame.bottom + frame.tickHeight + FigureLayout.line * (Double(i) + 0.5)
      add(line, at(x: middle, y: y), "center tc rgb \(Self.grey)")
    }
    if frame.namesY, !frame.yLabel.isEmpty {
      let text = FigureLayout.cut(frame.yLabel, width: frame.bottom - frame.top + 20)
      let place = at(x: frame.yLabelX, y: (frame.top + frame.bottom) / 2)
      add(text, place, "center rotate by 90 tc rgb \(Self.grey)")
    }
    if frame.drawn.isEmpty {
      add("no data to show", "at graph 0.5, graph 0.5", "center tc rgb '#888888'")
    }
    return lines
  }

  private func lines(for annotation: Annotation, _ frame: PanelLayout) -> [String] {
    let text = Self.quoted(frame.text(annotation))
    let thin = "nohead back lc rgb '#b0b0b0' lw 1"
    switch annotation {
    case .knot(let x, _):
      guard frame.x.contains(x) else { return [] }
      return ["set arrow from first \(x), graph 0 to first \(x), graph 1 \(thin) dt (2,3)"]
    case .verticalLine(let x, _):
      guard let position = frame.x.position(x), frame.x.contains(x) else { return [] }
      let side = position > 0.6 ? "right offset char -0.5,0" : "left offset char 0.5,0"
      return [
        "set arrow from first \(x), graph 0 to first \(x), graph 1 \(thin)",
        "set label \(text) at first \(x), graph \(PanelLayout.lineLabelHeight) \(side) tc rgb '#6b6b6b'",
      ]
    case .horizontalLine(let y, _):
      guard let position = frame.y.position(y), frame.y.contains(y) else { return [] }
      let side = position > 0.9 ? -0.7 : 0.7
      let end =
        frame.linesNamedLeft.contains(y) ? "0.01, first \(y) left" : "0.99, first \(y) right"
      return [
        "set arrow from graph 0, first \(y) to graph 1, first \(y) \(thin)",
        "set label \(text) at graph \(end) "
          + "offset char 0,\(side) tc rgb '#6b6b6b'",
      ]
    case .text(let x, let y, _):
      guard frame.x.contains(x), frame.y.contains(y) else { return [] }
      return ["set label \(text) at first \(x), first \(y) left tc rgb '#6b6b6b'"]
    }
  }

  private func keyLine(_ frame: PanelLayout) -> String {
    guard let key = frame.key else { return "unset key" }
    let style = "samplen 2.2 spacing 0.87 tc rgb \(Self.grey) maxcols 1 noautotitle"
    switch key.place {
    case .topRight: return "set key at graph 0.99, graph 0.99 right top Right \(style)"
    case .topLeft: return "set key at graph 0.01, graph 0.99 left top Left reverse \(style)"
    case .bottomRight: return "set key at graph 0.99, graph 0.03 right bottom Right \(style)"
    case .bottomLeft: return "set key at graph 0.01, graph 0.03 left bottom Left reverse \(style)"
    case .below:
      let y =
        frame.bottom + frame.tickHeight + FigureLayout.line * Double(frame.xLabelLines.count) + 6
      return "set key \(at(x: frame.left, y: y)) left top Left reverse \(style)"
    }
  }

  private func plot(
    _ panel: Panel, _ frame: PanelLayout, _ columns: [FigureData.Columns]
  ) -> String {
    guard !frame.drawn.isEmpty else { return "plot NaN notitle" }
    var bands: [String] = []
    var curves: [String] = []
    for s in frame.drawn {
      let series = panel.series[s]
      let look = series.role.look
      let column = columns[s]
      let file = "\(Self.file(figure.name + ".csv")) using \(column.x)"
      if let band = column.band {
        // On a logarithmic axis a bound without a place there means “down to the axis”.
        let (low, high) = (clamped(band.lower, frame.y), clamped(band.upper, frame.y))
        bands.append(
          "\(file):\(low):\(high) with filledcurves fc rgb '\(look.color)' "
            + "fs transparent solid 0.2 noborder notitle")
      }
      if let bars = column.errorBars {
        // Not “with yerrorbars”: gnuplot 5.4 paints a white disc over the middle of each.
        let (low, high) = (clamped(bars.lower, frame.y), clamped(bars.upper, frame.y))
        // A bar without its point would be of nobody knows what.
        let start = frame.y.scale == .linear ? low : "(column(\(column.y)) > 0 ? \(low) : NaN)"
        curves.append(
          "\(file):\(start):(0):(\(high) - \(low)) with vectors heads "
            + "size screen \(Self.number(3 / layout.width)),90 lw 1.2 lc rgb '\(look.color)' notitle"
        )
      }
      let named = frame.key?.entries.contains(s) ?? false
      let width = FigureLayout.cut(
        series.label, width: frame.key?.place == .below ? layout.width - frame.left - 60 : 1000)
      let title = named ? "title \(Self.quoted(width))" : "notitle"
      curves.append("\(file):\(column.y) with \(style(series, look, frame)) \(title)")
    }
    return "plot " + (bands + curves).joined(separator: ", \\\n  ")
  }

  private func style(_ series: Series, _ look: Series.Role.Look, _ frame: PanelLayout) -> String {
    let visible = zip(series.x, series.y).count {
      frame.x.scale.shows($0) && frame.y.scale.shows($1)
    }
    let marked = series.markers || !series.line || visible == 1
    let color = "lc rgb '\(look.color)'"
    let point = "pt \(look.point) ps \(visible > 100 ? 0.3 : visible > 25 ? 0.35 : 0.5)"
    if !series.line { return "points \(point) \(color)" }
    let dashes = look.dashes.map { "dt \($0)" } ?? "dt 1"
    let line = "lw \(look.width) \(dashes) \(color)"
    return marked ? "linespoints \(point) \(line)" : "lines \(line)"
  }

  private func clamped(_ column: Int, _ axis: AxisFrame) -> String {
    guard axis.scale != .linear else { return "(column(\(column)))" }
    let floor = axis.lower / 1e3
    return "(column(\(column)) <= \(floor) ? \(floor) : column(\(column)))"
  }

  private func at(x: Double, y: Double) -> String {
    "at screen \(Self.number(x / layout.width)), screen \(Self.number(1 - y / layout.height))"
  }

  private func pixels(_ value: Double) -> Int { Int(value.rounded()) }

  private static func number(_ share: Double) -> String { Text.significant(share, 6) }
}
