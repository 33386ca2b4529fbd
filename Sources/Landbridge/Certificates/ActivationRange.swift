internal import LinearAlgebra

extension Activation {
  /// The values of σ over a range of preactivations.
  func range(over z: ClosedRange<Double>) -> ClosedRange<Double> {
    func value(_ z: Double) -> Double {
      var one = Matrix<Double>(rows: 1, columns: 1, [z])
      one.apply(self)
      return one[0, 0]
    }
    // In order even where the kernels are monotone only up to their last bits.
    func values(orElse limits: (Double, Double)) -> ClosedRange<Double> {
      let isBounded = z.lowerBound.isFinite && z.upperBound.isFinite
      let ends = isBounded ? (value(z.lowerBound), value(z.upperBound)) : limits
      return min(ends.0, ends.1)...max(ends.0, ends.1)
    }
    switch self {
    case .identity: return z
    case .cos: return -1...1
    case .tanh, .erf: return values(orElse: (-1, 1))
    case .sigmoid: return values(orElse: (0, 1))
    case .relu: return max(z.lowerBound, 0)...max(z.upperBound, 0)
    case .softplus:
      if z.upperBound.isFinite { return 0...value(z.upperBound) }
      return 0...Double.infinity
    case .ramp(let low, let high, _, _): return values(orElse: (low, high))
    }
  }
}
