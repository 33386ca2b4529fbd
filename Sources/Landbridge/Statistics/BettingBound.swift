internal import LinearAlgebra

/// What the mean of independent draws of one variable X ≤ `bound` does not exceed, but with
/// probability `failure`, whatever the law of X.
///
/// For c ∈ (0, 1] and μ = E X the product Π_i (1 + c(μ − X_i)/(B − μ)) is not negative and has
/// expectation 1. So has the mixture over c = 2⁰ … 2⁻¹¹ with weights w_c ∝ 1/(j + 1)², and by
/// Markov's inequality it reaches 1/δ with probability at most δ. It grows with μ, hence
///
///     sup{m : Σ_c w_c Π_i (1 + c(m − X_i)/(B − m)) < 1/δ}
///
/// is below μ with probability at most δ. The order of the draws is of no consequence, and no lower
/// end of the range is needed.
///
/// Rounded outwards: what is returned is the bound itself, or an m whose mixture is 1/δ or more by
/// an enclosure of every rounding. Larger values give larger bounds, so that upper ends of values
/// that are only known to lie in intervals will do; those beyond `bound` count as `bound`.
///
/// - Parameters:
///   - values: the draws, or numbers above them; at least one.
///   - bound: B. Beyond 1e300 in size, for it or a value, it is itself what is returned.
///   - failure: δ, strictly between 0 and 1.
/// - Complexity: about 60 passes over the values.
///
/// Source: docs/theory.md §4.1. The sequential relative is in Waudby-Smith and Ramdas, Estimating means of
/// bounded random variables by betting, J. R. Stat. Soc. B 86 (2023).
package func bettingUpperBound(_ values: [Double], bound: Double, failure: Double) -> Double {
  precondition(!values.isEmpty, "the mean of no values")
  precondition(failure > 0 && failure < 1, "failure probability \(failure)")
  let values = values.map { min($0, bound) }
  guard (values + [bound]).allSatisfy({ abs($0) <= 1e300 }) else { return bound }
  // At the mean no product exceeds 1, by Jensen's inequality.
  let mean = values.reduce(0) { $0 + $1 / Double(values.count) }
  guard mean < bound else { return bound }
  let mixture = BettingMixture(values: values, bound: bound)
  let threshold = -logarithm(failure)
  var (low, high) = (orderedBits(mean), orderedBits(bound))
  while true {
    let middle = low / 2 + high / 2 + (low % 2 + high % 2) / 2
    guard middle > low, middle < high else { return double(orderedBits: high) }
    if mixture.logarithmFromBelow(at: double(orderedBits: middle)) >= threshold * (1 + 16 * u) {
      high = middle
    } else {
      low = middle
    }
  }
}

/// Both sides of ``bettingUpperBound(_:bound:failure:)``, each with δ/2: an interval for the mean of
/// a variable in `range`.
package func bettingInterval(
  _ values: EnclosedValues, in range: ClosedRange<Double>, failure: Double
) -> ClosedRange<Double> {
  let high = bettingUpperBound(values.upper, bound: range.upperBound, failure: failure / 2)
  let low = -bettingUpperBound(
    values.lower.map { -$0 }, bound: -range.lowerBound, failure: failure / 2)
  // Each side holds by itself; where values leave the range they may cross.
  return min(low, high)...max(low, high)
}

/// 2⁻⁵³
private let u = Double.ulpOfOne / 2

/// log Σ_c w_c Π_i (1 + c(m − X_i)/(B − m)), bounded from below.
private struct BettingMixture {
  let values: [Double]
  let bound: Double
  /// c = 2⁻¹ … 2⁻¹¹, and 0 for the lanes that are not used; c = 1 goes by itself.
  private let bets: SIMD16<Double>
  private let logWeights: [Double]

  init(values: [Double], bound: Double) {
    (self.values, self.bound) = (values, bound)
    var bets = SIMD16<Double>.zero
    for j in 1...11 { bets[j - 1] = Double(sign: .plus, exponent: -j, significand: 1) }
    self.bets = bets
    let weights = (1...12).map { 1 / Double($0 * $0) }
    let sum = weights.reduce(0, +)
    logWeights = weights.map { logarithm($0 / sum) }
  }

  /// y = (m − X)/(B − m) has a relative error of at most 3u, and 1 + cy one of u; so what is
  /// subtracted from every factor is more than its error, and what from the logarithm more than
  /// that of the product, of the logarithms and of their sum.
  func logarithmFromBelow(at m: Double) -> Double {
    let room = bound - m
    guard room > 0 else { return -.infinity }
    let slack = 8 * u
    let one = SIMD16<Double>(repeating: 1 - slack)
    var product = SIMD16<Double>(repeating: 1)
    var full = ScaledProduct()
    var exponents = [Double](repeating: 0, count: 11)
    // What no lane is above; and since when, because no factor is below 1/2 − 3u.
    var (ceiling, count) = (1.0, 0)
    for x in values {
      let y = min((m - x) / room, 0x1p100)
      let low = y - abs(y) * slack
      product *= one + bets * low
      full.multiply(by: 1 - slack + low)
      ceiling *= 1 + max(y, 0)
      count += 1
      if ceiling > 0x1p300 || count == 300 {
        for lane in exponents.indices {
          exponents[lane] += Double(product[lane].exponent)
          product[lane] = product[lane].significand
        }
        (ceiling, count) = (2, 0)
      }
    }
    let products =
      [full] + exponents.indices.map { ScaledProduct(exponent: exponents[$0], rest: product[$0]) }
    let logs = zip(products, logWeights).map { product, logWeight in
      let parts = [product.exponent * logarithm(2), logarithm(product.rest), logWeight]
      return parts.reduce(0, +) - parts.reduce(0) { $0 + abs($1) } * (8 * u)
    }
    let largest = logs.max()!
    guard largest > -.infinity else { return largest }
    let log = largest + logarithm(logs.reduce(0) { $0 + exponential($1 - largest) })
    return log - (abs(log) + Double(values.count) * 2 + 100) * (2 * u)
  }
}

/// 2^exponent · rest ≥ 0, which is −∞ and 1 for 0.
private struct ScaledProduct {
  var exponent = 0.0
  var rest = 1.0

  /// - Parameter factor: at most 2¹⁰¹; below 2⁻¹⁰⁰ it counts as 0.
  mutating func multiply(by factor: Double) {
    if factor < 0x1p-100 {
      (exponent, rest) = (-.infinity, 1)
      return
    }
    rest *= factor
    if rest > 0x1p300 || rest < 0x1p-300 {
      exponent += Double(rest.exponent)
      rest = rest.significand
    }
  }
}

/// Doubles as integers of the same order.
private func orderedBits(_ x: Double) -> Int64 {
  let bits = Int64(bitPattern: x.bitPattern)
  return bits >= 0 ? bits : Int64.min &- bits
}

private func double(orderedBits bits: Int64) -> Double {
  Double(bitPattern: UInt64(bitPattern: bits >= 0 ? bits : Int64.min &- bits))
}
