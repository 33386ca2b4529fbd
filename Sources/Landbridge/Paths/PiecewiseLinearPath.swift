public import LinearAlgebra

/// A path through parameter space: networks of one shape, its knots, and straight segments between.
///
/// What the weights at the ends of a segment prove says how the output of the network moves along it
/// (docs/theory.md §4), and so how its losses are found: on constant and affine segments exactly, from
/// the ends alone.
public struct PiecewiseLinearPath<Scalar: MatrixScalar>: Sendable {
  /// A corner of the path.
  public struct Knot: Sendable {
    /// A short name for figures and tables.
    public var name: String
    /// The network whose parameters are the corner.
    public var network: Network<Scalar>

    /// A corner of the given name.
    public init(name: String, network: Network<Scalar>) {
      self.name = name
      self.network = network
    }
  }

  /// The straight segment between two neighbouring knots.
  public struct Segment: Sendable, Equatable {
    /// The index of the knot where it begins.
    public let from: Int
    /// The index of the knot where it ends.
    public let to: Int
    /// What is proved of the outputs along it, from the weights of both knots.
    public let proof: SegmentProof

    /// How the outputs move along it, as far as that is proved.
    public var kind: SegmentKind {
      switch proof.kind {
      case .constant: .constant
      case .affine: .affine
      case nil: .sampled
      }
    }
  }

  /// θ first, θ′ last. Parameters that neighbouring knots have in common share their storage.
  public let knots: [Knot]
  /// Segment i joins knots i and i + 1.
  public let segments: [Segment]

  /// The path through the given knots, with what their weights prove of the segments between them.
  ///
  /// - Precondition: there are at least two knots, all of the same shape.
  /// - Complexity: O(number of weights) for every segment, see ``SegmentProof``.
  public init(knots: [Knot]) {
    precondition(knots.count >= 2, "path of \(knots.count) knots")
    precondition(
      knots.allSatisfy { $0.network.hasSameShape(as: knots[0].network) },
      "knots of different shapes")
    self.knots = knots
    segments = knots.indices.dropLast().map { index in
      Segment(
        from: index, to: index + 1,
        proof: SegmentProof(from: knots[index].network, to: knots[index + 1].network))
    }
  }

  /// The network at `t` ∈ [0, 1] of a segment.
  public func network(inSegment segment: Int, at t: Double) -> Network<Scalar> {
    let (from, to) = (segments[segment].from, segments[segment].to)
    return knots[from].network.interpolated(to: knots[to].network, at: t)
  }

  /// The straight line from one network to another: a single segment, which is sampled unless the
  /// networks differ in no more than output weights or idle neurons.
  ///
  /// - Throws: ``ConnectError/shapes(_:)`` when the networks differ in shape.
  public static func straightLine(
    from start: Network<Scalar>, to end: Network<Scalar>
  ) throws(ConnectError) -> PiecewiseLinearPath {
    try ConnectError.requireSameShape(start, end)
    return PiecewiseLinearPath(
      knots: [Knot(name: "θ", network: start), Knot(name: "θ′", network: end)])
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
