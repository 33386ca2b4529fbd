/// One figure: panels on a grid, written as data (CSV), a gnuplot script and a drawing (SVG).
///
/// A figure is plain data: it knows series of numbers and their roles, not what was measured.
/// Non-finite values, and values that are not positive on a logarithmic axis, are not drawn: they
/// interrupt their curve. Panels say which values a logarithmic axis leaves out. The CSV file holds
/// every value, the non-finite ones as `NaN`.
public struct Figure: Codable, Hashable, Sendable {
  /// The stem of the files written: letters, digits, `.`, `_` and `-`, at most 100 of them,
  /// beginning with a letter or a digit.
  public var name: String
  /// The heading above all panels.
  public var title: String?
  /// What must be said wherever the figure is shown, in grey below the title.
  public var note: String?
  /// The panels, row after row.
  public var panels: [Panel]
  /// The number of panels side by side on a wide page; nil chooses 1, 2 or 3.
  public var columns: Int?
  /// Whether panels whose y axes have the same label share one range; then only the first of
  /// neighbours names its ticks.
  public var sharesY: Bool
  /// What the figure shows, in a sentence or two; printed below it in a report and used as the text
  /// for readers who cannot see it.
  public var caption: String

  public init(
    name: String, title: String? = nil, note: String? = nil, panels: [Panel],
    columns: Int? = nil, sharesY: Bool = false, caption: String = ""
  ) {
    self.name = name
    self.title = title
    self.note = note
    self.panels = panels
    self.columns = columns
    self.sharesY = sharesY
    self.caption = caption
  }
}

/// One coordinate system with its series.
public struct Panel: Codable, Hashable, Sendable {
  public var title: String?
  /// A short remark in grey below the title.
  public var note: String?
  public var xAxis: Axis
  public var yAxis: Axis
  /// The series; later ones are drawn over earlier ones.
  public var series: [Series]
  public var annotations: [Annotation]

  public init(
    title: String? = nil, note: String? = nil, xAxis: Axis, yAxis: Axis, series: [Series],
    annotations: [Annotation] = []
  ) {
    self.title = title
    self.note = note
    self.xAxis = xAxis
    self.yAxis = yAxis
    self.series = series
    self.annotations = annotations
  }
}

/// One axis of a panel.
public struct Axis: Codable, Hashable, Sendable {
  public enum Scale: String, Codable, Sendable {
    case linear
    /// Logarithmic, ticks at powers of ten.
    case log10
    /// Logarithmic, ticks at powers of two.
    case log2
  }

  /// A tick with its text; nil prints the value.
  public struct Tick: Codable, Hashable, Sendable {
    public var value: Double
    public var label: String?

    public init(_ value: Double, _ label: String? = nil) {
      self.value = value
      self.label = label
    }
  }

  public var label: String
  public var scale: Scale
  /// The range shown; nil, or one the scale cannot show, fits the data.
  public var range: ClosedRange<Double>?
  /// The ticks; nil chooses them. Of labels that do not fit beside each other on the x axis those
  /// of larger values stay.
  public var ticks: [Tick]?

  public init(
    _ label: String, scale: Scale = .linear, range: ClosedRange<Double>? = nil,
    ticks: [Tick]? = nil
  ) {
    self.label = label
    self.scale = scale
    self.range = range
    self.ticks = ticks
  }
}

/// A mark in a panel that belongs to no series.
public enum Annotation: Codable, Hashable, Sendable {
  /// A vertical line at `x`, named on the x axis in place of its ticks: the knots of a path.
  case knot(x: Double, label: String)
  /// A vertical line at `x`, named at the top of the panel.
  case verticalLine(x: Double, label: String)
  /// A horizontal line at `y`, named at the right end of the panel.
  case horizontalLine(y: Double, label: String)
  /// Text with its left end at a point: the slope of a reference line.
  case text(x: Double, y: Double, label: String)
}
