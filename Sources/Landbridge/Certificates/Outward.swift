/// Bounds of rounding errors, for results that must not be too small.
enum Outward {
  /// u = 2⁻⁵³, the relative error of one operation.
  static let unit = Double.ulpOfOne / 2

  /// At least γ_n = nu/(1 − nu), what n operations in a row, or a sum of n terms in any order, may
  /// be off relative to the sum of the absolute values; and what is lost in computing with it.
  static func gamma(_ operations: Int) -> Double { 1.01 * Double(operations + 4) * unit }

  /// No less than x ≥ 0 that comes from so many operations on numbers that are not negative.
  static func enlarged(_ x: Double, operations: Int) -> Double {
    (x * (1 + 1.01 * gamma(operations)) + .leastNormalMagnitude).nextUp
  }
}
