package import LinearAlgebra

extension Activation {
  /// An interval that holds σ(z) for every z of a range, ends at ±∞ included: rounded outwards by
  /// what the kernels may be off (``LinearAlgebra/Activation/doubleError``), and cut off where σ
  /// itself ends.
  package func range(over z: ClosedRange<Double>) -> ClosedRange<Double> {
    switch self {
    case .identity: return z
    case .relu: return max(z.lowerBound, 0)...max(z.upperBound, 0)
    case .hardTanh: return min(max(z.lowerBound, -1), 1)...min(max(z.upperBound, -1), 1)
    case .cos: return -1...1
    case .tanh, .erf: return rising(over: z, within: -1...1)
    case .sigmoid: return rising(over: z, within: 0...1)
    case .softplus: return rising(over: z, within: 0...(.infinity))
    case .elu: return rising(over: z, within: -1...(.infinity))
    // λα = 1.758099340847376859940…; all bounds below are rounded down.
    case .selu: return rising(over: z, within: -1.758099340847378...(.infinity))
    case .leakyReLU: return rising(over: z, within: -.infinity...(.infinity))
    case .ramp(let low, let high, _, _):
      return monotone(over: z, within: min(low, high)...max(low, high))
    // −0.278464542761073795…, at −1.27846454276107…
    case .silu: return dipping(over: z, to: -0.2784645427610738, near: -1.2785...(-1.2784))
    // −0.169971207479903662…, at −0.75179152469356…
    case .gelu: return dipping(over: z, to: -0.1699712074799037, near: -0.7518...(-0.7517))
    // −0.170040750571254051…, at −0.75246142207101…
    case .geluTanh: return dipping(over: z, to: -0.1700407505712541, near: -0.7525...(-0.7524))
    }
  }

  /// σ(z), enclosed. The kernels take ±∞ to the limits of σ there; −∞ of a function that falls to
  /// −∞ too.
  private func value(_ z: Double) -> ClosedRange<Double> {
    var one = Matrix<Double>(rows: 1, columns: 1, [z])
    one.apply(self)
    let value = one[0, 0]
    // Beyond the largest number, or at ±∞ itself.
    guard value.isFinite else {
      return z.isInfinite ? value...value : .greatestFiniteMagnitude...(.infinity)
    }
    let error = (doubleError.relative * abs(value) + doubleError.absolute).nextUp
    return (value - error).nextDown...(value + error).nextUp
  }

  private func rising(
    over z: ClosedRange<Double>, within bounds: ClosedRange<Double>
  ) -> ClosedRange<Double> {
    (value(z.lowerBound).lowerBound...value(z.upperBound).upperBound).clamped(to: bounds)
  }

  private func monotone(
    over z: ClosedRange<Double>, within bounds: ClosedRange<Double>
  ) -> ClosedRange<Double> {
    let (a, b) = (value(z.lowerBound), value(z.upperBound))
    return (min(a.lowerBound, b.lowerBound)...max(a.upperBound, b.upperBound))
      .clamped(to: bounds)
  }

  /// For σ that falls from 0 at −∞ to `minimum`, somewhere in `place`, and rises to ∞ from there:
  /// w·s(w) and the like grow with w > 0, so that σ′ has one zero. `minimum` is rounded down.
  private func dipping(
    over z: ClosedRange<Double>, to minimum: Double, near place: ClosedRange<Double>
  ) -> ClosedRange<Double> {
    let ends = monotone(over: z, within: minimum...(.infinity))
    return (z.overlaps(place) ? minimum : ends.lowerBound)...ends.upperBound
  }
}
