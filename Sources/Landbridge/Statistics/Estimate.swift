/// A mean over independent trials with its confidence interval.
public struct Estimate: Codable, Sendable, Equatable {
  /// Of the values.
  public var mean: Double
  /// Of one trial, with n − 1.
  public var standardDeviation: Double
  /// Student's interval for the mean; the mean itself for one trial.
  public var lower: Double
  /// The upper end of the interval.
  public var upper: Double
  /// How many trials.
  public var count: Int

  /// - Parameter confidence: of the interval, 0.95 unless told.
  public init(_ values: [Double], confidence: Double = 0.95) {
    precondition(!values.isEmpty, "estimate from no values")
    count = values.count
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    self.mean = mean
    guard values.count > 1 else {
      (standardDeviation, lower, upper) = (0, mean, mean)
      return
    }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = (squares / (n - 1)).squareRoot()
    let half =
      studentQuantile((1 + confidence) / 2, degrees: n - 1) * standardDeviation
      / n.squareRoot()
    (lower, upper) = (mean - half, mean + half)
  }
}
