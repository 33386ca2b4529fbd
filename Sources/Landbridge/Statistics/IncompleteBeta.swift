internal import LinearAlgebra

/// I_x(a, b), the regularised incomplete beta function, by its continued fraction (modified Lentz).
///
/// Relative error below 1e-12 wherever the value is at most one half, for a, b up to 10⁸ and down to
/// values of 1e-290; the absolute error is as small elsewhere.
///
/// - Parameters:
///   - x: from 0 to 1.
///   - complement: 1 − x, which a caller may know with more digits.
///
/// Source: NIST Digital Library of Mathematical Functions, 8.17.22; the power in front as in Loader,
/// Fast and accurate computation of binomial probabilities (2000).
public func regularizedIncompleteBeta(
  _ x: Double, complement: Double? = nil, _ a: Double, _ b: Double
) -> Double {
  precondition(a > 0 && b > 0, "beta function of \(a) and \(b)")
  let y = complement ?? 1 - x
  if x <= 0 { return 0 }
  if y <= 0 { return 1 }
  let front = betaPower(x, y, a, b)
  if x > (a + 1) / (a + b + 2) { return 1 - front * betaContinuedFraction(y, b, a) / b }
  return front * betaContinuedFraction(x, a, b) / a
}

/// x^a y^b Γ(a + b)/(Γ(a)Γ(b)): of the three gammas only what Stirling's formula leaves, so that
/// large numbers need not cancel.
private func betaPower(_ x: Double, _ y: Double, _ a: Double, _ b: Double) -> Double {
  let n = a + b
  let exponent =
    stirlingRemainder(n) - stirlingRemainder(a) - stirlingRemainder(b)
    - deviance(a, n * x) - deviance(b, n * y)
  return exponential(exponent) * (a * (b / n) / (2 * Double.pi)).squareRoot()
}

/// log Γ(z) − ((z − 1/2) log z − z + log(2π)/2): the series from 15 on, and below it the recurrence
/// that Γ(z + 1) = z Γ(z) makes of it.
private func stirlingRemainder(_ z: Double) -> Double {
  var (z, below) = (z, 0.0)
  while z < 15 {
    below += (z + 0.5) * logarithm(onePlus: 1 / z) - 1
    z += 1
  }
  let w = 1 / (z * z)
  return below + (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - w / 1188) * w) * w) * w) / z
}

/// a log(a/m) + m − a ≥ 0, accurate where a and m are near each other.
private func deviance(_ a: Double, _ m: Double) -> Double {
  guard abs(a - m) < 0.1 * (a + m) else { return a * logarithm(a / m) + m - a }
  // log(a/m) = 2 artanh v; the first term of the series cancels against m − a.
  let v = (a - m) / (a + m)
  var (sum, power) = ((a - m) * v, 2 * a * v)
  for k in 1...100 {
    power *= v * v
    let next = sum + power / Double(2 * k + 1)
    if next == sum { break }
    sum = next
  }
  return sum
}

private func betaContinuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / away(1 - (a + b) * x / (a + 1))
  var result = d
  for m in 1...1_000_000 {
    let k = Double(m)
    let before = result
    for numerator in [
      k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k)),
      -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1)),
    ] {
      d = 1 / away(1 + numerator * d)
      c = away(1 + numerator / c)
      result *= c * d
    }
    if abs(result - before) <= 1e-15 * abs(result) { break }
  }
  return result
}

/// The x with I_x(a, b) = `tail`, beside 1 − x, each to its own last digits.
///
/// - Parameter tail: from 0 to 1/2 for full accuracy.
func inverseIncompleteBeta(
  _ tail: Double, _ a: Double, _ b: Double
) -> (x: Double, complement: Double) {
  if regularizedIncompleteBeta(0.5, a, b) >= tail {
    let x = inverse(of: { regularizedIncompleteBeta($0, a, b) }, at: tail, in: 0...0.5)
    return (x, 1 - x)
  }
  let y = -inverse(
    of: { regularizedIncompleteBeta(1 + $0, complement: -$0, a, b) }, at: tail, in: -0.5...0)
  return (1 - y, y)
}

/// The x with F(x) = `value` for an increasing F, by bisection to the last bit.
private func inverse(
  of F: (Double) -> Double, at value: Double, in range: ClosedRange<Double>
) -> Double {
  var (low, high) = (range.lowerBound, range.upperBound)
  while true {
    let middle = low + (high - low) / 2
    if middle <= low || middle >= high { return middle }
    if F(middle) < value { low = middle } else { high = middle }
  }
}
