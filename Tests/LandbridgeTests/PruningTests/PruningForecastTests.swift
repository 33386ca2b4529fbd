import Landbridge
import LinearAlgebra
import Testing

@Suite("Pruning: what is predicted")
struct PruningForecastTests {
  private let problem = DropoutProblem<Double>(widths: [9], outputs: 2, samples: 30, biases: true)

  /// L_S of all sets of M neurons.
  private func losses(kept: Int, loss: Loss) -> [Double] {
    problem.network.dropoutEvaluations(
      keepingLast: subsets(of: 9, count: kept), on: problem.samples, loss: loss
    ).map(\.loss)
  }

  @Test("Squared loss: mean and deviation over all sets, by enumeration")
  func exact() {
    let forecast = DropoutForecast(of: problem.network, on: problem.samples, loss: .squared)
    for kept in 1...9 {
      let expectation = forecast.expectation(kept: kept)
      let (mean, deviation) = meanAndDeviation(losses(kept: kept, loss: .squared))
      #expect(expectation.basis == .exact && expectation.draws == nil)
      #expect(isClose(expectation.loss, mean, Tolerance.exact))
      #expect(isClose(expectation.standardDeviation!, deviation, DropoutTolerance.deviation))
    }
  }

  @Test("Cross-entropy: at least the mean over all sets")
  func upperBound() {
    let forecast = DropoutForecast(of: problem.network, on: problem.samples, loss: .crossEntropy)
    for kept in 1...9 {
      let expectation = forecast.expectation(kept: kept)
      #expect(expectation.basis == .upperBound)
      let mean = meanAndDeviation(losses(kept: kept, loss: .crossEntropy)).mean
      #expect(expectation.loss >= mean - Tolerance.exact)
    }
  }

  @Test("Tolerance: the smallest M by enumeration, and the sets of that size stay within it")
  func tolerance() {
    for loss in Loss.allCases {
      let forecast = DropoutForecast(of: problem.network, on: problem.samples, loss: loss)
      let enumerated = (1...9).map { meanAndDeviation(losses(kept: $0, loss: loss)) }
      for tolerance in [0, 0.02, 0.1, 0.3, 1, 3, 100] {
        for z in [0, 1, 2] {
          let kept = forecast.smallestWidth(tolerance: tolerance, standardDeviations: Double(z))
          let rises = losses(kept: kept, loss: loss).map { $0 - forecast.wholeLoss }
          let mean = meanAndDeviation(rises).mean
          #expect(mean <= tolerance + Tolerance.exact)
          let within = Double(rises.count { $0 <= tolerance + Tolerance.exact })
          let share = within / Double(rises.count)
          // Cantelli's inequality, exact for the law over all sets.
          #expect(share >= Double(z * z) / Double(1 + z * z) - 1e-9)
          if loss == .squared {
            let scanned = (1...9).first {
              enumerated[$0 - 1].mean - forecast.wholeLoss + Double(z)
                * enumerated[$0 - 1].deviation
                <= tolerance + 1e-9
            }
            #expect(kept == scanned)
          }
        }
      }
      #expect(forecast.smallestWidth(tolerance: 0, standardDeviations: 2) == 9)
    }
  }

  @Test("Other layers: the draws of the curve, and the M at which they meet the tolerance")
  func sampled() throws {
    let deep = DropoutProblem<Double>(widths: [24, 16], outputs: 2, samples: 40, biases: true)
    let stream = RandomStream(seed: 7, purpose: .subsets)
    for layer in [nil, 1] {
      let forecast = DropoutForecast(
        of: deep.network, layer: layer, on: deep.samples, loss: .squared, draws: 15,
        stream: stream)
      let curve = deep.network.dropoutCurve(
        on: deep.samples, loss: .squared, layer: layer, kept: Array(1...forecast.width), draws: 15,
        stream: stream)
      #expect(forecast.moments == nil && isClose(forecast.wholeLoss, curve.loss))
      func rise(_ kept: Int) -> Double {
        let sampled = curve.points[kept - 1].sampledLoss!
        return sampled.mean - forecast.wholeLoss + 2 * sampled.standardDeviation!
      }
      for point in curve.points {
        let expectation = forecast.expectation(kept: point.kept)
        #expect(expectation.basis == .sampled && expectation.draws == 15)
        #expect(isClose(expectation.loss, point.sampledLoss!.mean))
        #expect(isClose(expectation.standardDeviation!, point.sampledLoss!.standardDeviation!))
      }
      for tolerance in [0.01, 0.2, 1, 5] {
        let kept = forecast.smallestWidth(tolerance: tolerance, standardDeviations: 2)
        #expect(rise(kept) <= tolerance + Tolerance.exact)
        if kept > 1 { #expect(rise(kept - 1) > tolerance) }
      }
    }
    let last = DropoutForecast(of: deep.network, layer: 2, on: deep.samples, loss: .squared)
    #expect(last.expectation(kept: 3).basis == .exact && last.width == 16)
  }
}
