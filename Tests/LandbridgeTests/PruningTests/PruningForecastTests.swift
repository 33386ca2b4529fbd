import Landbridge
import LinearAlgebra
import Testing

@Suite("Pruning: what is predicted")
struct PruningForecastTests {
  private let problem = DropoutProblem<Double>(widths: [9], outputs: 2, samples: 30, biases: true)

  /// L_S of all sets of M neurons.
  private func losses(kept: Int, loss: Loss) -> [Double] {
    problem.network.dropoutEvaluations(
      keepingLast: subsets(of: 9, count: kept), on: empirical(problem.samples, loss)
    ).map(\.loss)
  }

  @Test("Squared loss: mean and deviation over all sets, by enumeration")
  func exact() {
    let forecast = DropoutForecast(of: problem.network, on: empirical(problem.samples, .squared))
    for kept in 1...9 {
      let expectation = forecast.expectation(kept: kept)
      let (mean, deviation) = meanAndDeviation(losses(kept: kept, loss: .squared))
      #expect(expectation.basis == .exact && expectation.draws == nil)
      #expect(isClose(expectation.loss, mean, Tolerance.exact))
      #expect(isClose(expectation.standardDeviation!, deviation, Tolerance.deviation))
    }
  }

  @Test("Cross-entropy: random sets beside the whole, and a bound that is one")
  func crossEntropy() {
    let stream = RandomStream(seed: 3, purpose: .subsets)
    let forecast = DropoutForecast(
      of: problem.network, on: empirical(problem.samples, .crossEntropy), draws: 400, stream: stream
    )
    let curve = problem.network.dropoutCurve(
      on: empirical(problem.samples, .crossEntropy), kept: Array(1...9), draws: 400, stream: stream)
    for kept in 1...9 {
      let expectation = forecast.expectation(kept: kept)
      #expect(expectation.basis == .sampled && expectation.draws == 400)
      let (mean, deviation) = meanAndDeviation(losses(kept: kept, loss: .crossEntropy))
      // Five standard errors of the draws; one in 10⁶ by chance, and the seed is fixed.
      #expect(abs(expectation.loss - mean) <= 5 * deviation / 20 + Tolerance.exact)
      #expect(abs(expectation.standardDeviation! - deviation) <= 0.2 * deviation + 1e-7)
      #expect(isClose(expectation.loss, curve.points[kept - 1].sampledLoss!.mean))
      #expect(expectation.upperBound! >= mean - Tolerance.exact)
      #expect(isClose(expectation.upperBound!, curve[kept: kept]!.expected!.loss))
    }
  }

  @Test("Tolerance: the smallest M by enumeration, and the sets of that size stay within it")
  func tolerance() {
    for loss in Loss.allCases {
      let forecast = DropoutForecast(
        of: problem.network, on: empirical(problem.samples, loss), draws: 50)
      let enumerated = (1...9).map { meanAndDeviation(losses(kept: $0, loss: loss)) }
      for tolerance in [0, 0.02, 0.1, 0.3, 1, 3, 100] {
        for z in [0, 1, 2] {
          let kept = forecast.smallestWidth(tolerance: tolerance, standardDeviations: Double(z))
          if loss == .crossEntropy {
            // By halving over draws: it meets the criterion, and where one fewer was asked, that not.
            let found = forecast.expectation(kept: kept)
            let rise = found.loss - forecast.wholeLoss + Double(z) * found.standardDeviation!
            #expect(rise <= tolerance || kept == 9)
            continue
          }
          let rises = losses(kept: kept, loss: loss).map { $0 - forecast.wholeLoss }
          let mean = meanAndDeviation(rises).mean
          #expect(mean <= tolerance + Tolerance.exact)
          let within = Double(rises.count { $0 <= tolerance + Tolerance.exact })
          let share = within / Double(rises.count)
          // Cantelli's inequality, exact for the law over all sets.
          #expect(share >= Double(z * z) / Double(1 + z * z) - 1e-9)
          let scanned = (1...9).first {
            enumerated[$0 - 1].mean - forecast.wholeLoss + Double(z) * enumerated[$0 - 1].deviation
              <= tolerance + 1e-9
          }
          #expect(kept == scanned)
        }
      }
      #expect(forecast.smallestWidth(tolerance: 100, standardDeviations: 2) == 1)
      #expect(forecast.smallestWidth(tolerance: 0, standardDeviations: 2) == 9)
    }
  }

  /// A confident classifier: the bound is a hundred times what dropping neurons costs.
  @Test func boundsDecideNothing() {
    var confident = DropoutProblem<Double>(widths: [60], outputs: 3, samples: 200)
    let last = confident.network.layers.count - 1
    confident.network.layers[last].weights = confident.network.layers[last].weights.map { 300 * $0 }
    // Labels are the network's own: the loss is nearly 0 and stays so.
    let outputs = confident.network.outputs(confident.samples.inputs)
    let labels = (0..<outputs.rows).map { row in
      outputs.row(row).enumerated().max { $0.element < $1.element }!.offset
    }
    let samples = Samples(
      inputs: confident.samples.inputs, labels: labels, classes: 3, oneHot: true)
    let forecast = DropoutForecast(of: confident.network, on: empirical(samples, .crossEntropy))
    let tolerance = 0.5 * forecast.expectation(kept: 30).loss
    let kept = forecast.smallestWidth(tolerance: tolerance, standardDeviations: 2)
    #expect(kept < 60)
    #expect(forecast.moments!.smallestWidth(tolerance: tolerance) == 60, "by the bound none can go")
    let found = forecast.expectation(kept: kept)
    #expect(found.upperBound! - forecast.wholeLoss > 10 * (found.loss - forecast.wholeLoss))
  }

  @Test("Other layers: the draws of the curve, and the M at which they meet the tolerance")
  func sampled() throws {
    let deep = DropoutProblem<Double>(widths: [24, 16], outputs: 2, samples: 40, biases: true)
    let stream = RandomStream(seed: 7, purpose: .subsets)
    for layer in [nil, 1] {
      let forecast = DropoutForecast(
        of: deep.network, layer: layer, on: empirical(deep.samples, .squared), draws: 15,
        stream: stream)
      let curve = deep.network.dropoutCurve(
        on: empirical(deep.samples, .squared), layer: layer, kept: Array(1...forecast.width),
        draws: 15, stream: stream)
      #expect(forecast.moments == nil && isClose(forecast.wholeLoss, curve.whole.loss))
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
    let last = DropoutForecast(of: deep.network, layer: 2, on: empirical(deep.samples, .squared))
    #expect(last.expectation(kept: 3).basis == .exact && last.width == 16)
  }
}
