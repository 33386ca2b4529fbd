/// Loss and error of a network against the number of neurons that dropout keeps.
///
/// In JSON a number that is not finite, or that there is no formula for, is `null`.
public struct DropoutCurve: Sendable, Equatable {
  /// The hidden layer ℓ ∈ 1 … L that neurons are dropped from; `nil` for all of them at once, in
  /// proportion to their widths.
  public var layer: Int?
  /// The width of that layer (of the last hidden layer where it is all of them).
  public var width: Int
  /// L_N
  public var loss: Double
  /// The 0-1 error of the whole network; `nil` when targets are no classes.
  public var error: Double?
  public var points: [Point]

  /// What is known of keeping M neurons.
  public struct Point: Sendable, Equatable {
    /// M
    public var kept: Int
    /// E_S L_S over all M-subsets, or an upper bound on it; `nil` where there is no formula (for other
    /// layers than the last).
    public var expectedLoss: Double?
    /// True when `expectedLoss` bounds the mean from above (cross-entropy) instead of being it.
    public var expectedLossIsUpperBound: Bool?
    /// √Var_S L_S over all M-subsets; `nil` where not asked for or without formula.
    public var standardDeviation: Double?
    /// L_M, the loss that the first M neurons give.
    public var lossOfFirst: Double
    /// Their 0-1 error.
    public var errorOfFirst: Double?
    /// Losses and errors of randomly drawn M-subsets; `nil` without draws.
    public var sampledLoss: SampleSummary?
    public var sampledError: SampleSummary?
  }
}

/// Mean, spread and quantiles of numbers that were drawn at random.
public struct SampleSummary: Sendable, Equatable {
  /// How many there are, at least one.
  public var draws: Int
  public var mean: Double
  /// With n − 1; `nil` for a single draw.
  public var standardDeviation: Double?
  public var quantiles: [Quantile]

  public struct Quantile: Sendable, Equatable {
    /// Between 0 and 1.
    public var level: Double
    public var value: Double
  }

  /// - Parameters:
  ///   - values: at least one.
  ///   - levels: in [0, 1].
  public init(of values: [Double], levels: [Double] = [0.05, 0.25, 0.5, 0.75, 0.95]) {
    precondition(!values.isEmpty, "no values to summarise")
    let n = Double(values.count)
    draws = values.count
    let mean = values.reduce(0, +) / n
    self.mean = mean
    standardDeviation =
      values.count > 1
      ? (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot() : nil
    let sorted = values.sorted()
    quantiles = levels.map { Quantile(level: $0, value: quantile(sorted, $0)!) }
  }
}

extension KeyedEncodingContainer {
  /// JSON knows no NaN and no infinity.
  fileprivate mutating func encodeFinite(_ value: Double?, forKey key: Key) throws {
    if let value, value.isFinite {
      try encode(value, forKey: key)
    } else {
      try encodeNil(forKey: key)
    }
  }
}

extension KeyedDecodingContainer {
  fileprivate func decodeNumber(forKey key: Key) throws -> Double {
    try decodeIfPresent(Double.self, forKey: key) ?? .nan
  }
}

extension DropoutCurve: Codable {
  private enum CodingKeys: String, CodingKey {
    case layer, width, loss, error
    case points = "curve"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    layer = try container.decodeIfPresent(Int.self, forKey: .layer)
    width = try container.decode(Int.self, forKey: .width)
    loss = try container.decodeNumber(forKey: .loss)
    error = try container.decodeIfPresent(Double.self, forKey: .error)
    points = try container.decode([Point].self, forKey: .points)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(layer, forKey: .layer)
    try container.encode(width, forKey: .width)
    try container.encodeFinite(loss, forKey: .loss)
    try container.encodeFinite(error, forKey: .error)
    try container.encode(points, forKey: .points)
  }
}

extension DropoutCurve.Point: Codable {
  private enum CodingKeys: String, CodingKey {
    case kept, expectedLoss, expectedLossIsUpperBound, standardDeviation, lossOfFirst, errorOfFirst
    case sampledLoss, sampledError
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kept = try container.decode(Int.self, forKey: .kept)
    expectedLoss = try container.decodeIfPresent(Double.self, forKey: .expectedLoss)
    expectedLossIsUpperBound = try container.decodeIfPresent(
      Bool.self, forKey: .expectedLossIsUpperBound)
    standardDeviation = try container.decodeIfPresent(Double.self, forKey: .standardDeviation)
    lossOfFirst = try container.decodeNumber(forKey: .lossOfFirst)
    errorOfFirst = try container.decodeIfPresent(Double.self, forKey: .errorOfFirst)
    sampledLoss = try container.decodeIfPresent(SampleSummary.self, forKey: .sampledLoss)
    sampledError = try container.decodeIfPresent(SampleSummary.self, forKey: .sampledError)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kept, forKey: .kept)
    try container.encodeFinite(expectedLoss, forKey: .expectedLoss)
    try container.encodeIfPresent(expectedLossIsUpperBound, forKey: .expectedLossIsUpperBound)
    try container.encodeFinite(standardDeviation, forKey: .standardDeviation)
    try container.encodeFinite(lossOfFirst, forKey: .lossOfFirst)
    try container.encodeFinite(errorOfFirst, forKey: .errorOfFirst)
    try container.encodeIfPresent(sampledLoss, forKey: .sampledLoss)
    try container.encodeIfPresent(sampledError, forKey: .sampledError)
  }
}

extension SampleSummary: Codable {
  private enum CodingKeys: String, CodingKey { case draws, mean, standardDeviation, quantiles }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    draws = try container.decode(Int.self, forKey: .draws)
    mean = try container.decodeNumber(forKey: .mean)
    standardDeviation = try container.decodeIfPresent(Double.self, forKey: .standardDeviation)
    quantiles = try container.decode([Quantile].self, forKey: .quantiles)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(draws, forKey: .draws)
    try container.encodeFinite(mean, forKey: .mean)
    try container.encodeFinite(standardDeviation, forKey: .standardDeviation)
    try container.encode(quantiles, forKey: .quantiles)
  }
}

extension SampleSummary.Quantile: Codable {
  private enum CodingKeys: String, CodingKey { case level, value }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    level = try container.decode(Double.self, forKey: .level)
    value = try container.decodeNumber(forKey: .value)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(level, forKey: .level)
    try container.encodeFinite(value, forKey: .value)
  }
}
