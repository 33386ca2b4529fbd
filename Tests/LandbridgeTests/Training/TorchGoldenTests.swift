import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// Goldens of `Fixtures/make_mlp_golden.py`.
private struct Golden: Decodable {
  struct Layer: Decodable {
    var weight: [[Double]]
    var bias: [Double]
    var weightGradient: [[Double]]
    var biasGradient: [Double]
  }
  var loss: Loss
  var input: [Double]
  var target: [Double]
  var output: [Double]
  var value: Double
  var layers: [Layer]

  static func all() throws -> [Golden] {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/mlp-golden", withExtension: "json"))
    return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url))
  }

  var network: Network<Double> {
    Network(
      layers: layers.enumerated().map { index, layer in
        Landbridge.Layer(
          weights: Matrix(
            rows: layer.weight.count, columns: layer.weight[0].count, layer.weight.flatMap { $0 }),
          bias: layer.bias, activation: index + 1 < layers.count ? .relu : .identity)
      }, scaling: .standard)
  }

  var samples: Samples<Double> {
    Samples(
      inputs: Matrix(rows: 1, columns: input.count, input),
      targets: Matrix(rows: 1, columns: target.count, target),
      isClassification: loss == .crossEntropy)
  }
}

@Suite("PyTorch goldens: differential") struct TorchGoldenTests {
  @Test("outputs and losses of biased ReLU MLPs")
  func forward() throws {
    for golden in try Golden.all() {
      let outputs = golden.network.outputs(golden.samples.inputs).elements
      for (ours, theirs) in zip(outputs, golden.output) {
        #expect(abs(ours - theirs) < Tolerance.exact)
      }
      let loss = golden.network.evaluate(on: empirical(golden.samples, golden.loss)).loss
      #expect(abs(loss - golden.value) < Tolerance.exact)
    }
  }

  @Test("one step of SGD is −α times PyTorch's gradient", arguments: SGDMethod.allCases)
  func gradients(method: SGDMethod) throws {
    let α = 0.25
    for golden in try Golden.all() {
      let sgd = OnlineSGD(
        network: golden.network,
        source: ShuffledPasses(golden.samples, stream: RandomStream(seed: 1, purpose: .shuffle)),
        loss: golden.loss, stepSize: StepSize(α), method: method)
      #expect(sgd.run(until: 1) == .finished)
      for (after, layer) in zip(sgd.network.layers, golden.layers) {
        let weights = zip(layer.weight.joined(), layer.weightGradient.joined())
        for (ours, (w, g)) in zip(after.weights.elements, weights) {
          #expect(abs(ours - (w - α * g)) < Tolerance.exact)
        }
        for (ours, (b, g)) in zip(after.bias ?? [], zip(layer.bias, layer.biasGradient)) {
          #expect(abs(ours - (b - α * g)) < Tolerance.exact)
        }
      }
    }
  }
}
