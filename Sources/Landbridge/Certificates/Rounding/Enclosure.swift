/// A number known up to rounding: the exact value is within `error` of `value`.
///
/// Arithmetic keeps that true: `error` grows by what the operands' errors can do and by the rounding
/// of `value`, and is itself rounded up. Where something overflows or is not a number, `error` is
/// infinite: nothing is claimed then.
///
/// Source: docs/theory.md §4.2.
package struct Enclosure: Equatable, Sendable {
  package let value: Double
  /// ≥ 0, possibly infinite; never NaN.
  package let error: Double

  /// An exact number unless an error is given.
  package init(_ value: Double, error: Double = 0) {
    self.value = value
    self.error = value.isFinite && error >= 0 ? error : .infinity
  }

  /// What the exact value is not below, and not above.
  package var lower: Double { error == 0 ? value : (value - error).nextDown }
  package var upper: Double { error == 0 ? value : (value + error).nextUp }

  /// False where nothing is known.
  package var isFinite: Bool { error.isFinite }

  /// Whether both can enclose the same number. False where either encloses nothing.
  package func agrees(with other: Enclosure) -> Bool {
    isFinite && other.isFinite && abs(value - other.value) <= roundedUp(error + other.error)
  }

  package static func + (a: Enclosure, b: Enclosure) -> Enclosure {
    let sum = a.value + b.value
    // Sums do not underflow: without errors a zero is exact.
    let error = a.error + b.error + unit * abs(sum)
    return Enclosure(sum, error: error == 0 ? 0 : roundedUp(error))
  }

  package static prefix func - (a: Enclosure) -> Enclosure {
    Enclosure(-a.value, error: a.error)
  }

  package static func - (a: Enclosure, b: Enclosure) -> Enclosure { a + -b }

  package static func * (a: Enclosure, b: Enclosure) -> Enclosure {
    let product = a.value * b.value
    let propagated = abs(a.value) * b.error + abs(b.value) * a.error + a.error * b.error
    let isZero = (a.value == 0 && a.error == 0) || (b.value == 0 && b.error == 0)
    return isZero && a.isFinite && b.isFinite
      ? Enclosure(0) : Enclosure(product, error: roundedUp(propagated + unit * abs(product)))
  }

  /// Of c·x, c exact.
  package func scaled(by c: Double) -> Enclosure { self * Enclosure(c) }

  /// Of x/n, n exact and not zero.
  package func divided(by n: Double) -> Enclosure {
    if value == 0 && error == 0 { return self }
    let quotient = value / n
    return Enclosure(quotient, error: roundedUp(error / abs(n) + unit * abs(quotient)))
  }

  /// Of max(x, y): as good as the operand that can be the larger one.
  package static func maximum(_ a: Enclosure, _ b: Enclosure) -> Enclosure {
    guard a.isFinite, b.isFinite else { return Enclosure(max(a.value, b.value), error: .infinity) }
    let value = max(a.value, b.value)
    // How far the maximum can be above `value`, and below it. The difference is made a little
    // smaller, so that its rounding does no harm where it cancels the error.
    func above(_ x: Enclosure) -> Double { x.error - (value - x.value) * (1 - 0x1p-50) }
    func below(_ x: Enclosure) -> Double { x.error + (value - x.value) }
    let error = max(above(a), above(b), min(below(a), below(b)), 0)
    return Enclosure(value, error: error == 0 ? 0 : roundedUp(error))
  }

  /// Of the largest of several numbers, at least one.
  package static func maximum(_ list: some Sequence<Enclosure>) -> Enclosure {
    var iterator = list.makeIterator()
    guard var result = iterator.next() else { preconditionFailure("the maximum of nothing") }
    while let next = iterator.next() { result = maximum(result, next) }
    return result
  }

  /// Of a number that is known to be ≥ 0: a value below 0 becomes 0.
  package var nonnegative: Enclosure {
    guard isFinite, value < 0 else { return self }
    return Enclosure(0, error: max(0, (value + error).nextUp))
  }
}

extension Enclosure {
  /// Of Σ x_i, with |x_i − values_i| ≤ errors_i: summed with the lost bits of every addition, so
  /// that n does not enter in first order.
  package static func sum(_ values: some Collection<Double>, errors: some Collection<Double>)
    -> Enclosure
  {
    precondition(values.count == errors.count, "\(values.count) values, \(errors.count) errors")
    var (sum, lost, magnitude, error) = (0.0, 0.0, 0.0, 0.0)
    for (x, e) in zip(values, errors) {
      let next = sum + x
      let added = next - sum
      lost += (sum - (next - added)) + (x - added)
      (sum, magnitude, error) = (next, magnitude + abs(x), error + e)
    }
    let (total, n) = (sum + lost, values.count)
    if magnitude == 0 && error == 0 { return Enclosure(0) }
    let rounding = unit * abs(total) + 2 * gamma(n) * gamma(n) * magnitude
    return Enclosure(total, error: roundedUp(inflated(error, terms: n) + rounding))
  }

  /// Of the mean of x_i.
  package static func mean(_ values: some Collection<Double>, errors: some Collection<Double>)
    -> Enclosure
  {
    sum(values, errors: errors).divided(by: Double(values.count))
  }
}

/// u = 2⁻⁵³: a rounded operation is off by at most u times its result unless it underflows.
let unit = 0x1p-53

/// A sum of about thirty rounded nonnegative terms and products, made no smaller than its exact
/// value: bounds are computed in Double and rounded up by this.
@inline(__always) func roundedUp(_ x: Double) -> Double { x * (1 + 0x1p-47) + 0x1p-1060 }

/// γ_k = ku/(1 − ku), rounded up: what k roundings in a row, or a sum of k terms, lose relatively.
func gamma(_ k: Int) -> Double {
  let x = Double(k) * unit
  precondition(x < 0.5, "\(k) roundings")
  return x / (1 - x) * (1 + 8 * unit)
}

/// A computed sum of `terms` nonnegative products, made no smaller than the exact one.
@inline(__always) func inflated(_ x: Double, terms: Int) -> Double {
  x * (1 + Double(2 * (terms + 8)) * unit) + Double(terms + 1) * 0x1p-1060
}

/// The smaller of two upper bounds, of which NaN is none.
@inline(__always) func smaller(_ a: Double, _ b: Double) -> Double {
  if a <= b { return a }
  if b <= a { return b }
  return a.isNaN ? (b.isNaN ? .infinity : b) : a
}

/// √Σx², rounded up.
func norm(_ squares: Double, terms: Int) -> Double {
  roundedUp(inflated(squares, terms: terms).squareRoot())
}
