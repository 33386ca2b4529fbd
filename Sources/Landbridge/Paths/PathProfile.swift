/// What the losses and errors along a path are, as plain values.
///
/// The position of a point is s ∈ [0, 1], with segments of equal length: point t of segment i of m
/// is s = (i + t)/m.
public struct PathProfile: Sendable, Codable, Equatable {
  /// A knot of the path.
  public struct Knot: Sendable, Codable, Equatable {
    /// As in ``PiecewiseLinearPath/Knot``.
    public var name: String
    /// L
    public var loss: Double
    /// The 0-1 error, a fraction; `nil` when targets are no classes.
    public var error: Double?
  }

  /// A segment of the path.
  public struct Segment: Sendable, Codable, Equatable {
    /// The index of the knot where it begins.
    public var from: Int
    /// The index of the knot where it ends.
    public var to: Int
    /// How outputs move along it, as far as that is proved.
    public var kind: SegmentKind
    /// E‖ŷ₁ − ŷ₀‖² between the ends; 0 where the kind is constant.
    public var outputDistance: Double
    /// For a constant segment that was verified: the largest |Δŷ| between its ends, over all samples
    /// and outputs, each computed from its own parameters. It stands for rounding alone.
    public var deviation: Double?
    /// For a sampled segment: the t at which it was evaluated, increasing.
    public var grid: [Double]?

    /// The smallest and the largest distance between neighbours in ``grid``.
    public var gridSpacing: ClosedRange<Double>? {
      guard let grid, grid.count > 1 else { return nil }
      let gaps = zip(grid, grid.dropFirst()).map { $1 - $0 }
      return gaps.min()!...gaps.max()!
    }
  }

  /// ℓ
  public var loss: Loss
  /// n
  public var samples: Int
  /// True when no segment is sampled: then all values below are those over every t. Otherwise every
  /// maximum below is the largest value found, on the exact segments and at the points of
  /// ``Segment/grid``.
  public var exact: Bool
  /// θ first, θ′ last.
  public var knots: [Knot]
  /// Segment i joins knots i and i + 1.
  public var segments: [Segment]
  /// L(θ) and L(θ′).
  public var endpointLosses: [Double]
  /// The largest loss on the path; convexity puts it at a knot of an exact path.
  public var maximumLoss: Double
  /// The first place where it is attained.
  public var maximumPlace: PathPlace
  /// max over the path of L − max{L(θ), L(θ′)} ≥ 0.
  public var barrier: Double
  /// max over the path of L − ((1 − s)·L(θ) + s·L(θ′)) ≥ 0, s the position.
  public var barrierChord: Double
  /// L at s = 1/2 minus (L(θ) + L(θ′))/2; of either sign.
  public var barrierMidpoint: Double
  /// The largest 0-1 error on the path, a fraction; `nil` when targets are no classes.
  public var errorMaximum: Double?
  /// A place at which, or right after which, it is attained; a knot if there is one.
  public var errorMaximumPlace: PathPlace?
  /// How many networks were evaluated on all samples.
  public var evaluations: Int
}

/// A place on a path: `t` ∈ [0, 1] of a segment.
public struct PathPlace: Sendable, Codable, Equatable {
  /// The index of the segment.
  public var segment: Int
  /// Where on it, from 0 to 1.
  public var t: Double

  /// The place `t` ∈ [0, 1] of a segment.
  public init(segment: Int, t: Double) {
    self.segment = segment
    self.t = t
  }

  /// s = (segment + t)/(number of segments).
  public func position(segments: Int) -> Double { (Double(segment) + t) / Double(segments) }
}

/// Loss and 0-1 error at a place on a path.
public struct PathPoint: Sendable, Codable, Equatable {
  /// s ∈ [0, 1], with segments of equal length.
  public var position: Double
  /// The index of the segment.
  public var segment: Int
  /// Where on it, from 0 to 1.
  public var t: Double
  /// L
  public var loss: Double
  /// A fraction; `nil` when targets are no classes.
  public var error: Double?

  /// Where the point is.
  public var place: PathPlace { PathPlace(segment: segment, t: t) }
}
