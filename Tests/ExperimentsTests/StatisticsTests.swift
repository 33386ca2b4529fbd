import Experiments
import Foundation
import Testing

@Suite("Statistics: exact") struct StatisticsTests {
  /// From SciPy: scipy.stats.t.ppf(p, ν).
  @Test(
    "Student quantiles",
    arguments: [
      (0.975, 1.0, 12.706204736174694), (0.975, 4, 2.7764451051977987),
      (0.95, 9, 1.8331129326536335), (0.005, 30, -2.7499956535672235), (0.5, 3, 0),
    ])
  func student(probability: Double, degrees: Double, expected: Double) {
    #expect(abs(studentQuantile(probability, degrees: degrees) - expected) < 1e-9)
  }

  /// From SciPy: scipy.stats.beta.ppf.
  @Test("Clopper–Pearson intervals")
  func clopperPearsonGoldens() {
    let some = clopperPearson(successes: 3, trials: 20, confidence: 0.95)
    #expect(abs(some.lowerBound - 0.0320709371854637) < 1e-9)
    #expect(abs(some.upperBound - 0.37892682654531396) < 1e-9)
    let none = clopperPearson(successes: 0, trials: 10, confidence: 0.95)
    #expect(none.lowerBound == 0)
    #expect(abs(none.upperBound - (1 - pow(0.025, 0.1))) < 1e-12)
    let all = clopperPearson(successes: 10, trials: 10, confidence: 0.95)
    #expect(all.upperBound == 1)
  }

  /// The interval misses with probability at most δ for every p; the sum over outcomes is exact.
  @Test("Clopper–Pearson covers", arguments: [0.01, 0.1, 0.37, 0.5, 0.9])
  func coverage(p: Double) {
    let n = 25
    var missed = 0.0
    for k in 0...n {
      let interval = clopperPearson(successes: k, trials: n, confidence: 0.9)
      guard !interval.contains(p) else { continue }
      let logs = lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
      missed += exp(logs + Double(k) * log(p) + Double(n - k) * log(1 - p))
    }
    #expect(missed <= 0.1 + 1e-12)
  }

  @Test("mean, deviation and interval by hand")
  func estimate() {
    let estimate = Estimate([1, 2, 3, 6])
    #expect(estimate.mean == 3)
    #expect(abs(estimate.standardDeviation - (14.0 / 3).squareRoot()) < 1e-15)
    let half = 3.182446305284263 * (14.0 / 3).squareRoot() / 2
    #expect(abs(estimate.upper - (3 + half)) < 1e-9)
    #expect(abs(estimate.lower - (3 - half)) < 1e-9)
    #expect(Estimate([5]).lower == 5)
  }

  @Test("a power law without noise is found exactly")
  func powerLaw() throws {
    let points = [10.0, 20, 40, 80].map { (x: $0, values: [3 * pow($0, -0.7)]) }
    let law = try #require(PowerLaw(points, seed: 1))
    #expect(abs(law.slope + 0.7) < 1e-12)
    #expect(abs(law.prefactor - 3) < 1e-12)
    #expect(abs(law.slopeLower - law.slope) < 1e-12 && abs(law.slopeUpper - law.slope) < 1e-12)
    #expect(abs(law(160) - 3 * pow(160, -0.7)) < 1e-12)
    #expect(PowerLaw([(x: 1, values: [1])], seed: 1) == nil)
    #expect(PowerLaw([(x: 1, values: [-1]), (x: 2, values: [1])], seed: 1) == nil)
  }

  @Test("quantiles between order statistics")
  func quantiles() {
    #expect(quantile([1, 2, 4], 0.5) == 2)
    #expect(quantile([1, 2, 4], 0.75) == 3)
    #expect(quantile([1, 2, 4], 1) == 4)
    #expect(quantile([], 0.5) == nil)
  }
}
