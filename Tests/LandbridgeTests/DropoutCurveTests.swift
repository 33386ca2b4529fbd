import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite("Dropout: curves")
struct DropoutCurveTests {
  @Test("A curve of the last layer gathers moments and prefixes for every M")
  func lastLayer() throws {
    for loss in Loss.allCases {
      let problem = DropoutProblem<Double>(widths: [12], outputs: 3, samples: 60, biases: true)
      let curve = problem.network.dropoutCurve(
        on: empirical(problem.samples, loss), standardDeviation: true)
      let moments = problem.network.dropoutMoments(
        on: empirical(problem.samples, loss), standardDeviation: true)
      let prefixes = problem.network.prefixLosses(on: empirical(problem.samples, loss))
      #expect(curve.width == 12 && curve.layer == nil)
      #expect(curve.whole == moments.evaluation)
      #expect(curve.points.map(\.kept) == Array(1...12))
      for point in curve.points {
        let expected = try #require(point.expected)
        #expect(expected.loss == moments.expectedLoss(kept: point.kept))
        #expect(expected.standardDeviation == moments.standardDeviation(kept: point.kept))
        #expect(expected.basis == (loss == .crossEntropy ? .bound : .exact))
        #expect(point.first.loss == prefixes.losses[point.kept - 1])
        #expect(point.first.error == prefixes.errors?[point.kept - 1])
        #expect(curve[kept: point.kept] == point)
        #expect(point.sampledLoss == nil)
      }
      let last = try #require(curve.points.last)
      #expect(isClose(last.first.loss, curve.whole.loss) && last.first.error == curve.whole.error)
      #expect(curve[kept: 13] == nil)
      let again = problem.network.dropoutCurve(
        on: empirical(problem.samples, loss), moments: moments)
      #expect(again == curve)
    }
  }

  @Test("Draws scatter about the exact mean with the exact standard deviation")
  func draws() throws {
    let problem = DropoutProblem<Double>(widths: [30], outputs: 2, samples: 40)
    let draws = 4000
    let curve = problem.network.dropoutCurve(
      on: empirical(problem.samples, .squared), kept: [5, 15, 30], standardDeviation: true,
      draws: draws, stream: RandomStream(seed: 11, purpose: .subsets))
    for point in curve.points {
      let sampled = try #require(point.sampledLoss)
      let deviation = try #require(point.expected?.standardDeviation)
      // Fixed seed; four standard errors: a fresh seed would fail once in 16 000 points.
      let bound = 4 * deviation / Double(draws).squareRoot() + Tolerance.deviation
      #expect(abs(sampled.mean - point.expected!.loss) <= bound)
      // The relative error of a standard deviation is √((kurtosis − 1)/4n), here < 2/√n.
      #expect(
        abs(sampled.standardDeviation! - deviation)
          <= 8 * deviation / Double(draws).squareRoot() + Tolerance.deviation)
      let values = sampled.quantiles.map(\.value)
      #expect(values == values.sorted() && sampled.quantiles.map(\.level).contains(0.5))
      let error = try #require(point.sampledError)
      #expect(error.quantiles.allSatisfy { (0...1).contains($0.value) })
    }
    // With all neurons kept nothing is random.
    let whole = try #require(curve.points.last?.sampledError)
    #expect(whole.quantiles.allSatisfy { $0.value == curve.whole.error })
  }

  @Test("Inner layers and all layers together are evaluated point by point")
  func otherLayers() throws {
    let problem = DropoutProblem<Double>(widths: [16, 8], outputs: 2, samples: 30)
    let stream = RandomStream(seed: 3, purpose: .subsets)
    let inner = problem.network.dropoutCurve(
      on: empirical(problem.samples, .squared), layer: 1, draws: 3, stream: stream)
    #expect(inner.width == 16 && inner.layer == 1)
    #expect(inner.points.map(\.kept) == DropoutCurve.spacedCounts(upTo: 16))
    for point in inner.points {
      let first = problem.evaluation(
        keeping: .only(Array(0..<point.kept), inLayer: 1, of: 2), loss: .squared)
      #expect(isClose(point.first.loss, first.loss) && point.first.error == first.error)
      #expect(point.expected == nil)
      let drawn = (0..<3).map { draw -> Double in
        let set = stream.subset(point.kept, of: 16, item: UInt64(point.kept) << 32 | UInt64(draw))
        return problem.evaluation(keeping: .only(set, inLayer: 1, of: 2), loss: .squared).loss
      }
      #expect(isClose(try #require(point.sampledLoss).mean, drawn.reduce(0, +) / 3))
    }
    let all = problem.network.dropoutCurve(
      on: empirical(problem.samples, .squared), kept: [1, 4, 8])
    for point in all.points {
      let first = problem.evaluation(
        keeping: .first([2 * point.kept, point.kept]), loss: .squared)
      #expect(isClose(point.first.loss, first.loss))
    }
    let whole = problem.network.evaluate(on: empirical(problem.samples, .squared))
    #expect(isClose(all.whole.loss, whole.loss) && all.whole.error == whole.error)
    let last = problem.network.dropoutCurve(on: empirical(problem.samples, .squared), layer: 2)
    #expect(last.points.count == 8 && last.points[2].expected != nil)
  }

  @Test("Spaced counts run from 1 to N", arguments: [1, 2, 3, 7, 800, 25600])
  func spacedCounts(width: Int) {
    let counts = DropoutCurve.spacedCounts(upTo: width)
    #expect(counts.first == 1 && counts.last == width && counts.count <= 32)
    #expect(zip(counts, counts.dropFirst()).allSatisfy { $0 < $1 })
    #expect(width % 2 == 1 || counts.contains(width / 2))
  }

  @Test("Quantiles interpolate as in NumPy")
  func quantiles() {
    // numpy.quantile([1, 2, 4, 8], [0, 0.1, 0.5, 0.75, 1])
    let summary = SampleSummary(of: [8, 1, 4, 2], levels: [0, 0.1, 0.5, 0.75, 1])
    for (found, expected) in zip(summary.quantiles, [1, 1.3, 3, 5, 8]) {
      #expect(isClose(found.value, expected))
    }
    #expect(summary.mean == 3.75)
    #expect(isClose(summary.standardDeviation!, 3.0956959368344519))
    let single = SampleSummary(of: [2.5])
    #expect(single.standardDeviation == nil && single.quantiles.allSatisfy { $0.value == 2.5 })
  }

  @Test("JSON has the keys of the tool")
  func json() throws {
    let problem = DropoutProblem<Double>(widths: [3, 4], outputs: 2)
    let curve = problem.network.dropoutCurve(
      on: empirical(problem.samples, .squared), layer: 2, standardDeviation: true, draws: 2)
    let data = try JSONEncoder().encode(curve)
    let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(Set(object.keys) == ["layer", "width", "loss", "error", "curve"])
    let points = try #require(object["curve"] as? [[String: Any]])
    #expect(
      Set(points[0].keys) == [
        "kept", "expectedLoss", "expectedLossIsUpperBound", "standardDeviation", "lossOfFirst",
        "errorOfFirst", "sampledLoss", "sampledError",
      ])
  }

  @Test("A diverged network gives null, not NaN")
  func diverged() throws {
    var problem = DropoutProblem<Double>(widths: [4], outputs: 2)
    problem.network.layers[1].weights[0, 2] = .infinity
    for loss in Loss.allCases {
      let curve = problem.network.dropoutCurve(
        on: empirical(problem.samples, loss), standardDeviation: true, draws: 2)
      let data = try JSONEncoder().encode(curve)
      let object = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(object["loss"] is NSNull)
    }
  }

  @Test("One neuron, one sample")
  func smallest() throws {
    let problem = DropoutProblem<Double>(widths: [1], outputs: 1, samples: 1)
    let curve = problem.network.dropoutCurve(
      on: empirical(problem.samples, .squared), standardDeviation: true, draws: 1)
    let point = try #require(curve.points.first)
    #expect(curve.points.count == 1)
    #expect(point.expected?.loss == curve.whole.loss && point.expected?.standardDeviation == 0)
    #expect(isClose(point.first.loss, curve.whole.loss))
  }
}
