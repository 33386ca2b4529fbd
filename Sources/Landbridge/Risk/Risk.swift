public import LinearAlgebra

/// What networks are judged by: the expectation of a loss over a law of samples (x, y).
///
/// ``EmpiricalRisk`` is that over n samples. Laws for which the expectation is known in closed form
/// conform too; all that asks for a `Risk` then works without samples. One that also knows the
/// moments of dropout is a ``DropoutRisk``.
public protocol Risk<Scalar>: Sendable {
  associatedtype Scalar: MatrixScalar

  /// ℓ
  var loss: Loss { get }

  /// E ℓ(ŷ, y), and the 0-1 error where targets name classes.
  func evaluate(_ network: Network<Scalar>) -> Evaluation

  /// E‖ŷ − ŷ′‖² over inputs, ŷ and ŷ′ the outputs of two networks of equal outputs.
  func outputDistance(_ network: Network<Scalar>, _ other: Network<Scalar>) -> Double
}

extension Network {
  /// Loss and 0-1 error: E ℓ(ŷ, y) and P(wrong class) under the law of `risk`.
  ///
  /// - Complexity: that of ``Risk/evaluate(_:)``.
  public func evaluate(on risk: some Risk<Scalar>) -> Evaluation { risk.evaluate(self) }

  /// E‖ŷ − ŷ′‖² over the inputs of `risk`, ŷ′ the outputs of `other`.
  public func outputDistance(to other: Network, on risk: some Risk<Scalar>) -> Double {
    risk.outputDistance(self, other)
  }
}
