/// Where a margin (1 − t)d₀ + t·d₁ that changes its sign on a segment is zero: t = d₀/(d₀ − d₁),
/// compared exactly.
///
/// Margins are differences of two numbers, which Double cannot hold in general. With A = |d₀| and
/// B = |d₁| the time is A/(A + B), and A/(A + B) < A′/(A′ + B′) if and only if A·B′ < A′·B: eight
/// products of two numbers, whose sum is formed without rounding where rounding could decide.
struct CrossingTime: Sendable {
  /// t, right up to 8u of itself where `isAccurate`; inside the segment strictly between 0 and 1.
  let t: Double
  /// A as the difference of two numbers, and B.
  private let start: (Double, Double)
  private let end: (Double, Double)
  private let isAccurate: Bool

  /// - Parameters:
  ///   - start: d₀ as a difference of two finite numbers.
  ///   - end: d₁ likewise; d₀ and d₁ are not both zero, and neither of the same sign.
  init(from start: (Double, Double), to end: (Double, Double)) {
    let isFalling = start.0 > start.1 || end.0 < end.1
    self.start = isFalling ? start : (start.1, start.0)
    self.end = isFalling ? (end.1, end.0) : end
    // Quarters, so that nothing overflows; halving is exact unless it underflows.
    let a = self.start.0 * 0.25 - self.start.1 * 0.25
    let b = self.end.0 * 0.25 - self.end.1 * 0.25
    if self.start.0 == self.start.1 {
      (t, isAccurate) = (0, true)
    } else if self.end.0 == self.end.1 {
      (t, isAccurate) = (1, true)
    } else {
      let quotient = a / (a + b)
      isAccurate = a >= 0x1p-900 && b >= 0x1p-900 && quotient >= 0x1p-900
      t = min(max(quotient, .leastNonzeroMagnitude), 1.0.nextDown)
    }
  }

  /// True for t = 0, exactly.
  var isAtStart: Bool { start.0 == start.1 }
  /// True for t = 1, exactly.
  var isAtEnd: Bool { end.0 == end.1 }

  static func < (x: CrossingTime, y: CrossingTime) -> Bool { x.order(y) < 0 }
  static func == (x: CrossingTime, y: CrossingTime) -> Bool { x.order(y) == 0 }

  /// −1 where this time comes before the other, 0 where they are equal, 1 where it comes after.
  private func order(_ other: CrossingTime) -> Int {
    // 64u, u the relative error of one operation.
    if isAccurate && other.isAccurate && abs(t - other.t) > 0x1p-47 * max(t, other.t) {
      return t < other.t ? -1 : 1
    }
    // A·B′ − A′·B
    var sum = ExactSum()
    sum.add(product: start, other.end)
    sum.add(product: (other.start.1, other.start.0), end)
    return sum.sign
  }
}

/// A sum of products of two numbers without any rounding, in fixed point with digits of 32 bits
/// from 2⁻²¹⁷⁶ on: all that finite numbers can have as products.
struct ExactSum {
  private var digits = [Int64](repeating: 0, count: 140)
  /// The exponent of the first digit.
  private static let lowest = -2176

  /// Adds (a − b)(c − d).
  mutating func add(product x: (Double, Double), _ y: (Double, Double)) {
    add(x.0, y.0)
    add(x.1, y.1)
    add(-x.0, y.1)
    add(-x.1, y.0)
  }

  /// Adds a·b, both finite. At most 2³⁰ times.
  mutating func add(_ a: Double, _ b: Double) {
    precondition(a.isFinite && b.isFinite, "product of \(a) and \(b)")
    guard a != 0, b != 0 else { return }
    let (p, q) = (Parts(a), Parts(b))
    let isNegative = (a < 0) != (b < 0)
    let wide = p.significand.multipliedFullWidth(by: q.significand)
    let position = p.exponent + q.exponent - Self.lowest
    let (index, shift) = (position / 32, position % 32)
    // 106 bits and the shift take five digits.
    var carried: UInt64 = 0
    let words = [
      wide.low & 0xffff_ffff, wide.low >> 32, wide.high & 0xffff_ffff, wide.high >> 32, 0,
    ]
    for (k, word) in words.enumerated() {
      let shifted = (word << UInt64(shift)) + carried
      carried = shifted >> 32
      let digit = Int64(shifted & 0xffff_ffff)
      digits[index + k] += isNegative ? -digit : digit
    }
  }

  /// −1, 0 or 1.
  var sign: Int {
    var (carry, isZero) = (Int64(0), true)
    for digit in digits {
      let value = digit + carry
      if value & 0xffff_ffff != 0 { isZero = false }
      carry = value >> 32
    }
    return carry < 0 ? -1 : (carry == 0 && isZero ? 0 : 1)
  }

  /// |x| = significand·2^exponent
  private struct Parts {
    var significand: UInt64
    var exponent: Int

    init(_ x: Double) {
      let isSubnormal = x.exponentBitPattern == 0
      significand = x.significandBitPattern | (isSubnormal ? 0 : 1 << 52)
      exponent = (isSubnormal ? 1 : Int(x.exponentBitPattern)) - 1075
    }
  }
}
