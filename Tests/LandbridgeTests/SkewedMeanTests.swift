import Landbridge
import Foundation
import Testing

@Suite struct `Mean of skewed draws` {
  /// Golden: NumPy and SciPy, by the formulas; the skewness is scipy.stats.skew(x, bias=False).
  @Test func `by hand`() {
    let found = SkewedMean([0.1, 0.2, 0.3, 0.5, 0.8, 1.3, 2.1, 13.4], failure: 0.05)
    for (value, golden) in [
      (found.mean, 2.3375), (found.standardDeviation, 4.519461883265055),
      (found.skewness, 2.7100956780134355),
      // Student's below, Hall's above.
      (found.lower, -1.4408646889176007), (found.upper, 12.961947612528881),
    ] {
      #expect(abs(value - golden) < 1e-9 * abs(golden))
    }
    #expect(found.warning == .few)
  }

  @Test func `is Student's where there is no skewness`() {
    let values = (0..<60).map { $0.isMultiple(of: 2) ? 1.0 : 2.0 }
    let found = SkewedMean(values, failure: 0.1)
    let half =
      studentQuantile(0.95, degrees: 59) * found.standardDeviation / 60.0.squareRoot()
    #expect(abs(found.lower - (1.5 - half)) < 1e-12 && abs(found.upper - (1.5 + half)) < 1e-12)
    #expect(found.warning == nil)
    let equal = SkewedMean([3, 3, 3], failure: 0.05)
    #expect(equal.lower == 3 && equal.upper == 3 && equal.skewness == 0)
    let two = SkewedMean([0, 2], failure: 0.05)
    #expect(abs(two.upper - (1 + 12.706204736174694)) < 1e-9)
  }

  /// −x has the interval of x with the ends exchanged, and a·x + b that of x, moved.
  @Test func `laws`() {
    let values = (0..<80).map { exp(sin(Double($0)) * 2) }
    let found = SkewedMean(values, failure: 0.05)
    let opposite = SkewedMean(values.map { -$0 }, failure: 0.05)
    #expect(abs(opposite.lower + found.upper) < 1e-12 && abs(opposite.upper + found.lower) < 1e-12)
    let moved = SkewedMean(values.map { 3 * $0 + 1 }, failure: 0.05)
    #expect(abs(moved.upper - (3 * found.upper + 1)) < 1e-11)
    #expect(abs(moved.skewness - found.skewness) < 1e-11)
  }

  @Test func `one far value is a warning`() {
    var values = (0..<200).map { 0.1 + 0.01 * sin(Double($0)) }
    #expect(SkewedMean(values, failure: 0.05).warning == nil)
    values[7] = 50
    #expect(SkewedMean(values, failure: 0.05).warning == .skewed)
  }
}
