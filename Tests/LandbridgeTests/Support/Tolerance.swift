/// What the suites accept, in one place: identities that hold exactly but for rounding in Double
/// (docs/theory.md §6), relative to the larger of 1 and the value, and what is rougher by nature.
enum Tolerance {
  static let exact = 1e-12
  /// Neurons in another order.
  static let permutation = 1e-13
  /// Formulas of dropout against the enumeration of subsets.
  static let moments = 1e-13
  /// A standard deviation is the root of a difference that is exact to ``moments``.
  static let deviation = 1e-11
  static let centralDifference = 1e-7
  /// Largest |a − b| over the largest |b|, of the fast convolutions in Float. Measured: up to 4e-6 for
  /// one layer of F(4×4, 3×3) with weights of random sign, 2e-7 for F(2×2, 3×3), 2.4e-6 for the
  /// networks of ReLU layers, where rounding errors of many layers average out.
  static let convolution = 1e-5
}

func isClose(_ a: Double, _ b: Double, _ tolerance: Double = Tolerance.moments) -> Bool {
  abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}
