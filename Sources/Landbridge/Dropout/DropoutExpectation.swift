/// What is expected of a random set of M neurons.
public struct DropoutExpectation: Sendable, Equatable, Codable {
  /// What `loss` is.
  public enum Basis: String, Sendable, Codable {
    /// `loss` and `standardDeviation` are those over all sets.
    case exact
    /// `loss` bounds the mean over all sets from above.
    case bound
    /// They are those of `draws` random sets, on the samples of the whole network's loss.
    case sampled
  }

  /// What the numbers below are.
  public var basis: Basis
  /// M, of the layer, or of the last hidden layer where it is all of them.
  public var kept: Int
  /// E_S L_S, as the basis says.
  public var loss: Double
  /// Over sets, not of the mean; `nil` where it is not known, or for a single draw.
  public var standardDeviation: Double?
  /// Q = E‖ŷ_S − ŷ‖², mean over all sets (γV), or over the draws.
  public var outputDistance: Double
  /// How many sets were drawn; `nil` where none were.
  public var draws: Int?
  /// L_N + κγV, what the mean over all sets does not exceed (E6), where only a bound is known of it:
  /// cross-entropy of the last hidden layer. Often far above what is measured.
  public var upperBound: Double?
}

extension DropoutExpectation {
  /// The means over random sets of M = `kept` neurons that were evaluated, at least one.
  init(kept: Int, of drawn: [DropoutEvaluation], upperBound: Double?) {
    let summary = SampleSummary(of: drawn.map(\.loss))
    self.init(
      basis: .sampled, kept: kept, loss: summary.mean,
      standardDeviation: summary.standardDeviation,
      outputDistance: drawn.reduce(0) { $0 + $1.outputDistance } / Double(drawn.count),
      draws: drawn.count, upperBound: upperBound)
  }
}

extension DropoutMoments {
  /// What the formulas say of sets of M = `kept` neurons, 1 ≤ M ≤ N: exact for squared loss, a bound
  /// for cross-entropy.
  ///
  /// - Complexity: O(1)
  public func expectation(kept: Int) -> DropoutExpectation {
    let loss = expectedLoss(kept: kept)
    return DropoutExpectation(
      basis: expectedLossIsUpperBound ? .bound : .exact, kept: kept, loss: loss,
      standardDeviation: standardDeviation(kept: kept),
      outputDistance: expectedDistance(kept: kept),
      upperBound: expectedLossIsUpperBound ? loss : nil)
  }
}
