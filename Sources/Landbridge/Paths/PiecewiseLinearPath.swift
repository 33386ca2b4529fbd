public import LinearAlgebra

/// A path through parameter space: networks of one shape, its knots, and straight segments between.
///
/// The kind of a segment says how the output of the network moves along it (docs/theory.md §4), and so how
/// its losses are found: on constant and affine segments exactly, from the ends alone.
public struct PiecewiseLinearPath<Scalar: Real>: Sendable {
  /// A corner of the path.
  public struct Knot: Sendable {
    /// A short name for figures and tables.
    public var name: String
    public var network: Network<Scalar>

    public init(name: String, network: Network<Scalar>) {
      self.name = name
      self.network = network
    }
  }

  /// The straight segment between two knots.
  public struct Segment: Sendable {
    public var kind: SegmentKind
    /// Which parameters move, and why the kind follows.
    public var reason: String

    public init(kind: SegmentKind, reason: String) {
      self.kind = kind
      self.reason = reason
    }
  }

  /// θ first, θ′ last. Parameters that neighbouring knots have in common share their storage.
  public let knots: [Knot]
  /// Segment i joins knots i and i + 1.
  public let segments: [Segment]

  /// - Parameters:
  ///   - knots: at least two, all of the same shape.
  ///   - segments: one fewer.
  public init(knots: [Knot], segments: [Segment]) {
    precondition(
      knots.count >= 2 && segments.count == knots.count - 1,
      "path of \(knots.count) knots and \(segments.count) segments")
    precondition(
      knots.allSatisfy { $0.network.hasSameShape(as: knots[0].network) },
      "knots of different shapes")
    self.knots = knots
    self.segments = segments
  }

  /// The network at `t` ∈ [0, 1] of a segment.
  public func network(inSegment segment: Int, at t: Double) -> Network<Scalar> {
    knots[segment].network.interpolated(to: knots[segment + 1].network, at: t)
  }

  /// The straight line from one network to another: a single sampled segment.
  ///
  /// - Throws: ``ConnectError/shapes(_:)`` when the networks differ in shape.
  public static func straightLine(
    from start: Network<Scalar>, to end: Network<Scalar>
  ) throws(ConnectError) -> PiecewiseLinearPath {
    try ConnectError.requireSameShape(start, end)
    return PiecewiseLinearPath(
      knots: [Knot(name: "θ", network: start), Knot(name: "θ′", network: end)],
      segments: [Segment(kind: .sampled, reason: "all parameters move")])
  }
}

/// How the outputs ŷ move along a segment, t ∈ [0, 1].
public enum SegmentKind: String, Codable, Sendable, CaseIterable {
  /// ŷ stays: only weights move that feed neurons nothing reads (P2), or weights shift between
  /// identical neurons (P3).
  case constant
  /// ŷ = (1 − t)ŷ₀ + tŷ₁: only the weights and the bias of the output layer move (P1).
  case affine
  /// Nothing is known; losses are computed on a grid of t.
  case sampled
}
