import Landbridge
import LinearAlgebra
import Testing

/// The largest loss found on a straight line, against grids of 2001 points.
@Suite struct StraightLineSamplingTests {
  private func line(
    _ start: Network<Double>, _ end: Network<Double>, _ samples: Samples<Double>, _ loss: Loss,
    _ sampling: PathSampling = PathSampling()
  ) throws -> PathProfile {
    try PathEvaluation(
      of: .straightLine(from: start, to: end), on: empirical(samples, loss), sampling: sampling
    ).profile()
  }

  @Test func neverMoreThanTheToleranceLow() throws {
    for seed in 0..<36 as Range<UInt64> {
      var random = PathTestGenerator(seed: 1000 + seed)
      let widths = [[2], [5], [30], [3, 3], [10, 10], [4, 4, 4]][Int(seed % 6)]
      let (loss, k) = (Loss.allCases[Int(seed % 2)], seed.isMultiple(of: 3) ? 1 : 3)
      let (σ, steepness) = (
        [Activation.tanh, .relu, .sigmoid, .cos][Int(seed / 6 % 4)], 1 + seed % 7
      )
      func network() -> Network<Double> {
        var network = random.network(
          inputs: 3, widths: widths, outputs: k, scaling: .standard, biases: true, activation: σ)
        for index in network.layers.indices {
          network.layers[index].weights = network.layers[index].weights.map {
            $0 * Double(steepness)
          }
        }
        return network
      }
      let (start, end) = (network(), network())
      let samples = random.samples(1 + Int(seed % 20), inputs: 3, outputs: k)
      let profile = try line(start, end, samples, loss)
      let dense = denseLosses(try .straightLine(from: start, to: end), samples, loss, steps: 2000)[
        0]
      let range = dense.max()! - dense.min()!
      #expect(profile.maximumLoss >= dense.max()! - 2e-4 * range, "seed \(seed)")
      let chord = dense.enumerated().map { step, loss in
        let t = Double(step) / 2000
        return loss - (1 - t) * dense.first! - t * dense.last!
      }
      #expect(profile.barrierChord >= chord.max()! - 2e-4 * range, "seed \(seed)")
    }
  }

  /// One neuron, one sample: f passes through the target's opposite within 10⁻³ of t.
  @Test func aNarrowPeakIsFoundWhereNetworksAreSmall() throws {
    func network(_ w: Double, _ b: Double, _ a: [Double]) -> Network<Double> {
      Network(
        layers: [
          Layer(
            weights: Matrix(rows: 2, columns: 1, [w, w]), bias: [b, b + 1.5], activation: .tanh),
          Layer(weights: Matrix(rows: 1, columns: 2, a), activation: .identity),
        ], scaling: .standard)
    }
    let samples = Samples(
      inputs: Matrix(rows: 1, columns: 1, [1.0]), labels: [1], classes: 2)
    let profile = try line(
      network(-1000, 311.7, [2, -2]), network(2000, 311.7, [2, -2]), samples, .squared)
    // Between the two crossings 2(h₁ − h₂) is nearly −4 tanh(0.75).
    let peak = 1 + 4 * (0.75).hyperbolicTangent
    #expect(abs(profile.maximumLoss - peak * peak) < 0.01)
    #expect(profile.endpointLosses.max()! < 1.01)
    let coarse = try line(
      network(-1000, 311.7, [2, -2]), network(2000, 311.7, [2, -2]), samples, .squared,
      PathSampling(steps: 20))
    #expect(coarse.maximumLoss < 2)
  }

  @Test func theCostIsBounded() throws {
    var random = PathTestGenerator(seed: 77)
    func network() -> Network<Double> {
      random.network(inputs: 30, widths: [300], outputs: 3, scaling: .meanField, biases: false)
    }
    let (start, end) = (network(), network())
    let samples = random.samples(1000, inputs: 30, outputs: 3)
    let profile = try line(start, end, samples, .squared)
    let spacing = try #require(profile.segments[0].gridSpacing)
    #expect(profile.evaluations <= 33 + 64)
    #expect(spacing.upperBound <= 1.0 / 32 && spacing.lowerBound <= spacing.upperBound)
  }
}

extension Double {
  fileprivate var hyperbolicTangent: Double {
    (exponential(2 * self) - 1) / (exponential(2 * self) + 1)
  }
}
