import Landbridge
import LinearAlgebra
import Testing

/// Error curves where crossings coincide, against rational arithmetic.
@Suite struct ErrorCurveTieTests {
  /// A curve between two tables of outputs (n × K): one input per sample picks its row.
  private func curve(
    _ start: [[Double]], _ end: [[Double]], labels: [Int], oneHot: Bool
  ) throws -> ErrorCurve {
    let (n, k) = (start.count, start[0].count)
    let identity = (0..<n * n).map { $0 / n == $0 % n ? 1.0 : 0 }
    // The last neuron is 0; its weights move, so that no segment is constant.
    func network(_ outputs: [[Double]], _ mark: Double) -> Network<Double> {
      Network(
        layers: [
          Layer(
            weights: Matrix(rows: n + 1, columns: n, identity + Array(repeating: 0, count: n)),
            activation: .identity),
          Layer(
            weights: Matrix(
              rows: k, columns: n + 1, (0..<k).flatMap { j in outputs.map { $0[j] } + [mark] }),
            activation: .identity),
        ], scaling: .standard)
    }
    typealias Path = PiecewiseLinearPath<Double>
    let path = Path(
      knots: [
        Path.Knot(name: "a", network: network(start, 0)),
        Path.Knot(name: "b", network: network(end, 1)),
      ])
    let samples = Samples(
      inputs: Matrix(rows: n, columns: n, identity), labels: labels, classes: max(k, 2),
      oneHot: oneHot)
    return try PathEvaluation(of: path, on: empirical(samples, .squared)).errorCurves[0]!
  }

  /// p/q with q > 0.
  private struct Fraction: Comparable, Hashable {
    var p: Int
    var q: Int
    init(_ p: Int, _ q: Int) {
      var (a, b) = (abs(p), abs(q))
      while b != 0 { (a, b) = (b, a % b) }
      let sign = q < 0 ? -1 : 1
      (self.p, self.q) = (sign * p / max(a, 1), sign * q / max(a, 1))
    }
    static func < (x: Fraction, y: Fraction) -> Bool { x.p * y.q < y.p * x.q }
    func middle(_ y: Fraction) -> Fraction { Fraction(p * y.q + y.p * q, 2 * q * y.q) }
  }

  private func errors(_ start: [[Int]], _ end: [[Int]], _ labels: [Int], at t: Fraction) -> Int {
    zip(zip(start, end), labels).count { rows, label in
      let f = zip(rows.0, rows.1).map { (t.q - t.p) * $0 + t.p * $1 }
      if f.count == 1 { return f[0] * (label == 0 ? -1 : 1) <= 0 }
      return f.firstIndex(of: f.max()!)! != label
    }
  }

  @Test(arguments: [1, 2, 3, 4]) func smallIntegersAgainstFractions(_ k: Int) throws {
    var random = PathTestGenerator(seed: UInt64(k))
    for round in 0..<150 {
      let (n, size) = (1 + round % 9, 1 + round % 4)
      func table() -> [[Int]] {
        (0..<n).map { _ in (0..<k).map { _ in Int.random(in: -size...size, using: &random) } }
      }
      let (start, end) = (table(), round % 10 == 0 ? nil : table())
      let last = end ?? start
      let labels = (0..<n).map { _ in Int.random(in: 0..<max(k, 2), using: &random) }
      func doubles(_ rows: [[Int]]) -> [[Double]] { rows.map { $0.map(Double.init) } }
      let curve = try curve(doubles(start), doubles(last), labels: labels, oneHot: k > 1)
      var times: Set<Fraction> = [Fraction(0, 1), Fraction(1, 1)]
      for (a, b) in zip(start, last) {
        for i in 0..<k {
          for j in 0..<max(i, 1) {
            let (d0, d1) = k == 1 ? (a[0], b[0]) : (a[i] - a[j], b[i] - b[j])
            if d0 != d1, d0 * (d0 - d1) >= 0, abs(d0) <= abs(d0 - d1) {
              times.insert(Fraction(d0, d0 - d1))
            }
          }
        }
      }
      let sorted = times.sorted()
      let places = (sorted + zip(sorted, sorted.dropFirst()).map { $0.middle($1) }).sorted()
      let counts = places.map { errors(start, last, labels, at: $0) }
      #expect(curve.maximum.errors == counts.max()!)
      for (place, count) in zip(places, counts) {
        #expect(curve.errors(at: Double(place.p) / Double(place.q)) == count)
      }
      for (a, b) in zip(curve.events, curve.events.dropFirst()) { #expect(a.t < b.t) }
    }
  }

  /// Of samples with equal outputs and every label, exactly one is right, at every t: crossings of
  /// three classes that coincide leave no moment between them.
  @Test(arguments: [2, 3, 5]) func oneLabelOfAllIsRight(_ k: Int) throws {
    var random = PathTestGenerator(seed: UInt64(40 + k))
    for round in 0..<60 {
      var (start, end, labels) = ([[Double]](), [[Double]](), [Int]())
      for _ in 0..<4 {
        let scale = [1, 1e-150, 1e130, 0x1p-1060][round % 4]
        var a = random.vector(k, scale), b = random.vector(k, scale)
        if round % 3 == 0 {
          // All margins of b are those of a, times a number that is not a power of two: every pair
          // crosses at nearly one place.
          let center = a[0]
          b = a.map { -3 * ($0 - center) }
        }
        if round % 5 == 0 { (a, b) = (a.map { $0.rounded() }, b.map { $0.rounded() }) }
        // Once for every label, unless ±1 is all there is.
        for label in 0..<k {
          start.append(a)
          end.append(b)
          labels.append(label)
        }
      }
      let curve = try curve(start, end, labels: labels, oneHot: true)
      for event in curve.events {
        #expect(event.errorsAt == 4 * (k - 1))
        #expect(event.errorsAfter == 4 * (k - 1))
      }
    }
  }
}
