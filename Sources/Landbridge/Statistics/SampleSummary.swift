/// Mean, standard deviation and quantiles of numbers that were drawn at random.
public struct SampleSummary: Sendable, Equatable {
  /// How many there are, at least one.
  public var draws: Int
  /// Of all of them.
  public var mean: Double
  /// With n − 1; `nil` for a single draw.
  public var standardDeviation: Double?
  /// In the order of the levels asked for.
  public var quantiles: [Quantile]

  /// The value that a fraction `level` of the numbers do not exceed.
  public struct Quantile: Sendable, Equatable {
    /// Between 0 and 1.
    public var level: Double
    /// Between order statistics, see ``quantile(_:_:)``.
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

/// In JSON a number that is not finite is `null`.
extension SampleSummary: Encodable {
  private enum CodingKeys: String, CodingKey { case draws, mean, standardDeviation, quantiles }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(draws, forKey: .draws)
    try container.encodeFinite(mean, forKey: .mean)
    try container.encodeFinite(standardDeviation, forKey: .standardDeviation)
    try container.encode(quantiles, forKey: .quantiles)
  }
}

extension SampleSummary.Quantile: Encodable {
  private enum CodingKeys: String, CodingKey { case level, value }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(level, forKey: .level)
    try container.encodeFinite(value, forKey: .value)
  }
}

extension KeyedEncodingContainer {
  /// JSON knows no NaN and no infinity.
  mutating func encodeFinite(_ value: Double?, forKey key: Key) throws {
    if let value, value.isFinite {
      try encode(value, forKey: key)
    } else {
      try encodeNil(forKey: key)
    }
  }
}
