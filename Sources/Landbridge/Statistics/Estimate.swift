/// A mean over independent trials with its confidence interval, where there are enough of them.
public struct Estimate: Codable, Sendable, Equatable {
  /// Of the values.
  public var mean: Double
  /// Of one trial, with n − 1; 0 for a single trial.
  public var standardDeviation: Double
  /// Student's interval for the mean; `nil` for fewer than ``minimalCount`` trials.
  public var interval: ClosedRange<Double>?
  /// How many trials.
  public var count: Int

  /// How many trials an interval takes. One says nothing of scatter; from two, Student's interval at
  /// 95 % is 13 times as long as they are apart.
  public static let minimalCount = 3

  /// - Parameter confidence: of the interval, 0.95 unless told.
  public init(_ values: [Double], confidence: Double = 0.95) {
    precondition(!values.isEmpty, "estimate from no values")
    count = values.count
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    self.mean = mean
    guard values.count > 1 else {
      standardDeviation = 0
      return
    }
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    standardDeviation = (squares / (n - 1)).squareRoot()
    guard values.count >= Self.minimalCount else { return }
    let half =
      studentQuantile((1 + confidence) / 2, degrees: n - 1) * standardDeviation
      / n.squareRoot()
    interval = mean - half...mean + half
  }
}
