import Foundation

/// What a figure is drawn for: a desktop page or paper, or the width of a telephone.
enum Page: Sendable {
  case wide
  case narrow
}

/// Where everything of a figure stands, in pixels from the top left corner.
///
/// gnuplot's own layout guesses the width of text and lets labels collide; here all margins follow
/// from the ticks and labels themselves, and a label is placed only where it fits.
struct FigureLayout {
  static let fontSize = 13.0
  static let line = 17.0

  let width: Double
  let height: Double
  let titleLines: [String]
  let noteLines: [String]
  let panels: [PanelLayout]

  init(_ figure: Figure, page: Page) {
    let columns = Self.columns(figure, page)
    let width: Double =
      switch (page, columns) {
      case (.narrow, _): 400
      case (.wide, 1): 680
      case (.wide, 2): 960
      case (.wide, 3): 1080
      case (.wide, _): 340 * Double(columns)
      }
    let plotHeight: Double = page == .narrow ? 220 : columns == 1 ? 330 : columns == 2 ? 270 : 250
    let cell = width / Double(columns)

    var panels = figure.panels.indices.map { index in
      PanelLayout(
        figure, index, plotWidth: cell - 70, plotHeight: plotHeight,
        namesY: index % columns == 0 || !figure.panelsShareY(index - 1, index))
    }
    Self.assignLabels(figure, &panels, columns: columns, page: page)

    let lefts = (0..<columns).map { c in
      Self.column(c, columns, panels).map(\.leftMargin).max() ?? 0
    }
    let rights = (0..<columns).map { c in
      Self.column(c, columns, panels).map(\.rightMargin).max() ?? 0
    }
    let free = width - lefts.reduce(0, +) - rights.reduce(0, +)
    let plotWidth = max(free / Double(columns), 60)

    titleLines = figure.title.map { Self.lines($0, width: width - 24, size: 16) } ?? []
    noteLines = figure.note.map { Self.lines($0, width: width - 24, size: 12) } ?? []
    var top = 8 + 24 * Double(titleLines.count) + 17 * Double(noteLines.count)
    for start in stride(from: 0, to: panels.count, by: columns) {
      let row = start..<min(start + columns, panels.count)
      for index in row {
        let c = index - start
        panels[index].left =
          lefts[...c].reduce(0, +) + rights[..<c].reduce(0, +) + plotWidth * Double(c)
        panels[index].right = panels[index].left + plotWidth
        panels[index].fitText(figure.panels[index])
      }
      let header = row.map { panels[$0].headerHeight }.max() ?? 0
      for index in row {
        panels[index].top = top + header
        panels[index].bottom = top + header + plotHeight
        panels[index].placeKey(figure.panels[index])
      }
      top += header + plotHeight + (row.map { panels[$0].footerHeight }.max() ?? 0)
    }
    self.width = width
    height = (top + 4).rounded(.up)
    self.panels = panels
  }

  private static func columns(_ figure: Figure, _ page: Page) -> Int {
    if page == .narrow { return 1 }
    let count = figure.panels.count
    if let columns = figure.columns { return min(max(columns, 1), max(count, 1), 6) }
    return count == 4 ? 2 : min(count, 3)
  }

  private static func column(
    _ column: Int, _ columns: Int, _ panels: [PanelLayout]
  ) -> [PanelLayout] {
    stride(from: column, to: panels.count, by: columns).map { panels[$0] }
  }

  /// Chooses which panel names which series, and whether at the ends of the curves or in a key.
  ///
  /// Panels that all show the same series name them once: at the right end of the first row where
  /// the names fit there, else in the first panel.
  private static func assignLabels(
    _ figure: Figure, _ panels: inout [PanelLayout], columns: Int, page: Page
  ) {
    struct Name: Hashable {
      var label: String
      var role: Series.Role
    }
    let names = panels.indices.map { p in
      panels[p].named.map { s in
        Name(label: figure.panels[p].series[s].label, role: figure.panels[p].series[s].role)
      }
    }
    let share = page == .narrow ? 0.2 : 0.32
    let drawn = names.indices.filter { !names[$0].isEmpty }
    guard let first = drawn.first else { return }
    if drawn.count > 1, drawn.allSatisfy({ Set(names[$0]) == Set(names[first]) }) {
      let last = drawn.last { $0 < columns } ?? first
      if !panels[last].labelDirectly(figure.panels[last], share: share) {
        panels[first].key = .init(entries: panels[first].named)
      }
      return
    }
    var seen: Set<Name> = []
    for p in drawn {
      panels[p].named = zip(panels[p].named, names[p]).filter { !seen.contains($0.1) }.map(\.0)
      seen.formUnion(names[p])
      if panels[p].named.isEmpty { continue }
      if !panels[p].labelDirectly(figure.panels[p], share: share) {
        panels[p].key = .init(entries: panels[p].named)
      }
    }
  }

  /// The text in lines of at most `width` pixels; three at most, the last one cut.
  static func lines(_ text: String, width: Double, size: Double = fontSize) -> [String] {
    let text = Text.clean(text)
    if text.isEmpty { return [] }
    if textWidth(text, size) <= width { return [text] }
    let lines = Text.wrap(text, columns: max(Int(width / (0.56 * size)), 4))
    return lines.count <= 3 ? lines : Array(lines[..<2]) + [lines[2].dropLast() + "…"]
  }

  /// The text, cut to `width` pixels.
  static func cut(_ text: String, width: Double) -> String {
    let text = Text.clean(text)
    if textWidth(text) <= width { return text }
    var end = text.endIndex
    while end > text.startIndex, textWidth(String(text[..<end]) + "…") > width {
      end = text.index(before: end)
    }
    return text[..<end] + "…"
  }

  /// The width of a text in pixels, from typical widths of sans-serif letters.
  static func textWidth(_ text: String, _ size: Double = fontSize) -> Double {
    text.reduce(0) { sum, character in
      let em =
        switch character {
        case "i", "j", "l", "t", "f", "I", ".", ",", ":", ";", "'", "|", "!", " ", "(", ")", "r",
          "′":
          0.31
        case "m", "w", "M", "W", "@", "%", "—": 0.86
        case "⁰"..."⁹", "²", "³", "¹", "⁻": 0.36
        case "A"..."Z": 0.69
        default: Text.columns(of: character) == 2 ? 1.0 : 0.56
        }
      return sum + em * size
    }
  }
}

extension Figure {
  /// Whether two panels have one range of y.
  func panelsShareY(_ a: Int, _ b: Int) -> Bool {
    let (a, b) = (panels[a].yAxis, panels[b].yAxis)
    return sharesY && a.label == b.label && a.scale == b.scale
  }
}
