import Landbridge
import LinearAlgebra
import Testing

/// What the first step moves does not depend on the widths (docs/theory.md §2).
@Suite("Steps of unequal widths: laws") struct UnequalWidthTests {
  static let shapes = [[50, 50], [20, 2000], [2000, 20], [30, 300, 90], [300, 30, 900]]

  /// Root mean squares of ΔW₁ … ΔW_{L+1} and of the hidden layers' Δb, over α.
  func moves(
    _ widths: [Int], onesAbove: Bool, _ method: SGDMethod, seed: UInt64
  ) -> (weights: [Double], biases: [Double]) {
    let α = 1e-4
    // The sigmoid's mean is not 0: means over neurons, h above the first layer, are of one size.
    var network: Network<Double> = Architecture(
      hidden: widths, activation: onesAbove ? .sigmoid : .tanh, bias: true
    ).network(inputs: 8, outputs: 1, stream: RandomStream(seed: seed, purpose: .initialization))
    if onesAbove {
      for ℓ in 1..<network.layers.count {
        network.layers[ℓ].weights = network.layers[ℓ].weights.map { _ in 1 }
      }
    }
    let source = IsotropicGaussians<Double>(
      dimension: 8, delta: 0.5, stream: RandomStream(seed: seed, purpose: .trainingSamples))
    let sgd = OnlineSGD(
      network: network, source: source, loss: .squared, stepSize: StepSize(α), method: method)
    precondition(sgd.run(until: 1) == .finished)
    func rms(_ a: [Double], _ b: [Double]) -> Double {
      (zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(a.count)).squareRoot()
        / α
    }
    let pairs = zip(sgd.network.layers, network.layers)
    return (
      pairs.map { rms($0.weights.elements, $1.weights.elements) },
      pairs.dropLast().map { rms($0.bias!, $1.bias!) }
    )
  }

  /// With all weights above W₁ equal, every layer's entries move alike whatever the widths.
  @Test(arguments: SGDMethod.allCases) func entriesMoveAlike(method: SGDMethod) {
    for depth in [2, 3] {
      let all = Self.shapes.filter { $0.count == depth }.map {
        moves($0, onesAbove: true, method, seed: 3)
      }
      for ℓ in 0...depth {
        let sizes = all.map { $0.weights[ℓ] }
        #expect(sizes.max()! < 1.6 * sizes.min()!, "W\(ℓ + 1): \(sizes)")
        #expect(sizes.min()! > 0.01)
      }
      for ℓ in 0..<depth {
        let sizes = all.map { $0.biases[ℓ] }
        #expect(sizes.max()! < 1.6 * sizes.min()!, "b\(ℓ + 1): \(sizes)")
      }
    }
  }

  /// Random signs average over the N₂ neurons above: then ΔW₁·√N₂ agrees within a factor 2. The old
  /// rule, αN₂ on W₁, gives ratios of 100 and more.
  @Test(arguments: SGDMethod.allCases) func randomSigns(method: SGDMethod) {
    let sizes = Self.shapes.filter { $0.count == 2 }.map { widths in
      // The mean over seeds: the residual of one sample varies.
      (0..<20).map {
        moves(widths, onesAbove: false, method, seed: $0).weights[0]
      }.reduce(0, +) / 20 * Double(widths[1]).squareRoot()
    }
    #expect(sizes.max()! < 2 * sizes.min()!, "\(sizes)")
  }

  /// In Float too, and with more than one block.
  @Test func blockedIsStepByStepInFloat() {
    for widths in Self.shapes {
      let network: Network<Float> = Architecture(hidden: widths).network(
        inputs: 8, outputs: 1, stream: RandomStream(seed: 1, purpose: .initialization))
      let results = SGDMethod.allCases.map { method in
        let sgd = OnlineSGD(
          network: network,
          source: IsotropicGaussians<Float>(
            dimension: 8, delta: 0.5, stream: RandomStream(seed: 1, purpose: .trainingSamples)),
          loss: .squared, stepSize: StepSize(0.01), method: method)
        #expect(sgd.run(until: 100) == .finished)
        return Network<Double>(sgd.network)
      }
      #expect(distance(results[0], results[1]) < 1e-5)
    }
  }
}
