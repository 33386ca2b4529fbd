import Landbridge
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

  /// From SciPy: scipy.stats.t.isf(p, ν).
  @Test(
    "Student quantiles far out",
    arguments: [
      (1e-15, 9.0, 110.90446523927214), (1e-12, 49, 9.316556804496521),
      (0.025, 1e6, 1.9599663568141072),
    ])
  func studentTails(tail: Double, degrees: Double, expected: Double) {
    #expect(abs(studentQuantile(upperTail: tail, degrees: degrees) / expected - 1) < 1e-10)
  }

  /// Exact binomial sums in 60 (the last: 340) digits, mpmath, solved for p by bisection: p with
  /// Σ_{j ≥ k} = δ/2 and with Σ_{j ≤ k} = δ/2, binomial(n, j) p^j (1 − p)^(n − j).
  @Test(
    "Clopper–Pearson is exact, however near 1 the confidence",
    arguments: [
      (3, 20, 0.05, 0.03207093718546371, 0.37892682654531396),
      (4, 359, 1e-12, 5.208131927686078e-06, 0.10601316948332015),
      (4, 359, 1e-15, 9.25869841850063e-07, 0.12481074262303737),
      (4, 359, 1e-16, 5.206398942231599e-07, 0.1309269021925342),
      (0, 359, 1e-15, 0.0, 0.09347716869149791),
      (359, 359, 1e-15, 0.9065228313085021, 1.0),
      (180, 359, 1e-15, 0.2974680278488518, 0.7049966057577668),
      (355, 359, 1e-15, 0.8751892573769626, 0.9999990741301582),
      (1, 10000, 1e-15, 5.000000000000001e-20, 0.003884507399341051),
      (7, 50, 1e-290, 2.4301825920741752e-43, 0.9999998844477426),
    ])
  func clopperPearsonGoldens(
    successes: Int, trials: Int, failure: Double, low: Double, high: Double
  ) {
    let interval = clopperPearson(successes: successes, trials: trials, failure: failure)
    // Outwards, but by no more than a part in 10¹⁰ of either tail.
    #expect(interval.lowerBound <= low && interval.lowerBound >= low * (1 - 1e-10))
    #expect(interval.upperBound >= high && interval.upperBound <= high * (1 + 1e-10))
    let tail = 1 - high
    #expect(1 - interval.upperBound >= tail - 1e-10 * tail - 4e-16)
  }

  @Test("what is undecided widens both ends")
  func undecided() {
    let wide = clopperPearson(successes: 3...5, trials: 20, failure: 0.1)
    #expect(
      wide.lowerBound == clopperPearson(successes: 3, trials: 20, failure: 0.1).lowerBound)
    #expect(
      wide.upperBound == clopperPearson(successes: 5, trials: 20, failure: 0.1).upperBound)
  }

  /// The interval misses with probability at most δ for every p; the sum over outcomes is exact.
  @Test("Clopper–Pearson covers", arguments: [0.01, 0.1, 0.37, 0.5, 0.9])
  func coverage(p: Double) {
    let n = 25
    var missed = 0.0
    for k in 0...n {
      let interval = clopperPearson(successes: k, trials: n, failure: 0.1)
      guard !interval.contains(p) else { continue }
      let logs = lgamma(Double(n + 1)) - lgamma(Double(k + 1)) - lgamma(Double(n - k + 1))
      missed += exp(logs + Double(k) * log(p) + Double(n - k) * log(1 - p))
    }
    #expect(missed <= 0.1 + 1e-12)
  }

  @Test("mean, deviation and interval by hand")
  func estimate() throws {
    let estimate = Estimate([1, 2, 3, 6])
    #expect(estimate.mean == 3)
    #expect(abs(estimate.standardDeviation - (14.0 / 3).squareRoot()) < 1e-15)
    let half = 3.182446305284263 * (14.0 / 3).squareRoot() / 2
    let interval = try #require(estimate.interval)
    #expect(abs(interval.upperBound - (3 + half)) < 1e-9)
    #expect(abs(interval.lowerBound - (3 - half)) < 1e-9)
  }

  @Test("fewer than three trials give no interval, not one of width zero")
  func noInterval() throws {
    #expect(Estimate([5]).interval == nil && Estimate([5, 6]).interval == nil)
    #expect(Estimate([5, 6, 8]).interval != nil)
    func law(_ trials: Int) -> PowerLaw? {
      let factors = [0.9, 1.05, 1.1].prefix(trials)
      let points = [10.0, 20, 40].map { x in (x: x, values: factors.map { $0 / x }) }
      return PowerLaw(points, seed: 1)
    }
    #expect(try #require(law(1)).slopeInterval == nil)
    #expect(try #require(law(2)).slopeInterval == nil)
    let three = try #require(law(3)?.slopeInterval)
    #expect(three.lowerBound < -1 && -1 < three.upperBound)
  }

  @Test("a power law without noise is found exactly")
  func powerLaw() throws {
    let points = [10.0, 20, 40, 80].map {
      (x: $0, values: Array(repeating: 3 * pow($0, -0.7), count: 3))
    }
    let law = try #require(PowerLaw(points, seed: 1))
    #expect(abs(law.slope + 0.7) < 1e-12)
    #expect(abs(law.prefactor - 3) < 1e-12)
    let interval = try #require(law.slopeInterval)
    #expect(abs(interval.lowerBound - law.slope) < 1e-12)
    #expect(abs(interval.upperBound - law.slope) < 1e-12)
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
