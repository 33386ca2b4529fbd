internal import LinearAlgebra

/// Activations in about 90 bits: for outputs of which Double's last bits decide, where huge weights
/// cancel.
extension DoubleDouble {
  /// σ of a pair, off by at most 2⁻⁸⁸ of itself and the absolute error of
  /// ``ActivationRounding/extended``; `nil` for those that have no such version.
  static func extended(_ σ: Activation) -> ((DoubleDouble) -> DoubleDouble)? {
    switch σ {
    case .tanh: \.hyperbolicTangent
    case .sigmoid: \.logistic
    case .softplus: \.softplus
    case .ramp(let low, let high, let from, let to):
      ramp(low: low, high: high, from: from, to: to)
    case .leakyReLU(let slope): { $0.high > 0 ? $0 : $0 * DoubleDouble(slope) }
    case .elu: { $0.high > 0 ? $0 : $0.exponentialMinusOne }
    case .silu: { $0 * $0.logistic }
    case .hardTanh:
      { z in
        if z.high > 1 || (z.high == 1 && z.low > 0) { return DoubleDouble(1) }
        return z.high < -1 || (z.high == -1 && z.low < 0) ? DoubleDouble(-1) : z
      }
    case .identity, .relu, .erf, .cos, .selu, .gelu, .geluTanh: nil
    }
  }

  private var hyperbolicTangent: DoubleDouble {
    if abs(high) > 350 { return DoubleDouble(high < 0 ? -1 : 1) }
    let m = (high < 0 ? self : -self).scaled(by: 2).exponentialMinusOne
    let size = -m / (m + 2)
    return high < 0 ? -size : size
  }

  private var logistic: DoubleDouble {
    let e = (high < 0 ? self : -self).exponential
    return (high < 0 ? e : DoubleDouble(1)) / (e + 1)
  }

  /// max(z, 0) + log(1 + e^{−|z|}), by one step of Newton's iteration from Double.
  private var softplus: DoubleDouble {
    let e = (high < 0 ? self : -self).exponential
    let start = logarithm(onePlus: e.high)
    let m = DoubleDouble(-start).exponentialMinusOne
    // (1 + e)·e^{−y} − 1 is δ + δ²/2 for log(1 + e) = y + δ.
    let excess = e + m + e * m
    let correction = excess + -(excess * excess).scaled(by: 0.5)
    let small = DoubleDouble(start) + correction
    return high < 0 ? small : self + small
  }

  private static func ramp(
    low: Double, high: Double, from: Double, to: Double
  ) -> (DoubleDouble) -> DoubleDouble {
    let slope = DoubleDouble(sum: high, -low) / DoubleDouble(sum: to, -from)
    return { z in
      let (above, below) = (z + -from, z + -to)
      if above.high < 0 { return DoubleDouble(low) }
      return below.high > 0 ? DoubleDouble(high) : slope * above + low
    }
  }

  /// log 2 in three parts; products of the first two with integers below 2²⁰ are exact.
  private static let log2 = (0x1.62e42feep-1, 0x1.a39ef356p-33, 0x1.93c7673007e5fp-65)

  /// 1/k!, k = 2 … 11.
  private static let inverseFactorials: [DoubleDouble] = {
    var (list, factorial) = ([DoubleDouble](), 1.0)
    for k in 2...11 {
      factorial *= Double(k)
      list.append(DoubleDouble(1).divided(by: factorial))
    }
    return list
  }()

  /// k and e^r − 1 for e^x = 2^k e^r with |r| ≤ 0.35, the latter off by less than 2⁻⁹² of itself
  /// where k = 0, and of 1 elsewhere; −745 ≤ x ≤ 0.
  ///
  /// Taylor's series of r/512 up to the eleventh power, the rest of which is below 2⁻¹³⁰, then nine
  /// times e^{2y} − 1 = s(2 + s), which keeps the relative error.
  private var exponentialParts: (power: Double, minusOne: DoubleDouble) {
    let k = (high * 1.4426950408889634).rounded()
    var r = self
    if k != 0 {
      r = r + -(k * Self.log2.0)
      r = r + -(k * Self.log2.1)
      r = r + -DoubleDouble(product: k, Self.log2.2)
    }
    r = r.scaled(by: 0x1p-9)
    var series = Self.inverseFactorials[9]
    for index in (0..<9).reversed() { series = series * r + Self.inverseFactorials[index] }
    var s = r + r * r * series
    for _ in 0..<9 { s = s.scaled(by: 2) + s * s }
    return (Double(sign: .plus, exponent: Int(k), significand: 1), s)
  }

  /// e^x for x ≤ 0; 0 below −745.
  private var exponential: DoubleDouble {
    if high < -745 { return DoubleDouble(0) }
    let (power, minusOne) = exponentialParts
    return (minusOne + 1).scaled(by: power)
  }

  /// e^x − 1 for x ≤ 0.
  private var exponentialMinusOne: DoubleDouble {
    if high < -745 { return DoubleDouble(-1) }
    let (power, minusOne) = exponentialParts
    return minusOne.scaled(by: power) + (power - 1)
  }
}
