internal import LinearAlgebra

/// What rounding can do to an activation: ``Activation/lipschitz`` and ``Activation/doubleError``, with
/// what else propagation needs.
struct ActivationRounding {
  /// |σ(x) − σ(y)| ≤ lipschitz·|x − y|
  private var lipschitz: Double
  /// The computed σ̂(z) is off by at most relative·|σ̂(z)| + absolute.
  private var relative: Double
  private var absolute: Double
  /// sup σ − inf σ; infinite where σ is unbounded.
  private let width: Double
  /// True where σ takes pairs of numbers without any rounding of its own.
  let isExact: Bool

  init(_ σ: Activation) {
    // Relative to the computed value rather than to the exact one.
    (lipschitz, relative) = (σ.lipschitz, σ.doubleError.relative * (1 + 0x1p-40))
    absolute = roundedUp(σ.doubleError.absolute)
    isExact = σ == .identity || σ == .relu
    switch σ {
    case .identity, .relu, .softplus, .leakyReLU, .elu, .selu, .silu, .gelu, .geluTanh:
      width = .infinity
    case .tanh, .erf, .cos, .hardTanh: width = 2
    case .sigmoid: width = 1
    case .ramp(let low, let high, let from, let to):
      width = roundedUp(abs(high - low))
      (lipschitz, absolute) = Self.ofRamp(low, high, from, to)
    }
  }

  /// The same for ``DoubleDouble/extended(_:)``.
  var extended: ActivationRounding {
    var result = self
    result.relative = 0x1p-88
    result.absolute = roundedUp(absolute * 0x1p-40 + 0x1p-1000)
    return result
  }

  /// low + slope·(z − from): the slope and z − from are each rounded a few times, their product is
  /// at most |high − low|, and the slope may underflow.
  private static func ofRamp(
    _ low: Double, _ high: Double, _ from: Double, _ to: Double
  ) -> (lipschitz: Double, absolute: Double) {
    let (rise, run, level) = (abs(high - low), to - from, abs(low) + abs(high))
    guard rise.isFinite, run.isFinite, level.isFinite, run > 0 else {
      return (.infinity, .infinity)
    }
    return (
      roundedUp(roundedUp(rise) / run), roundedUp(32 * unit * level + 0x1p-1060 * run)
    )
  }

  /// Replaces bounds `e` on the errors of z by those on the errors of the computed σ(z); `z` and `h`
  /// are the computed values. Where `h` is not finite it becomes 0, of unknown error.
  ///
  /// - Returns: a bound on ‖e_h‖₂ given one on ‖e_z‖₂.
  @unsafe func propagate(
    _ count: Int, isRectifier: Bool, z: UnsafePointer<Double>, h: UnsafeMutablePointer<Double>,
    errors e: UnsafeMutablePointer<Double>, norm η: Double
  ) -> Double {
    var (squares, own) = (0.0, 0.0)
    for i in 0..<count {
      let kernel = unsafe relative * abs(h[i]) + absolute
      var bound = unsafe isExact ? e[i] : roundedUp(lipschitz * e[i] + kernel)
      // Both the exact and the computed preactivation are negative; never so where e is infinite.
      if isRectifier, unsafe z[i] < -roundedUp(e[i]) { bound = 0 }
      bound = bound <= width ? bound : roundedUp(width)
      if unsafe !h[i].isFinite {
        unsafe h[i] = 0
        bound = .infinity
      }
      unsafe e[i] = bound
      squares += bound * bound
      own += kernel * kernel
    }
    let propagated =
      isExact ? η : roundedUp(lipschitz * η + norm(own, terms: count))
    return smaller(norm(squares, terms: count), propagated)
  }
}
