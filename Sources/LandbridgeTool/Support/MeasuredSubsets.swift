import Artifacts
import Landbridge

/// How much the loss of random subsets exceeds that of the whole network on the same samples, where it
/// is measured because no exact formula is known.
struct MeasuredSubsets: Encodable {
  /// M
  var kept: Int
  var draws: Int
  /// Mean of L_S − L_N over the draws.
  var rise: Double
  /// Over sets, not of the mean.
  var standardDeviation: Double?
  /// Student's 95 % interval for the mean over all sets of M neurons; `nil` for a single draw.
  var interval: [Double]?
  /// What that mean does not exceed, where a bound is known (cross-entropy, the last hidden layer).
  var upperBound: Double?

  /// - Returns: `nil` where the expectation is exact.
  init?(_ expectation: DropoutExpectation, wholeLoss: Double) {
    guard expectation.basis == .sampled, let draws = expectation.draws else { return nil }
    (kept, self.draws) = (expectation.kept, draws)
    rise = expectation.loss - wholeLoss
    standardDeviation = expectation.standardDeviation
    if let deviation = standardDeviation {
      let half =
        studentQuantile(0.975, degrees: Double(draws - 1)) * deviation / Double(draws).squareRoot()
      interval = [rise - half, rise + half]
    }
    upperBound = expectation.upperBound.map { $0 - wholeLoss }
  }

  /// `20 random sets of 371 neurons raise the loss by 0.0081 (95 %: 0.0077 to 0.0085), ± 0.0009 from set to set`
  ///
  /// - Parameter sizes: M of every layer, where it is several.
  func sentence(sizes: [Int]? = nil) -> String {
    let ends = interval.map { " (95 %: \(short($0[0])) to \(short($0[1])))" } ?? ""
    let deviation = standardDeviation.map { ", ± \(short($0)) from set to set" } ?? ""
    let verb = draws == 1 ? "raises" : "raise"
    let size = (sizes ?? [kept]).map { grouped($0) }.joined(separator: ", ")
    return "\(counted(draws, "random set")) of \(size) neurons \(verb) the loss by "
      + "\(short(rise))\(ends)\(deviation)"
  }

  /// The bound, said as such; empty where there is none.
  var boundSentence: String {
    upperBound.map {
      " Of the mean over all sets, a bound that holds for any parameters says at most \(short($0))."
    } ?? ""
  }
}
