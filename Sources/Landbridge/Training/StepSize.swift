internal import LinearAlgebra

/// The step size α_k of online SGD.
///
/// With ``Scaling/meanField`` a step moves every parameter by O(α) whatever the widths: the gradient
/// of W₁ is multiplied by αN₁, that of a middle W_ℓ by αN_ℓN_{ℓ−1}, that of the output layer by αN_L,
/// that of a bias by αN_ℓ, or α for the output's (docs/theory.md §2). With ``Scaling/standard`` α multiplies
/// the plain gradient.
public struct StepSize: Codable, Sendable, Equatable {
  /// α_k as a fraction of α₀, for step k = 0, 1, ….
  public enum Schedule: Codable, Sendable, Equatable {
    /// 1. What the theorems assume.
    case constant
    /// (1 + k/delay)^(−exponent)
    case power(exponent: Double, delay: Double)
    /// (1 + cos(πk/steps))/2, and 0 from step `steps` on.
    case cosine(steps: Int)
  }

  /// α₀ > 0.
  public var initial: Double
  /// α_k/α₀.
  public var schedule: Schedule

  /// - Parameter initial: α₀ > 0.
  public init(_ initial: Double, schedule: Schedule = .constant) {
    precondition(initial > 0 && initial.isFinite, "step size \(initial)")
    self.initial = initial
    self.schedule = schedule
  }

  /// α_k
  public func callAsFunction(_ k: Int) -> Double {
    switch schedule {
    case .constant: initial
    case .power(let exponent, let delay):
      initial * power(1 + Double(k) / delay, -exponent)
    case .cosine(let steps):
      k >= steps ? 0 : initial * (1 + cosine(.pi * Double(k) / Double(steps))) / 2
    }
  }
}
