import Landbridge
import LinearAlgebra
import Testing

/// The exact value of everything that a certificate states of knots lies inside its enclosure.
@Suite struct EnclosureTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var widths: [Int]
    var outputs: Int
    var activation: Activation
    var loss: Loss
    var scaling: Scaling

    var testDescription: String {
      "\(widths) K=\(outputs) \(activation) \(loss.rawValue) \(scaling.rawValue)"
    }

    static let all: [Case] = {
      var list: [Case] = []
      let activations: [Activation] = [
        .tanh, .relu, .sigmoid, .erf, .softplus, .cos, .saturatingRamp, .identity,
        .usualLeakyReLU, .elu, .selu, .hardTanh, .silu, .gelu, .geluTanh,
      ]
      for (index, activation) in activations.enumerated() {
        for loss in Loss.allCases {
          for scaling in Scaling.allCases {
            list.append(
              Case(
                widths: [[9], [7, 5], [12], [6, 7, 4]][index % 4], outputs: index % 3 == 0 ? 1 : 3,
                activation: activation, loss: loss, scaling: scaling))
          }
        }
      }
      return list
    }()

    func pair(samples n: Int) -> (Network<Double>, Network<Double>, Samples<Double>) {
      var random = PathTestGenerator(seed: UInt64(widths.reduce(outputs) { 31 * $0 + $1 }))
      func network() -> Network<Double> {
        random.network(
          inputs: 4, widths: widths, outputs: outputs, scaling: scaling, biases: loss == .squared,
          activation: activation)
      }
      return (network(), network(), random.samples(n, inputs: 4, outputs: outputs))
    }
  }

  @Test(arguments: Case.all) func ordinaryNetworks(_ c: Case) throws {
    let (start, end, samples) = c.pair(samples: 5)
    let knots = try [start, end].map {
      try KnotEvaluation(of: $0, on: empirical(samples, c.loss, threads: 2), variance: true)
    }
    let exact = [start, end].map { ExactNetwork($0, on: samples) }
    for (knot, exact) in zip(knots, exact) {
      expectInside(knot, exact, samples, c.loss)
      // Nothing here needs more than one evaluation, or is far from its exact value.
      #expect(!knot.isCompensated)
      #expect(knot.meanLoss.error <= 1e-12 * max(knot.meanLoss.value, 0.1))
    }
    expectInside(knots[0].outputDistance(to: knots[1]), exact[0].distance(to: exact[1]))
    let halfway = zip(exact[0].outputs, exact[1].outputs).map { a, b in
      zip(a, b).map { ($0 + $1) * BigReal(power: -1) }
    }
    expectInside(
      knots[0].meanLossHalfway(to: knots[1], samples: samples, loss: c.loss),
      ExactNetwork.mean(ExactNetwork.losses(halfway, samples, c.loss)))
    let either = zip(exact[0].errors(samples), exact[1].errors(samples)).count { $0 || $1 }
    #expect(try #require(knots[0].errorsOfEither(knots[1])).contains(either))
    let barrier = Enclosure.maximum(knots.map(\.meanLoss)) - knots[0].meanLoss
    let losses = exact.map { ExactNetwork.mean(ExactNetwork.losses($0.outputs, samples, c.loss)) }
    expectInside(barrier, .larger(losses[0], losses[1]) - losses[0])
  }

  @Test func manyNeurons() throws {
    var random = PathTestGenerator(seed: 5)
    let network = random.network(
      inputs: 3, widths: [1000], outputs: 3, scaling: .meanField, biases: true)
    let samples = random.samples(2, inputs: 3, outputs: 3)
    let knot = try KnotEvaluation(of: network, on: empirical(samples, .squared))
    #expect(!knot.isCompensated)
    expectInside(knot, ExactNetwork(network, on: samples), samples, .squared)
  }

  /// Terms of 2⁸⁰ that cancel leave 100, which Double has lost.
  @Test(arguments: [Activation.relu, .identity], Loss.allCases)
  func absorbedTerms(_ σ: Activation, _ loss: Loss) throws {
    let hidden = Layer(
      weights: Matrix(rows: 3, columns: 1, [1.0, 1, 1]), activation: σ)
    let output = Layer(
      weights: Matrix(rows: 1, columns: 3, [0x1p80, 100, -0x1p80]), activation: .identity)
    let network = Network(layers: [hidden, output], scaling: .standard)
    let samples = Samples(
      inputs: Matrix(rows: 2, columns: 1, [1.0, 0.7]), labels: [0, 1], classes: 2)
    let knot = try KnotEvaluation(of: network, on: empirical(samples, loss))
    #expect(knot.isCompensated)
    expectInside(knot, ExactNetwork(network, on: samples), samples, loss)
    if loss == .squared { #expect(abs(knot.meanLoss.value - (101 * 101 + 69 * 69) / 2) < 1e-9) }
  }

  @Test func cancellingWeights() throws {
    let activations: [Activation] = [
      .relu, .tanh, .sigmoid, .softplus, .saturatingRamp, .usualLeakyReLU, .elu, .silu, .hardTanh,
    ]
    for seed in 0..<40 as Range<UInt64> {
      var random = PathTestGenerator(seed: seed)
      let depth = Int(seed % 3) + 1
      var network = random.network(
        inputs: 3, widths: Array(repeating: 6, count: depth), outputs: 3, scaling: .standard,
        biases: true, activation: activations[Int(seed % 9)])
      // Two neurons of the last layer do nearly the same; their difference is read with a huge weight.
      let size = [1e5, 1e9, 1e13, 1e17][Int(seed / 10)]
      for layer in network.layers.indices.dropLast() {
        for j in 0..<network.layers[layer].weights.columns {
          network.layers[layer].weights[1, j] = network.layers[layer].weights[0, j]
        }
        network.layers[layer].bias![1] = network.layers[layer].bias![0] + 1 / size
      }
      for k in 0..<3 {
        network.layers[depth].weights[k, 0] = size
        network.layers[depth].weights[k, 1] = -size
      }
      let samples = random.samples(4, inputs: 3, outputs: 3)
      for loss in Loss.allCases { expectInsideOrRefused(network, samples, loss) }
    }
  }

  @Test func hugeTinyAndSaturated() throws {
    for seed in 0..<36 as Range<UInt64> {
      var random = PathTestGenerator(seed: 100 + seed)
      var network = random.network(
        inputs: 3, widths: [5, 4], outputs: 3,
        scaling: seed.isMultiple(of: 2) ? .meanField : .standard,
        biases: true, activation: [.tanh, .relu, .softplus][Int(seed % 3)])
      let scale = [0x1p-1060, 1e-170, 1e-40, 1e3, 1e40, 1e200][Int(seed / 6)]
      let layer = Int(seed % 3)
      network.layers[layer].weights = network.layers[layer].weights.map { $0 * scale }
      let samples = random.samples(3, inputs: 3, outputs: 3)
      for loss in Loss.allCases { expectInsideOrRefused(network, samples, loss) }
    }
  }

  @Test func overflowIsRefused() {
    // 2·10³⁰⁸ of either sign: the sum depends on the order, and tanh hides it.
    for σ in [Activation.tanh, .relu, .identity, .sigmoid, .saturatingRamp] {
      let hidden = Layer(
        weights: Matrix(rows: 1, columns: 4, [1.2e308, 1.2e308, -1.2e308, -1.3e308]),
        activation: σ)
      let output = Layer(weights: Matrix(rows: 1, columns: 1, [100.0]), activation: .identity)
      let network = Network(layers: [hidden, output], scaling: .standard)
      let samples = Samples(
        inputs: Matrix(rows: 1, columns: 4, [1.0, 1, 1, 1]), labels: [1], classes: 2)
      #expect(failure(network, samples, .squared)?.layer == 1, "\(σ)")
    }
  }

  @Test func theLayerThatCancelsIsNamed() {
    var random = PathTestGenerator(seed: 9)
    for layer in 1...2 {
      var network = random.network(
        inputs: 3, widths: [6, 6, 6], outputs: 3, scaling: .standard, biases: false)
      // Rows with entries of 10³⁰ that cancel up to what tanh's rounding makes of them.
      for i in 0..<6 {
        for j in 0..<6 {
          network.layers[layer].weights[i, j] = 1e30 * (j.isMultiple(of: 2) ? 1 : -1)
          network.layers[layer - 1].weights = Matrix(
            rows: 6, columns: layer == 1 ? 3 : 6,
            Array(repeating: 0.11, count: layer == 1 ? 18 : 36))
        }
      }
      let found = failure(network, random.samples(3, inputs: 3, outputs: 3), .squared)
      #expect(found?.layer == layer + 1)
      #expect(found?.layers == 4)
    }
  }

  @Test func deepRectifiersPassWithNorms() throws {
    var random = PathTestGenerator(seed: 3)
    var network = random.network(
      inputs: 20, widths: [96, 96, 96, 96, 96], outputs: 4, scaling: .standard, biases: true,
      activation: .relu)
    for index in network.layers.indices {
      // He's scale.
      network.layers[index].weights = network.layers[index].weights.map {
        $0 * Double(network.layers[index].weights.columns).squareRoot()
      }
    }
    let samples = random.samples(2, inputs: 20, outputs: 4)
    let knot = try KnotEvaluation(of: network, on: empirical(samples, .crossEntropy))
    expectInside(knot, ExactNetwork(network, on: samples), samples, .crossEntropy)
    #expect(knot.meanLoss.error < 1e-9 * knot.meanLoss.value)
  }

  @Test func permutedNeuronsAgree() throws {
    var random = PathTestGenerator(seed: 21)
    var network = random.network(
      inputs: 3, widths: [8], outputs: 3, scaling: .standard, biases: true, activation: .relu)
    for (j, w) in [0x1p80, 100, -0x1p80].enumerated() {
      network.layers[1].weights[0, j] = w
      for i in 0..<3 { network.layers[0].weights[j, i] = network.layers[0].weights[0, i] }
      network.layers[0].bias![j] = 3
    }
    let order = [5, 2, 7, 1, 0, 3, 6, 4]
    var permuted = network
    permuted.layers[0].weights = network.layers[0].weights.rows(order)
    permuted.layers[0].bias = order.map { network.layers[0].bias![$0] }
    permuted.layers[1].weights = network.layers[1].weights.columns(order)
    let samples = random.samples(4, inputs: 3, outputs: 3)
    let knots = try [network, permuted].map {
      try KnotEvaluation(of: $0, on: empirical(samples, .squared))
    }
    #expect(knots[0].meanLoss.agrees(with: knots[1].meanLoss))
    #expect(knots[0].largestDistance(to: knots[1]).lower <= 0)
    expectInside(knots[0], ExactNetwork(network, on: samples), samples, .squared)
  }

  @Test func undecidedSamplesAreCounted() throws {
    // f = x − x + … of about 10⁻¹⁷: the sign is lost in Double, and does not matter to the loss.
    let hidden = Layer(
      weights: Matrix(rows: 2, columns: 1, [1.0, 1]), bias: [0, 0x1p-60], activation: .tanh)
    let output = Layer(weights: Matrix(rows: 1, columns: 2, [1.0, -1]), activation: .identity)
    let network = Network(layers: [hidden, output], scaling: .standard)
    let samples = Samples(
      inputs: Matrix(rows: 3, columns: 1, [0.3, 0.5, 0.9]), labels: [0, 1, 0], classes: 2)
    let knot = try KnotEvaluation(of: network, on: empirical(samples, .squared))
    #expect(knot.errors == 0...3)
    // Rows of zeros, on the other hand, are exactly zero, and wrong.
    var silent = network
    silent.layers[1].weights = Matrix(rows: 1, columns: 2)
    let zero = try KnotEvaluation(of: silent, on: empirical(samples, .squared))
    #expect(zero.errors == 3...3)
  }
}

/// Every number of a knot against the truth.
func expectInside(
  _ knot: KnotEvaluation, _ exact: ExactNetwork, _ samples: Samples<Double>, _ loss: Loss,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  let losses = ExactNetwork.losses(exact.outputs, samples, loss)
  for (index, truth) in losses.enumerated() {
    let own = Enclosure(knot.losses[index], error: knot.lossErrors[index])
    expectInside(own, truth, sourceLocation: sourceLocation)
  }
  expectInside(knot.meanLoss, ExactNetwork.mean(losses), sourceLocation: sourceLocation)
  let wrong = exact.errors(samples).count { $0 }
  #expect(knot.errors?.contains(wrong) ?? true, sourceLocation: sourceLocation)
  // The variance may be beyond the largest Double where the loss is not.
  if let variance = knot.variance, variance.isFinite {
    expectInside(variance, exact.variance, sourceLocation: sourceLocation)
  }
}

func expectInside(
  _ enclosure: Enclosure, _ truth: BigReal, sourceLocation: SourceLocation = #_sourceLocation
) {
  guard enclosure.isFinite else {
    Issue.record("nothing is known of \(truth.double)", sourceLocation: sourceLocation)
    return
  }
  let off = (truth - BigReal(enclosure.value)).abs
  #expect(
    off <= BigReal(enclosure.error),
    "\(truth.double) is not within \(enclosure.error) of \(enclosure.value)",
    sourceLocation: sourceLocation)
}

private func failure(
  _ network: Network<Double>, _ samples: Samples<Double>, _ loss: Loss
) -> RoundingFailure? {
  do {
    _ = try KnotEvaluation(of: network, on: empirical(samples, loss))
    return nil
  } catch { return error }
}

private func expectInsideOrRefused(
  _ network: Network<Double>, _ samples: Samples<Double>, _ loss: Loss,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  guard
    let knot = try? KnotEvaluation(of: network, on: empirical(samples, loss), variance: true)
  else { return }
  expectInside(
    knot, ExactNetwork(network, on: samples), samples, loss, sourceLocation: sourceLocation)
  #expect(
    knot.meanLoss.error <= 1e-6 * max(knot.meanLoss.value, 1), sourceLocation: sourceLocation)
}
