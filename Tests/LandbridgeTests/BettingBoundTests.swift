import Landbridge
import Foundation
import LinearAlgebra
import Testing

@Suite struct `Betting bound` {
  /// The definition: logarithms of every factor, bisection on the line.
  private func plain(_ values: [Double], _ bound: Double, _ failure: Double) -> Double {
    let weights = (1...12).map { 1 / Double($0 * $0) }
    func log(at m: Double) -> Double {
      let logs = (0..<12).map { j -> Double in
        let c = pow(0.5, Double(j))
        return Foundation.log(weights[j] / weights.reduce(0, +))
          + values.reduce(0) { $0 + log1p(c * (m - $1) / (bound - m)) }
      }
      let largest = logs.max()!
      return largest.isFinite
        ? largest + Foundation.log(logs.reduce(0) { $0 + exp($1 - largest) }) : largest
    }
    var (low, high) = (values.reduce(0, +) / Double(values.count), bound)
    for _ in 0..<200 {
      let middle = low + (high - low) / 2
      if log(at: middle) < -Foundation.log(failure) { low = middle } else { high = middle }
    }
    return low
  }

  private func draws(_ n: Int, seed: UInt64) -> [Double] {
    var generator = RandomStream(seed: seed, purpose: .bootstrap).generator()
    return (0..<n).map { _ in
      let u = Double(generator.next() >> 11) * 0x1p-53
      return u < 0.1 ? 9 * u : u * u * 0.3
    }
  }

  @Test(arguments: [1, 2, 7, 60, 359, 1300]) func `is the definition, rounded up`(n: Int) {
    for (bound, failure) in [(1.0, 0.05), (13.5, 0.05 / 30), (0.9, 0.3), (1e6, 1e-15)] {
      for shift in [0.0, -1.0] {
        let values = draws(n, seed: UInt64(n)).map { $0 + shift }
        let found = bettingUpperBound(values, bound: bound, failure: failure)
        let exact = plain(values, bound, failure)
        #expect(found >= exact - 4e-16 * abs(exact) && found <= bound)
        #expect(found - exact <= 1e-10 * (1 + abs(exact)), "\(found) for \(exact)")
      }
    }
  }

  /// One value 0 below B = 1: 1 + Σ w_c c · m/(1 − m) = 1/δ is solved by hand.
  @Test func `of one value by hand`() {
    let weights = (1...12).map { 1 / Double($0 * $0) }
    let mean =
      zip(weights, 0...).reduce(0) { $0 + $1.0 * pow(0.5, Double($1.1)) }
      / weights.reduce(0, +)
    for failure in [0.5, 0.05, 1e-9] {
      let ratio = (1 / failure - 1) / mean
      let found = bettingUpperBound([0], bound: 1, failure: failure)
      #expect(abs(found - ratio / (1 + ratio)) < 1e-12)
      #expect(1 - found <= 1 / (1 + ratio) * (1 + 1e-9))
    }
  }

  @Test func `does not break at the ends`() {
    // All at the bound: every product is (1 − c)ⁿ, and only the bound itself is left.
    #expect(bettingUpperBound([2, 2, 2], bound: 2, failure: 0.05) == 2)
    // One of them there: the factor of c = 1 is 0.
    let some = bettingUpperBound([2, 0, 0, 0, 0, 0, 0, 0, 0, 0], bound: 2, failure: 0.05)
    #expect(some > 0.2 && some < 2)
    #expect(abs(some - plain([2] + Array(repeating: 0, count: 9), 2, 0.05)) < 1e-12)
    // Beyond it by rounding counts as there.
    #expect(bettingUpperBound([2.nextUp, 2], bound: 2, failure: 0.05) == 2)
    // The next number below the bound.
    let near = bettingUpperBound(
      Array(repeating: 1.nextDown, count: 50), bound: 1, failure: 0.05)
    #expect(near >= 1.nextDown && near <= 1)
    // Equal values: the variance is 0, the bound near them and not at them.
    let equal = bettingUpperBound(Array(repeating: 0.25, count: 1000), bound: 1, failure: 0.05)
    #expect(equal > 0.25 && equal < 0.26)
    // Bounds beyond all measure.
    for bound in [1e30, 1e150, 1e299, 1e305, Double.greatestFiniteMagnitude] {
      let found = bettingUpperBound(draws(50, seed: 1), bound: bound, failure: 0.05)
      #expect(found > 0 && found <= bound)
    }
    #expect(bettingUpperBound([-1e299, 1], bound: 1e-300 + 1, failure: 0.05) <= 1)
    let tiny = bettingUpperBound(
      draws(100, seed: 2).map { $0 * 1e-300 }, bound: 1e-300, failure: 0.1)
    let scaled = bettingUpperBound(draws(100, seed: 2), bound: 1, failure: 0.1)
    #expect(abs(tiny / 1e-300 - scaled) < 1e-9)
  }

  @Test func `has no use for the order, grows with values and confidence`() {
    let values = draws(200, seed: 3)
    let found = bettingUpperBound(values, bound: 1, failure: 0.05)
    let reversed = bettingUpperBound(values.reversed(), bound: 1, failure: 0.05)
    #expect(abs(found - reversed) < 1e-13)
    var larger = values
    for i in stride(from: 0, to: 200, by: 7) { larger[i] = min(1, larger[i] + 1e-6) }
    #expect(bettingUpperBound(larger, bound: 1, failure: 0.05) > found)
    #expect(bettingUpperBound(values, bound: 1, failure: 0.04) > found)
  }

  /// For many draws it is a constant times what the central limit theorem would give: with
  /// δ = 1e-3 and the variance v about √(2v(log 1/δ + log 1/w)/n), which no bound can beat by much.
  @Test func `narrows as theory says`() {
    let values = draws(40_000, seed: 4)
    let n = Double(values.count)
    let mean = values.reduce(0, +) / n
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    let found = bettingUpperBound(values, bound: 1, failure: 1e-3) - mean
    let ideal = (2 * variance * log(1e3) / n).squareRoot()
    #expect(found > ideal && found < 1.5 * ideal, "\(found / ideal)")
  }

  @Test func `intervals take both ends from what is known`() {
    let values = draws(100, seed: 5)
    let exact = EnclosedValues(values, errors: values.map { _ in 0 })
    let rough = EnclosedValues(values, errors: values.map { _ in 1e-3 })
    let (a, b) = (
      bettingInterval(exact, in: 0...1, failure: 0.05),
      bettingInterval(rough, in: 0...1, failure: 0.05)
    )
    #expect(a.upperBound == bettingUpperBound(values, bound: 1, failure: 0.025))
    #expect(
      a.lowerBound == -bettingUpperBound(values.map { -$0 }, bound: 0, failure: 0.025))
    #expect(b.lowerBound < a.lowerBound && b.upperBound > a.upperBound)
    #expect(b.upperBound - a.upperBound < 2e-3)
    #expect(a.lowerBound > 0 && a.upperBound < 1)
    let difference = rough - exact
    #expect(zip(difference.lower, difference.upper).allSatisfy { $0 <= -1e-3 && $1 >= 1e-3 })
  }
}
