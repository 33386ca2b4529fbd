/// One curve, band or set of points of a panel.
public struct Series: Codable, Hashable, Sendable {
  /// What a series stands for; it decides colour, line and marker, the same in every figure.
  public enum Role: Codable, Hashable, Sendable {
    /// The full network: blue, dashed.
    case full
    /// The network after dropout: orange, solid.
    case dropout
    /// Any other measurement: colour, dash and marker of a palette that colour-blind readers can
    /// tell apart, by index (modulo its size).
    case other(Int)
    /// A theoretical value: thin, black.
    case prediction
    /// A guide for the eye: thin, grey, dotted.
    case reference
  }

  /// A lower and an upper value for every point.
  public struct Interval: Codable, Hashable, Sendable {
    public var lower: [Double]
    public var upper: [Double]

    public init(lower: [Double], upper: [Double]) {
      self.lower = lower
      self.upper = upper
    }

    /// The interval center − halfWidth … center + halfWidth, for as many points as both have.
    public init(center: [Double], halfWidth: [Double]) {
      self.lower = zip(center, halfWidth).map { $0 - $1 }
      self.upper = zip(center, halfWidth).map { $0 + $1 }
    }
  }

  public var label: String
  public var role: Role
  public var x: [Double]
  public var y: [Double]
  /// A shaded band around the curve.
  public var band: Interval?
  /// Vertical bars at the points.
  public var errorBars: Interval?
  /// Whether the points are joined by a line.
  public var line: Bool
  /// Whether every point has a marker: where a curve is known at its points alone, readers must see
  /// them. Without markers the curve is known between its points too.
  public var markers: Bool
  /// Whether the label may stand at the end of the curve; false asks for a key.
  public var directLabel: Bool

  /// - Parameters:
  ///   - label: named in the figure; an empty label names nothing.
  ///   - x: positions; as many as `y`, checked when the figure is written.
  ///   - band: absolute lower and upper values, as many as `y`.
  ///   - errorBars: absolute lower and upper values, as many as `y`.
  public init(
    _ label: String, _ role: Role, x: [Double], y: [Double], band: Interval? = nil,
    errorBars: Interval? = nil, line: Bool = true, markers: Bool = true, directLabel: Bool = true
  ) {
    self.label = label
    self.role = role
    self.x = x
    self.y = y
    self.band = band
    self.errorBars = errorBars
    self.line = line
    self.markers = markers
    self.directLabel = directLabel
  }
}

extension Series.Role {
  struct Look {
    var color: String
    var width: Double
    /// gnuplot's dash pattern; nil is solid.
    var dashes: String?
    var point: Int
    /// A shade of `color` that is legible as text on white.
    var textColor: String
  }

  var look: Look {
    switch self {
    case .full:
      Look(color: "#1f4e9c", width: 2, dashes: "(8,5)", point: 7, textColor: "#1f4e9c")
    case .dropout:
      Look(color: "#ff7f0e", width: 2, dashes: nil, point: 5, textColor: "#b85600")
    case .prediction:
      Look(color: "#222222", width: 1, dashes: nil, point: 1, textColor: "#222222")
    case .reference:
      Look(color: "#777777", width: 1, dashes: "(4,3)", point: 2, textColor: "#6b6b6b")
    case .other(let index):
      Self.palette[((index % Self.palette.count) + Self.palette.count) % Self.palette.count]
    }
  }

  /// After Okabe and Ito (2008), without the blue and the orange that mean full and dropout.
  private static let palette = [
    Look(color: "#009e73", width: 2, dashes: nil, point: 9, textColor: "#00775a"),
    Look(color: "#c0579a", width: 2, dashes: "(12,4)", point: 13, textColor: "#a8417f"),
    Look(color: "#56b4e9", width: 2, dashes: "(3,3)", point: 11, textColor: "#1f7fb8"),
    Look(color: "#7a4a21", width: 2, dashes: "(12,4,3,4)", point: 4, textColor: "#7a4a21"),
    Look(color: "#5e3c99", width: 2, dashes: "(6,3)", point: 6, textColor: "#5e3c99"),
    Look(color: "#d0021b", width: 2, dashes: "(12,3,3,3,3,3)", point: 8, textColor: "#b30017"),
  ]
}
