import Landbridge
import LinearAlgebra
import Testing

/// x ~ N(0, I_d), y = ⟨β, x⟩ + noise, squared loss, for networks of one linear hidden layer without
/// biases: outputs are ⟨v, x⟩, so that every expectation is a product of vectors.
private struct LinearGaussianRisk: DropoutRisk {
  let β: [Double]
  let noise: Double
  var loss: Loss { .squared }

  /// v of every neuron's contribution, of which the outputs are the mean.
  private func contributions(of network: Network<Double>) -> [[Double]] {
    let (a, w) = (network.layers[1].weights, network.layers[0].weights)
    let λ = network.scaling == .meanField ? 1 : Double(network.lastHiddenWidth)
    return (0..<w.rows).map { i in w.row(i).map { λ * a[0, i] * $0 } }
  }

  private func slope(of network: Network<Double>) -> [Double] { mean(contributions(of: network)) }

  private func mean(_ vectors: [[Double]]) -> [Double] {
    β.indices.map { j in vectors.reduce(0) { $0 + $1[j] } / Double(vectors.count) }
  }

  private func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func difference(_ a: [Double], _ b: [Double]) -> [Double] { zip(a, b).map { $0 - $1 } }

  func evaluate(_ network: Network<Double>) -> Evaluation {
    let rest = difference(β, slope(of: network))
    return Evaluation(loss: dot(rest, rest) + noise * noise)
  }

  func outputDistance(_ network: Network<Double>, _ other: Network<Double>) -> Double {
    let d = difference(slope(of: network), slope(of: other))
    return dot(d, d)
  }

  func dropoutMoments(
    of network: Network<Double>, standardDeviation: Bool
  ) -> DropoutMoments {
    let v = slope(of: network)
    let z = contributions(of: network).map { difference($0, v) }
    let N = Double(z.count)
    let variance = z.reduce(0) { $0 + dot($1, $1) } / N
    let g = z.map { dot(difference(β, v), $0) }
    var gram: DropoutMoments.GramMoments?
    if standardDeviation {
      gram = .init(diagonalSpread: 0, offDiagonalSpread: 0, correlatedDiagonal: 0)
      for i in z.indices {
        let square = dot(z[i], z[i])
        gram!.diagonalSpread += (square - variance) * (square - variance)
        gram!.correlatedDiagonal += g[i] * square
        for j in z.indices where j != i {
          let entry = dot(z[i], z[j]) + variance / (N - 1)
          gram!.offDiagonalSpread += entry * entry
        }
      }
    }
    return DropoutMoments(
      lossFunction: loss, outputs: 1, evaluation: evaluate(network), variance: variance,
      correlations: g, gram: gram)
  }
}

/// Whatever takes a risk takes one that has no samples.
@Suite("Risk: a law with closed forms")
struct ClosedFormRiskTests {
  private let risk = LinearGaussianRisk(β: [1, -0.5, 0.25], noise: 0.3)

  private func network(_ scaling: Scaling, width: Int = 6) -> Network<Double> {
    DropoutProblem(widths: [width], outputs: 1, scaling: scaling, activation: .identity).network
  }

  @Test("Its curve is that of all subsets", arguments: Scaling.allCases)
  func curve(scaling: Scaling) throws {
    let network = network(scaling)
    let curve = network.dropoutCurve(on: risk, standardDeviation: true, draws: 5)
    #expect(curve.whole == network.evaluate(on: risk) && curve.points.count == 6)
    for kept in 1...6 {
      let point = try #require(curve[kept: kept])
      let sets = subsets(of: 6, count: kept)
      let found = network.dropoutEvaluations(keepingLast: sets, on: risk)
      let (mean, deviation) = meanAndDeviation(found.map(\.loss))
      let expected = try #require(point.expected)
      #expect(expected.basis == .exact && isClose(expected.loss, mean))
      #expect(
        isClose(try #require(expected.standardDeviation), deviation, Tolerance.deviation))
      #expect(
        isClose(
          expected.outputDistance,
          found.reduce(0) { $0 + $1.outputDistance } / Double(found.count)))
      #expect(point.first == network.keeping(.first([kept])).evaluate(on: risk))
      #expect(point.sampledLoss?.draws == 5 && point.sampledError == nil)
    }
  }

  @Test("Samples of the law tend to it")
  func samples() throws {
    let network = network(.meanField)
    let teacher = Network<Double>(
      layers: [
        Layer(weights: Matrix(rows: 1, columns: 3, risk.β), activation: .identity),
        Layer(weights: Matrix(rows: 1, columns: 1, [1]), activation: .identity),
      ], scaling: .standard)
    let source = TeacherStudent(
      teacher: teacher, noise: risk.noise, stream: RandomStream(seed: 4, purpose: .testSamples))
    let n = 20_000
    let empirical = try EmpiricalRisk(source.samples(n), loss: .squared, threads: 2)
    let found = empirical.empiricalEvaluation(of: network)
    // Fixed seed; five standard errors.
    let bound = 5 * (found.lossVariance / Double(n)).squareRoot()
    #expect(abs(found.loss - network.evaluate(on: risk).loss) < bound)
    // V and Q are means of squares of Gaussians: their standard errors are at most √(2/n) of them.
    let relative = 5 * (2 / Double(n)).squareRoot()
    let (V, empiricalV) = (
      network.dropoutMoments(on: risk).variance, network.dropoutMoments(on: empirical).variance
    )
    #expect(abs(empiricalV - V) < relative * V)
    let half = network.keeping(.firstHalves(of: network.hiddenWidths))
    let distance = half.outputDistance(to: network, on: risk)
    #expect(abs(half.outputDistance(to: network, on: empirical) - distance) < relative * distance)
  }

  @Test("Forecasts and halves need no samples either")
  func forecast() {
    let network = network(.standard)
    let forecast = DropoutForecast(of: network, on: risk)
    let moments = network.dropoutMoments(on: risk, standardDeviation: true)
    #expect(forecast.expectation(kept: 4) == moments.expectation(kept: 4))
    let halves = KeptNeurons.firstHalves(of: [6])
    let layerwise = network.layerwiseDropout(keeping: halves, on: risk)
    #expect(layerwise.everyLayer.loss == network.keeping(halves).evaluate(on: risk).loss)
    // E3: the mean over a half and its complement is L_N + Q.
    let average = network.antitheticAverage(halves: halves, on: risk)
    #expect(
      isClose(
        average.meanLoss,
        network.evaluate(on: risk).loss + average.evaluations[0].outputDistance))
  }
}
