public import Landbridge
public import LinearAlgebra

/// A way from one trained network to another.
public enum ConnectionMethod: String, Codable, Sendable, CaseIterable {
  /// The paper's path through dropout; exact.
  case dropout
  /// The straight line between the parameters; sampled.
  case straight

  func path<Scalar: Real>(
    from start: Network<Scalar>, to end: Network<Scalar>
  ) throws -> PiecewiseLinearPath<Scalar> {
    switch self {
    case .dropout: try .dropout(from: start, to: end)
    case .straight: try .straightLine(from: start, to: end)
    }
  }

  /// Points for plotting on a segment that is not sampled.
  private var pointsPerSegment: Int { self == .dropout ? 20 : 1 }

  /// Connects two networks and evaluates the path on samples.
  ///
  /// - Throws: `ConnectError` for networks that do not fit each other, or values that are not finite.
  public func results<Scalar: Real>(
    from start: Network<Scalar>, to end: Network<Scalar>, on samples: Samples<Scalar>, loss: Loss
  ) throws -> PathResults {
    let evaluation = try PathEvaluation(of: path(from: start, to: end), on: samples, loss: loss)
    return PathResults(
      profile: evaluation.profile(), points: evaluation.points(perSegment: pointsPerSegment))
  }
}
