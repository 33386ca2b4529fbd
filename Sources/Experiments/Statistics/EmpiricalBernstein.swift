internal import LinearAlgebra

/// The two-sided empirical Bernstein interval for the mean of a bounded variable.
///
///     mean ± (√(2V̂ log(4/δ)/n) + 7R log(4/δ)/(3(n − 1)))
///
/// with V̂ the sample variance (n − 1) and R the length of the range; it misses with probability at
/// most δ for every distribution on the range. Either side is the theorem with δ/2.
///
/// - Parameters:
///   - values: at least two independent draws.
///   - range: what the variable cannot leave; the interval is cut off there.
///   - failure: δ, strictly between 0 and 1.
///
/// Source: Maurer and Pontil, Empirical Bernstein bounds and sample variance penalization, COLT
/// 2009, Theorem 4.
public func empiricalBernstein(
  _ values: [Double], in range: ClosedRange<Double>, failure: Double
) -> ClosedRange<Double> {
  precondition(values.count >= 2, "\(values.count) values")
  precondition(failure > 0 && failure < 1, "failure probability \(failure)")
  let n = Double(values.count)
  let mean = values.reduce(0, +) / n
  let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)
  let logarithm = logarithm(4 / failure)
  let length = range.upperBound - range.lowerBound
  let half = (2 * variance * logarithm / n).squareRoot() + 7 * length * logarithm / (3 * (n - 1))
  // Rounding may put the mean a last bit outside.
  let center = min(max(mean, range.lowerBound), range.upperBound)
  return max(range.lowerBound, center - half)...min(range.upperBound, center + half)
}
