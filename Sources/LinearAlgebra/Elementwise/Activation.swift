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
/// | `elu`, `selu` | 1.9    | 1.8        | 1.7        | 1.7         |
/// | `silu`     | 3.7       | 4.9        | 3.6        | 5.4         |
/// | `gelu`     | 5.3       | 3.1        | 6.1        | 4.0         |
/// | `geluTanh` | 2.8       | 2.8        | 2.6        | 2.8         |
///
/// Derivatives are computed without cancellation, so the table holds in the tails too, down to
/// e⁻⁸⁷ (`Float`) or e⁻⁷⁰⁸ (`Double`) times a small constant; below that they, the sigmoid, the
/// softplus, silu and both GELU become 0. Where σ′ of these three is a difference, to the left of 0,
/// its errors are counted in ulps of the larger term; the tail of `geluTanh` there, e^{−|v|}, may be
/// off by 1 + |v| times as much. `relu`, `hardTanh` and `identity` are exact, `leakyReLU` within half
/// an ulp; `ramp` is within two roundings of its larger level. NaN gives NaN; cos ±∞ is NaN. An
/// element's value does not depend on its position in the array, but may differ in the last place
/// between ``kernelLevel``s.
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
  /// σ(z) = z above 0, `slope`·z up to 0, with 0 < slope < 1; σ′(0) = slope
  case leakyReLU(slope: Double)
  /// σ(z) = z above 0, e^z − 1 up to 0: ELU with α = 1
  case elu
  /// σ(z) = λz above 0, λα(e^z − 1) up to 0, with λ = 1.0507… and α = 1.6732… of Klambauer et al.
  /// (2017)
  case selu
  /// σ(z) = z, cut off at ±1; σ′(±1) = 0
  case hardTanh
  /// σ(z) = z/(1 + e^{−z}), also called swish
  case silu
  /// σ(z) = z·Φ(z) with the normal distribution function Φ: PyTorch's default GELU
  case gelu
  /// σ(z) = z(1 + tanh(√(2/π)(z + 0.044715z³)))/2: JAX's default GELU
  case geluTanh

  /// The slope below 0 that PyTorch's and JAX's leaky ReLU have unless told otherwise.
  public static let usualLeakyReLU = leakyReLU(slope: 0.01)

  /// λ and λα of ``selu``.
  static let (seluSlope, seluLimit) = (1.0507009873554804934, 1.7580993408473768599)

  /// The ramp of the isotropic Gaussian task of Mei, Montanari and Nguyen (2018):
  /// s₁ = −2.5, s₂ = 7.5, t₁ = 0.5, t₂ = 1.5.
  public static let saturatingRamp = ramp(low: -2.5, high: 7.5, from: 0.5, to: 1.5)

  /// True when σ is bounded with a bounded Lipschitz derivative (tanh, sigmoid, erf, cos).
  public var satisfiesTheoremAssumptions: Bool {
    switch self {
    case .tanh, .sigmoid, .erf, .cos: true
    case .identity, .softplus, .relu, .ramp, .leakyReLU, .elu, .selu, .hardTanh, .silu, .gelu,
      .geluTanh:
      false
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
    case .leakyReLU(let slope):
      kernel = LB_LEAKY_RELU
      parameters[0] = slope
    case .elu:
      kernel = LB_SELU
      parameters = SIMD4(1, 1, 0, 0)
    case .selu:
      kernel = LB_SELU
      parameters = SIMD4(Self.seluSlope, Self.seluLimit, 0, 0)
    case .hardTanh: kernel = LB_HARD_TANH
    case .silu: kernel = LB_SILU
    case .gelu: kernel = LB_GELU
    case .geluTanh: kernel = LB_GELU_TANH
    }
    unsafe withUnsafeBytes(of: &parameters) {
      unsafe body(kernel, $0.baseAddress!.assumingMemoryBound(to: Double.self))
    }
  }
}
