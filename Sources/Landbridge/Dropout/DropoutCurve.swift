/// Loss and error of a network against the number of neurons that dropout keeps.
public struct DropoutCurve: Sendable, Equatable {
  /// The hidden layer ℓ ∈ 1 … L that neurons are dropped from; `nil` for all of them at once, in
  /// proportion to their widths.
  public var layer: Int?
  /// The width of that layer (of the last hidden layer where it is all of them).
  public var width: Int
  /// L_N, and the 0-1 error of the whole network.
  public var whole: Evaluation
  /// In the order asked for.
  public var points: [Point]

  /// What is known of keeping M neurons.
  public struct Point: Sendable, Equatable {
    /// M
    public var kept: Int
    /// Of all M-subsets, by formula; `nil` where there is none (for other layers than the last).
    public var expected: DropoutExpectation?
    /// L_M, the loss that the first M neurons give, and their 0-1 error.
    public var first: Evaluation
    /// Losses of randomly drawn M-subsets; `nil` without draws.
    public var sampledLoss: SampleSummary?
    /// Their 0-1 errors; `nil` also when targets are no classes.
    public var sampledError: SampleSummary?
  }

  /// The point of M = `kept` neurons, if there is one.
  public subscript(kept kept: Int) -> Point? { points.first { $0.kept == kept } }
}

/// In JSON a number that is not finite, or that there is no formula for, is `null`.
extension DropoutCurve: Encodable {
  private enum CodingKeys: String, CodingKey {
    case layer, width, loss, error
    case points = "curve"
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(layer, forKey: .layer)
    try container.encode(width, forKey: .width)
    try container.encodeFinite(whole.loss, forKey: .loss)
    try container.encodeFinite(whole.error, forKey: .error)
    try container.encode(points, forKey: .points)
  }
}

extension DropoutCurve.Point: Encodable {
  private enum CodingKeys: String, CodingKey {
    case kept, expectedLoss, expectedLossIsUpperBound, standardDeviation, lossOfFirst, errorOfFirst
    case sampledLoss, sampledError
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kept, forKey: .kept)
    try container.encodeFinite(expected?.loss, forKey: .expectedLoss)
    try container.encodeIfPresent(
      expected.map { $0.basis == .bound }, forKey: .expectedLossIsUpperBound)
    try container.encodeFinite(expected?.standardDeviation, forKey: .standardDeviation)
    try container.encodeFinite(first.loss, forKey: .lossOfFirst)
    try container.encodeFinite(first.error, forKey: .errorOfFirst)
    try container.encodeIfPresent(sampledLoss, forKey: .sampledLoss)
    try container.encodeIfPresent(sampledError, forKey: .sampledError)
  }
}
