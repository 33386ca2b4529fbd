/// A number of 768 bits with any exponent: what results are compared with that claim to enclose the
/// exact ones. Sums are as exact as products: each result is cut to 24 limbs of 32 bits, so that
/// 700 bits are left after any cancellation that tests provoke.
struct BigReal {
  private static let limbs = 24
  private var isNegative = false
  /// Little-endian; the last one is not zero. Empty for zero.
  private var magnitude: [UInt32] = []
  /// The value is ± magnitude · 2^(32·exponent).
  private var exponent = 0

  init() {}

  init(_ x: Double) {
    precondition(x.isFinite)
    guard x != 0 else { return }
    isNegative = x < 0
    let shift = (Int(x.exponent) - 52 + 32 * 64) % 32
    exponent = (Int(x.exponent) - 52 + 32 * 64 - shift) / 32 - 64
    let bits = UInt64(x.significandBitPattern) | 1 << 52
    if x.isSubnormal {
      self = BigReal(x * 0x1p200) * BigReal(power: -200)
      return
    }
    let wide = bits.multipliedFullWidth(by: 1 << UInt64(shift))
    magnitude = [
      UInt32(truncatingIfNeeded: wide.low), UInt32(truncatingIfNeeded: wide.low >> 32),
      UInt32(truncatingIfNeeded: wide.high),
    ]
    normalize()
  }

  init(_ x: Int) { self.init(Double(x)) }

  /// 2^k
  init(power k: Int) {
    let low = ((k % 32) + 32) % 32
    magnitude = [1 << UInt32(low)]
    exponent = (k - low) / 32
  }

  private mutating func normalize() {
    while magnitude.last == 0 { magnitude.removeLast() }
    if magnitude.count > Self.limbs {
      let excess = magnitude.count - Self.limbs
      magnitude.removeFirst(excess)
      exponent += excess
    }
    if magnitude.isEmpty { (isNegative, exponent) = (false, 0) }
  }

  /// Right to a few units of the last place.
  var double: Double {
    var result = 0.0
    for (k, limb) in magnitude.enumerated().suffix(4) {
      let place = max(min(32 * (exponent + k), 1000), -1060)
      result += Double(sign: .plus, exponent: place, significand: Double(limb))
    }
    return isNegative ? -result : result
  }

  var isZero: Bool { magnitude.isEmpty }
  var abs: BigReal {
    var result = self
    result.isNegative = false
    return result
  }

  static prefix func - (x: BigReal) -> BigReal {
    var result = x
    if !x.isZero { result.isNegative.toggle() }
    return result
  }

  static func + (x: BigReal, y: BigReal) -> BigReal {
    if x.isZero { return y }
    if y.isZero { return x }
    let lowest = min(x.exponent, y.exponent)
    let top = max(x.exponent + x.magnitude.count, y.exponent + y.magnitude.count)
    // Far apart the smaller one is lost, beyond 2⁻²⁰⁰⁰ of the larger one.
    let start = max(lowest, top - 64)
    func digit(_ z: BigReal, _ k: Int) -> Int64 {
      let index = start + k - z.exponent
      let value = z.magnitude.indices.contains(index) ? Int64(z.magnitude[index]) : 0
      return z.isNegative ? -value : value
    }
    var digits = (0..<top - start).map { digit(x, $0) + digit(y, $0) }
    let isNegative = (digits.last { $0 != 0 } ?? 0) < 0
    if isNegative { digits = digits.map { -$0 } }
    var result = BigReal()
    var carry: Int64 = 0
    for value in digits + [0] {
      let sum = value + carry
      result.magnitude.append(UInt32(truncatingIfNeeded: sum))
      carry = sum >> 32
    }
    result.exponent = start
    result.isNegative = isNegative
    result.normalize()
    return result
  }

  static func - (x: BigReal, y: BigReal) -> BigReal { x + -y }

  static func * (x: BigReal, y: BigReal) -> BigReal {
    if x.isZero || y.isZero { return BigReal() }
    var result = BigReal()
    result.magnitude = Array(repeating: 0, count: x.magnitude.count + y.magnitude.count)
    for (i, a) in x.magnitude.enumerated() {
      var carry: UInt64 = 0
      for (j, b) in y.magnitude.enumerated() {
        let sum = UInt64(a) * UInt64(b) + UInt64(result.magnitude[i + j]) + carry
        result.magnitude[i + j] = UInt32(truncatingIfNeeded: sum)
        carry = sum >> 32
      }
      result.magnitude[i + y.magnitude.count] = UInt32(carry)
    }
    result.exponent = x.exponent + y.exponent
    result.isNegative = x.isNegative != y.isNegative
    result.normalize()
    return result
  }

  /// By Newton's iteration for the reciprocal.
  static func / (x: BigReal, y: BigReal) -> BigReal {
    precondition(!y.isZero)
    let shift = 32 * (y.exponent + y.magnitude.count)
    let scaled = y * BigReal(power: -shift)
    var inverse = BigReal(1 / scaled.double)
    for _ in 0..<5 { inverse = inverse * (BigReal(2) - scaled * inverse) }
    return x * inverse * BigReal(power: -shift)
  }

  static func < (x: BigReal, y: BigReal) -> Bool { (x - y).isNegative }
  static func <= (x: BigReal, y: BigReal) -> Bool { !(y - x).isNegative }
  static func larger(_ x: BigReal, _ y: BigReal) -> BigReal { x < y ? y : x }
}

extension BigReal {
  private static let last = BigReal(power: -740)

  /// e^x; 0 below −10⁶.
  var exponential: BigReal {
    let size = double
    precondition(size < 1e6)
    if size < -1e6 { return BigReal() }
    let halvings = max(0, size == 0 ? 0 : Int(Swift.abs(size).exponent) + 9)
    let x = self * BigReal(power: -halvings)
    var (sum, term, k) = (BigReal(1), BigReal(1), 1)
    while !(term.abs < Self.last) {
      term = term * x / BigReal(k)
      sum = sum + term
      k += 1
    }
    for _ in 0..<halvings { sum = sum * sum }
    return sum
  }

  /// e^x − 1
  var exponentialMinusOne: BigReal {
    Swift.abs(double) < 0x1p-250 ? self : exponential - BigReal(1)
  }

  /// 2·artanh(z)
  private static func logarithm(z: BigReal) -> BigReal {
    let square = z * z
    var (sum, power, k) = (BigReal(), z, 1)
    while !power.isZero && !(power.abs < last * z.abs) {
      sum = sum + power / BigReal(k)
      power = power * square
      k += 2
    }
    return sum * BigReal(2)
  }

  private static let log2 = logarithm(z: BigReal(1) / BigReal(3))

  /// log(1 + x), x ≥ 0
  var logarithmOnePlus: BigReal {
    var (y, halvings) = (self, 0)
    while !(y <= BigReal(1)) {
      // 1 + y = 2(1 + (y − 1)/2)
      y = (y - BigReal(1)) * BigReal(power: -1)
      halvings += 1
    }
    return Self.logarithm(z: y / (y + BigReal(2))) + BigReal(halvings) * Self.log2
  }

  var softplus: BigReal { .larger(self, BigReal()) + (-abs).exponential.logarithmOnePlus }

  var tanh: BigReal {
    // Up to x³/3, 2⁻⁵⁰⁰ of itself, where 1 − e^{−2x} would lose all its digits.
    if Swift.abs(double) < 0x1p-250 { return self }
    let e = (abs * BigReal(-2)).exponential
    let size = (BigReal(1) - e) / (BigReal(1) + e)
    return isNegative ? -size : size
  }

  var sigmoid: BigReal {
    let e = (-abs).exponential
    return (isNegative ? e : BigReal(1)) / (BigReal(1) + e)
  }

  /// For |x| up to about 200.
  var cosine: BigReal {
    var (sum, term, k) = (BigReal(1), BigReal(1), 1)
    while !(term.abs < Self.last) {
      term = -term * self * self / BigReal(k * (k + 1))
      sum = sum + term
      k += 2
    }
    return sum
  }

  /// erf(x/√2) = √(2/π) Σ (−1)^k x^{2k+1}/(2^k k! (2k+1)); ±1 beyond 22, which is right to 10⁻¹⁰⁶.
  var errorFunction: BigReal {
    if Swift.abs(double) > 22 { return BigReal(isNegative ? -1 : 1) }
    var (sum, term, k) = (BigReal(), self, 0)
    while !term.isZero && !(term.abs < Self.last) {
      sum = sum + term / BigReal(2 * k + 1)
      k += 1
      term = -term * self * self / BigReal(2 * k)
    }
    return sum * Self.rootOfTwoOverPi
  }

  /// √(2/π), by Newton from 2/π = 2/(16 arctan(1/5) − 4 arctan(1/239)).
  static let rootOfTwoOverPi: BigReal = {
    func arctan(_ n: Int) -> BigReal {
      var (sum, power, k) = (BigReal(), BigReal(1) / BigReal(n), 1)
      while !(power.abs < last) {
        sum = sum + power / BigReal(k)
        power = -power / BigReal(n * n)
        k += 2
      }
      return sum
    }
    let target = BigReal(2) / (BigReal(16) * arctan(5) - BigReal(4) * arctan(239))
    var root = BigReal(target.double.squareRoot())
    for _ in 0..<6 { root = (root + target / root) * BigReal(power: -1) }
    return root
  }()
}
