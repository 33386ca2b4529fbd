internal import LinearAlgebra

/// y ≈ prefactor · x^slope, fitted to means over trials.
public struct PowerLaw: Codable, Sendable, Equatable {
  /// β in y = c·x^β.
  public var slope: Double
  /// c
  public var prefactor: Double
  /// Percentile interval of the slope over resampled trials; `nil` where some x has fewer than
  /// ``Estimate/minimalCount`` of them.
  public var slopeInterval: ClosedRange<Double>?
  /// Of the interval, between 0 and 1.
  public var confidence: Double

  /// Least squares through (log x, log mean y); the interval from resampling the trials of every x
  /// with replacement (Efron's percentile bootstrap).
  ///
  /// - Parameters:
  ///   - points: for each x > 0 the values of the trials there. Points whose mean is not positive
  ///     are left out.
  ///   - seed: of the resampling.
  /// - Returns: `nil` when fewer than two x are left.
  public init?(
    _ points: [(x: Double, values: [Double])], confidence: Double = 0.95, draws: Int = 2000,
    seed: UInt64
  ) {
    func fit(_ means: [(Double, Double)]) -> (slope: Double, intercept: Double)? {
      let logs = means.filter { $0.0 > 0 && $0.1 > 0 }.map { (logarithm($0.0), logarithm($0.1)) }
      // Equal x, whose mean may round to another number, have no slope.
      guard logs.contains(where: { $0.0 != logs[0].0 }) else { return nil }
      let n = Double(logs.count)
      let (u, v) = (
        logs.reduce(0) { $0 + $1.0 } / n, logs.reduce(0) { $0 + $1.1 } / n
      )
      let spread = logs.reduce(0) { $0 + ($1.0 - u) * ($1.0 - u) }
      let slope = logs.reduce(0) { $0 + ($1.0 - u) * ($1.1 - v) } / spread
      return (slope, v - slope * u)
    }
    let mean = { (values: [Double]) in values.reduce(0, +) / Double(values.count) }
    guard let best = fit(points.map { ($0.x, mean($0.values)) }) else { return nil }
    (slope, prefactor) = (best.slope, exponential(best.intercept))
    self.confidence = confidence
    guard points.allSatisfy({ $0.values.count >= Estimate.minimalCount }) else { return }
    var generator = RandomStream(seed: seed, purpose: .bootstrap).generator()
    var slopes: [Double] = []
    for _ in 0..<draws {
      let resampled = points.map { point in
        let chosen = point.values.map { _ in
          point.values[generator.next(below: point.values.count)]
        }
        return (point.x, mean(chosen))
      }
      if let slope = fit(resampled)?.slope { slopes.append(slope) }
    }
    slopes.sort()
    let tail = (1 - confidence) / 2
    if let lower = quantile(slopes, tail), let upper = quantile(slopes, 1 - tail) {
      slopeInterval = lower...upper
    }
  }

  /// c·x^β
  public func callAsFunction(_ x: Double) -> Double { prefactor * power(x, slope) }
}
