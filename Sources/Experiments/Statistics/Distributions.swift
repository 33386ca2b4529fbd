internal import Foundation

/// I_x(a, b), the regularised incomplete beta function, by its continued fraction (modified Lentz).
///
/// Relative error below 1e-13 for the parameters met here. Source: NIST Digital Library of
/// Mathematical Functions, 8.17.22.
public func regularizedIncompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  precondition(a > 0 && b > 0, "beta function of \(a) and \(b)")
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  let front = exp(
    lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
  if x > (a + 1) / (a + b + 2) {
    return 1 - front * betaContinuedFraction(1 - x, b, a) / b
  }
  return front * betaContinuedFraction(x, a, b) / a
}

private func betaContinuedFraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
  let tiny = 1e-300
  func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
  var c = 1.0
  var d = 1 / away(1 - (a + b) * x / (a + 1))
  var result = d
  for m in 1...10_000 {
    let k = Double(m)
    for numerator in [
      k * (b - k) * x / ((a + 2 * k - 1) * (a + 2 * k)),
      -(a + k) * (a + b + k) * x / ((a + 2 * k) * (a + 2 * k + 1)),
    ] {
      d = 1 / away(1 + numerator * d)
      c = away(1 + numerator / c)
      result *= c * d
    }
    if abs(c * d - 1) < 1e-15 { break }
  }
  return result
}

/// The x with F(x) = `probability` for an increasing F, by bisection to the last bit.
func inverse(of F: (Double) -> Double, at probability: Double, in range: ClosedRange<Double>)
  -> Double
{
  var (low, high) = (range.lowerBound, range.upperBound)
  while true {
    let middle = low + (high - low) / 2
    if middle <= low || middle >= high { return middle }
    if F(middle) < probability { low = middle } else { high = middle }
  }
}

/// The quantile of Student's t distribution with `degrees` degrees of freedom.
///
/// - Parameter probability: strictly between 0 and 1.
public func studentQuantile(_ probability: Double, degrees: Double) -> Double {
  precondition(probability > 0 && probability < 1 && degrees > 0, "t quantile")
  if probability == 0.5 { return 0 }
  let tail = 2 * min(probability, 1 - probability)
  // P(|T| > t) = I_x(ν/2, 1/2) with x = ν/(ν + t²).
  let x = inverse(
    of: { regularizedIncompleteBeta($0, degrees / 2, 0.5) }, at: tail, in: 0...1)
  let t = (degrees * (1 - x) / x).squareRoot()
  return probability < 0.5 ? -t : t
}

/// The exact (Clopper–Pearson) interval for a probability after `successes` of `trials`.
///
/// Source: Clopper and Pearson, Biometrika 26 (1934).
public func clopperPearson(successes: Int, trials: Int, confidence: Double) -> ClosedRange<Double> {
  precondition(successes >= 0 && successes <= trials && trials > 0, "\(successes) of \(trials)")
  let (k, n, δ) = (Double(successes), Double(trials), 1 - confidence)
  let low =
    successes == 0
    ? 0 : inverse(of: { regularizedIncompleteBeta($0, k, n - k + 1) }, at: δ / 2, in: 0...1)
  let high =
    successes == trials
    ? 1 : inverse(of: { regularizedIncompleteBeta($0, k + 1, n - k) }, at: 1 - δ / 2, in: 0...1)
  return low...high
}
