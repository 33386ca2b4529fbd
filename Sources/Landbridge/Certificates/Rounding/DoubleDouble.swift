/// The unevaluated sum of two numbers, |low| ≤ u|high|: about 106 bits.
///
/// Errors are bounded as by M. Joldes, J.-M. Muller and V. Popescu, Tight and rigorous error bounds
/// for basic building blocks of double-word arithmetic (ACM TOMS 44, 2017), with room to spare, and
/// hold where nothing underflows or overflows.
struct DoubleDouble {
  private(set) var high: Double
  private(set) var low: Double

  /// Exact.
  init(_ x: Double) { (high, low) = (x, 0) }

  /// a + b, exactly, whatever their sizes (Knuth's TwoSum).
  init(sum a: Double, _ b: Double) {
    high = a + b
    let added = high - a
    low = (a - (high - added)) + (b - added)
  }

  /// a·b, exactly.
  init(product a: Double, _ b: Double) {
    high = a * b
    low = (-high).addingProduct(a, b)
  }

  /// A quotient of integers that Double holds: off by 4u² of itself.
  init(_ numerator: Double, over denominator: Double) {
    self = DoubleDouble(numerator).divided(by: denominator)
  }

  /// Off by at most 4u² of the result.
  static func + (x: DoubleDouble, y: Double) -> DoubleDouble {
    let sum = DoubleDouble(sum: x.high, y)
    return DoubleDouble(sum: sum.high, sum.low + x.low)
  }

  /// Off by at most 4u² of the result, also where terms cancel.
  static func + (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    let (high, low) = (DoubleDouble(sum: x.high, y.high), DoubleDouble(sum: x.low, y.low))
    let sum = DoubleDouble(sum: high.high, high.low + low.high)
    return DoubleDouble(sum: sum.high, sum.low + low.low)
  }

  static prefix func - (x: DoubleDouble) -> DoubleDouble {
    var result = x
    (result.high, result.low) = (-x.high, -x.low)
    return result
  }

  /// Off by at most 8u² of the result.
  static func * (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    let product = DoubleDouble(product: x.high, y.high)
    return DoubleDouble(
      sum: product.high, product.low + (x.high * y.low + x.low * y.high))
  }

  /// Exact for a power of two c.
  func scaled(by c: Double) -> DoubleDouble {
    var result = self
    (result.high, result.low) = (high * c, low * c)
    return result
  }

  /// Off by at most 8u² of the result unless it underflows.
  func divided(by n: Double) -> DoubleDouble {
    if n == 1 { return self }
    let quotient = high / n
    let remainder = high.addingProduct(-quotient, n) + low
    return DoubleDouble(sum: quotient, remainder / n)
  }

  /// Off by at most 32u² of the result.
  static func / (x: DoubleDouble, y: DoubleDouble) -> DoubleDouble {
    let first = x.high / y.high
    let rest = x + -(y * DoubleDouble(first))
    let second = rest.high / y.high
    let last = (rest + -(y * DoubleDouble(second))).high / y.high
    return DoubleDouble(sum: first, second) + last
  }
}
