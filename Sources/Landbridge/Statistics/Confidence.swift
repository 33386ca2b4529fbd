/// The confidence 1 − δ of a statement, by its δ: near 1 the difference would lose all digits.
package struct Confidence: Equatable, Sendable {
  /// δ, the probability to fail; strictly between 0 and 1.
  package let failure: Double

  /// - Parameter failure: δ, strictly between 0 and 1.
  package init(failure: Double) {
    precondition(failure > 0 && failure < 1, "failure probability \(failure)")
    self.failure = failure
  }

  /// 1 − δ as a Double, for show.
  package var value: Double { 1 - failure }
}
