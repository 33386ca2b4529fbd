/// What holds for every argument: for certificates, which round outwards.
extension Activation {
  /// An upper bound of |σ(x) − σ(y)|/|x − y|, within 10⁻⁴ of the least one.
  ///
  /// The exact function's, not its kernel's: see ``doubleError``.
  public var lipschitz: Double {
    switch self {
    case .identity, .tanh, .softplus, .relu, .cos, .leakyReLU, .elu, .hardTanh: 1
    case .sigmoid: 0.25
    case .erf: 0.7979  // √(2/π) = 0.79788…
    case .ramp(let low, let high, let from, let to):
      // Three roundings, and what a subnormal result may lose.
      (abs((high - low) / (to - from)) * (1 + 4 * Double.ulpOfOne)).nextUp
    case .selu: 1.7581  // λα = 1.758099…
    case .silu: 1.0999  // 1.099839… at 2.3994
    case .gelu: 1.129  // 1.128904… at √2
    case .geluTanh: 1.129  // 1.128993… at 1.4185
    }
  }

  /// r and a with |computed σ(z) − σ(z)| ≤ r·|σ(z)| + a for the `Double` kernels and every finite z.
  ///
  /// Generous: three times and more what the accuracy tests find. The absolute part is for values
  /// that may vanish, for a ramp also for the rounding of its levels.
  public var doubleError: (relative: Double, absolute: Double) {
    // 16 units in the last place.
    let relative = 16 * Double.ulpOfOne
    let least = Double.leastNonzeroMagnitude
    switch self {
    case .identity, .relu, .hardTanh: return (0, 0)
    case .leakyReLU: return (Double.ulpOfOne, least)
    case .ramp(let low, let high, _, _):
      return (0, 8 * Double.ulpOfOne * (abs(low) + abs(high)) + least)
    case .cos: return (relative, Double.ulpOfOne)
    case .tanh, .erf, .elu, .selu: return (relative, least)
    // 710·e⁻⁷⁰⁸ = 2.3·10⁻³⁰⁵ at most.
    case .sigmoid, .softplus, .silu, .gelu: return (relative, 1e-304)
    // Its exponent is rounded, so that the tail is only as good as its argument: |σ|·|v|·ulp/2 times 4.
    case .geluTanh: return (relative, Double.ulpOfOne)
    }
  }
}
