/// The unevaluated sum of two numbers, |low| ≤ u|high|: about 106 bits.
///
/// Source: T. J. Dekker, A floating-point technique for extending the available precision (1971).
struct DoubleDouble {
  private(set) var high: Double
  private(set) var low: Double

  /// a + b, exactly, whatever their sizes (Knuth's TwoSum).
  init(sum a: Double, _ b: Double) {
    high = a + b
    let added = high - a
    low = (a - (high - added)) + (b - added)
  }

  /// Off by at most 4u² of the result.
  static func + (x: DoubleDouble, y: Double) -> DoubleDouble {
    let sum = DoubleDouble(sum: x.high, y)
    return DoubleDouble(sum: sum.high, sum.low + x.low)
  }

  /// Off by at most 8u² of the result unless it underflows.
  func divided(by n: Double) -> DoubleDouble {
    if n == 1 { return self }
    let quotient = high / n
    let remainder = high.addingProduct(-quotient, n) + low
    return DoubleDouble(sum: quotient, remainder / n)
  }
}
