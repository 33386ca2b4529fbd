internal import CKernels

/// A function σ: ℝ → ℝ applied to every preactivation of a layer, with its derivative σ′.
///
/// The theorems of Shevchenko and Mondelli (2020) ask for a bounded σ with bounded Lipschitz
/// derivative; ``satisfiesTheoremAssumptions`` says which of these are.
///
/// Largest errors found over [−20, 20] (cos: [−8191, 8191]; `Double`: [−45, 45] and ±10⁶) and 2²⁰
/// arguments spread logarithmically down to the subnormals, in units in the last place (ulp):
///
/// |            | σ `Float` | σ′ `Float` | σ `Double` | σ′ `Double` |
/// |------------|-----------|------------|------------|-------------|
/// | `tanh`     | 3.0       | 5.4        | 3.0        | 4.9         |
/// | `sigmoid`  | 2.7       | 4.6        | 2.5        | 4.4         |
/// | `erf`      | 2.5       | 2.1        | 2.9        | 2.1         |
/// | `softplus` | 2.6       | 2.7        | 2.7        | 2.5         |
/// | `cos`      | 2.1       | 2.2        | 2.3        | 2.4         |
///
/// Derivatives are computed without cancellation, so the table holds in the tails too, down to
/// e⁻⁸⁷ (`Float`) or e⁻⁷⁰⁸ (`Double`) times a small constant; below that they, the sigmoid and the
/// softplus become 0. `relu` and `identity` are exact; `ramp` is within two roundings of its larger
/// level. NaN gives NaN; cos ±∞ is NaN. An element's value does not depend on its position in the
/// array, but may differ in the last place between ``kernelLevel``s.
public enum Activation: Hashable, Sendable {
  /// σ(z) = z
  case identity
  /// σ(z) = tanh z
  case tanh
  /// σ(z) = 1/(1 + e^{−z})
  case sigmoid
  /// σ(z) = erf(z/√2)
  case erf
  /// σ(z) = log(1 + e^z)
  case softplus
  /// σ(z) = max(z, 0); σ′(0) = 0
  case relu
  /// σ(z) = cos z
  case cos
  /// `low` below `from`, `high` above `to`, linear between; σ′ = 0 outside, the slope within.
  case ramp(low: Double, high: Double, from: Double, to: Double)

  /// The ramp of the isotropic Gaussian task of Mei, Montanari and Nguyen (2018):
  /// s₁ = −2.5, s₂ = 7.5, t₁ = 0.5, t₂ = 1.5.
  public static let saturatingRamp = ramp(low: -2.5, high: 7.5, from: 0.5, to: 1.5)

  /// True when σ is bounded with a bounded Lipschitz derivative (tanh, sigmoid, erf, cos).
  public var satisfiesTheoremAssumptions: Bool {
    switch self {
    case .tanh, .sigmoid, .erf, .cos: true
    case .identity, .softplus, .relu, .ramp: false
    }
  }

  /// Calls `body` with the number of σ and its four parameters. No allocation: this runs per step.
  @unsafe func withKernel(_ body: (lb_function, UnsafePointer<Double>) -> Void) {
    var parameters = SIMD4<Double>.zero
    let kernel: lb_function
    switch self {
    case .identity: kernel = LB_IDENTITY
    case .tanh: kernel = LB_TANH
    case .sigmoid: kernel = LB_SIGMOID
    case .erf: kernel = LB_ERF
    case .softplus: kernel = LB_SOFTPLUS
    case .relu: kernel = LB_RELU
    case .cos: kernel = LB_COS
    case .ramp(let low, let high, let from, let to):
      kernel = LB_RAMP
      parameters = SIMD4(low, high, from, to)
    }
    unsafe withUnsafeBytes(of: &parameters) {
      unsafe body(kernel, $0.baseAddress!.assumingMemoryBound(to: Double.self))
    }
  }
}

/// `tanh`, `relu`, …; a ramp is written `ramp` (the standard one) or `ramp(-2.5,7.5,0.5,1.5)`.
extension Activation: LosslessStringConvertible {
  public static let allNames = [
    "tanh", "sigmoid", "erf", "softplus", "relu", "cos", "ramp", "identity",
  ]

  public init?(_ description: String) {
    switch description {
    case "identity", "linear": self = .identity
    case "tanh": self = .tanh
    case "sigmoid": self = .sigmoid
    case "erf": self = .erf
    case "softplus": self = .softplus
    case "relu": self = .relu
    case "cos": self = .cos
    case "ramp": self = .saturatingRamp
    default:
      guard description.hasPrefix("ramp("), description.hasSuffix(")") else { return nil }
      let numbers = description.dropFirst(5).dropLast().split(separator: ",").map { Double($0) }
      guard numbers.count == 4, let low = numbers[0], let high = numbers[1],
        let from = numbers[2], let to = numbers[3], from < to,
        low.isFinite, high.isFinite, from.isFinite, to.isFinite
      else { return nil }
      self = .ramp(low: low, high: high, from: from, to: to)
    }
  }

  public var description: String {
    switch self {
    case .identity: "identity"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .erf: "erf"
    case .softplus: "softplus"
    case .relu: "relu"
    case .cos: "cos"
    case .saturatingRamp: "ramp"
    case .ramp(let low, let high, let from, let to): "ramp(\(low),\(high),\(from),\(to))"
    }
  }
}
