internal import LinearAlgebra

/// What rounding can do to an activation.
///
/// Constants are rounded up. Every kernel's error was measured against 50 digits, over millions of
/// arguments, at up to 3 units in the last place, 6u relatively (``Activation``); 32u is assumed,
/// since a maximum over samples is no proof. What underflows is covered by the absolute part.
struct ActivationRounding {
  /// |σ(x) − σ(y)| ≤ lipschitz·|x − y|
  var lipschitz: Double
  /// The computed σ(z) is off by at most relative·|σ̂(z)| + absolute.
  var relative: Double
  var absolute: Double
  /// sup σ − inf σ; infinite where σ is unbounded.
  var width: Double = .infinity
  /// True where σ is linear on either side of 0 without any rounding of its own, so that pairs of
  /// numbers can go through.
  var isExact = false

  /// The same for ``DoubleDouble/extended(_:)``.
  var extended: ActivationRounding {
    var result = self
    result.relative = 0x1p-88
    result.absolute = roundedUp(absolute * 0x1p-40 + 0x1p-1000)
    return result
  }

  private init(lipschitz: Double, relative: Double, absolute: Double) {
    (self.lipschitz, self.relative, self.absolute) = (lipschitz, relative, absolute)
  }

  /// From ``LinearAlgebra/Activation/lipschitz`` and ``LinearAlgebra/Activation/doubleError``, which
  /// is relative to the exact value: ``propagate(_:isRectifier:z:h:errors:norm:)`` rounds up by far
  /// more than that differs from the computed one.
  ///
  /// No default case: whoever adds an activation has to think about its rounding.
  init(_ σ: Activation) {
    let error = σ.doubleError
    self.init(
      lipschitz: σ.lipschitz, relative: error.relative,
      absolute: max(error.absolute, 0x1p-1020))
    switch σ {
    case .identity, .relu:
      (relative, absolute) = (0, 0)
      isExact = true
    case .tanh, .erf, .hardTanh: width = 2
    case .cos:
      // Near the zeros of cos only an absolute error is known.
      (relative, absolute) = (0, 32 * unit)
      width = 2
    case .sigmoid: width = 1
    case .ramp(let low, let high, let from, let to):
      self.init(ramp: low, high, from, to)
    case .softplus, .leakyReLU, .elu, .selu, .silu, .gelu, .geluTanh: break
    }
  }

  /// low + slope·(z − from): the slope and z − from are each rounded a few times, their product is
  /// at most |high − low|, and the slope may underflow.
  private init(ramp low: Double, _ high: Double, _ from: Double, _ to: Double) {
    let (rise, run) = (abs(high - low), to - from)
    let level = abs(low) + abs(high)
    guard rise.isFinite, run.isFinite, level.isFinite, run > 0 else {
      self.init(lipschitz: .infinity, relative: 0, absolute: .infinity)
      return
    }
    self.init(
      lipschitz: roundedUp(roundedUp(rise) / run), relative: 0,
      absolute: roundedUp(32 * unit * level + 0x1p-1060 * run))
    width = roundedUp(rise)
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
