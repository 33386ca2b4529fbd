import Landbridge
import LinearAlgebra
import Testing

/// A shape of network and what it is trained on.
struct TrainingCase: CustomTestStringConvertible, Sendable {
  var widths: [Int]
  var d = 5
  var K = 1
  var loss = Loss.squared
  var scaling = Scaling.meanField
  var bias = false
  var activation = Activation.tanh
  var trained = TrainedLayers.all
  /// α of longer runs.
  var stepSize = 0.05

  var testDescription: String {
    "widths \(widths), d \(d), K \(K), \(loss), \(scaling), bias \(bias), \(activation), \(trained)"
  }

  func network(seed: UInt64) -> Network<Double> {
    var network: Network<Double> = Architecture(
      hidden: widths, activation: activation, scaling: scaling, bias: bias
    ).network(inputs: d, outputs: K, stream: RandomStream(seed: seed, purpose: .initialization))
    if bias {
      for ℓ in network.layers.indices {
        let count = network.layers[ℓ].weights.rows
        let stream = RandomStream(seed: seed, purpose: .bootstrap)
        network.layers[ℓ].bias =
          Matrix<Double>.normal(
            rows: 1, columns: count, scale: 0.3, stream: stream, item: UInt64(ℓ)
          )
          .elements
      }
    }
    return network
  }

  func samples(_ n: Int, seed: UInt64) -> Samples<Double> {
    let stream = RandomStream(seed: seed, purpose: .testSamples)
    let x = Matrix<Double>.normal(rows: n, columns: d, stream: stream)
    if loss == .squared && K > 1 {
      return Samples(
        inputs: x, targets: .normal(rows: n, columns: K, stream: stream, item: 1),
        isClassification: false)
    }
    var generator = stream.generator(item: 2)
    let classes = max(K, 2)
    let labels = (0..<n).map { _ in Int(generator.next() % UInt64(classes)) }
    return Samples(inputs: x, labels: labels, classes: classes, oneHot: K > 1)
  }

  static let all: [TrainingCase] = [
    TrainingCase(widths: [7]),
    TrainingCase(widths: [33], d: 9, activation: .sigmoid),
    TrainingCase(widths: [8], K: 3, bias: true),
    TrainingCase(widths: [10], K: 3, loss: .crossEntropy, activation: .erf),
    TrainingCase(widths: [9], loss: .crossEntropy, bias: true, activation: .cos),
    TrainingCase(
      widths: [12], K: 4, loss: .crossEntropy, scaling: .standard, bias: true,
      activation: .softplus),
    TrainingCase(widths: [6, 9], K: 2),
    TrainingCase(widths: [6, 9], K: 1, bias: true, trained: .middle),
    TrainingCase(widths: [11, 5], K: 3, loss: .crossEntropy, trained: .middle),
    TrainingCase(widths: [6, 9], K: 1, scaling: .standard, bias: true),
    TrainingCase(widths: [5, 7, 4], K: 3, loss: .crossEntropy, bias: true),
    TrainingCase(widths: [5, 7, 4], K: 1, trained: .middle),
    TrainingCase(widths: [5, 4, 6, 3], K: 2, loss: .crossEntropy, activation: .sigmoid),
    TrainingCase(widths: [5, 4, 6, 3], K: 1, loss: .crossEntropy, bias: true, trained: .middle),
  ]
}

extension TrainingCase {
  /// Every activation with both losses and one, two and three hidden layers of unequal widths. The
  /// standard ramp, whose slope is 10, diverges in three layers.
  static let activations: [TrainingCase] = Activation.allNames.flatMap { name in
    [[7], [9, 4], [4, 7, 5]].flatMap { widths in
      Loss.allCases.map { loss in
        TrainingCase(
          widths: widths, K: loss == .squared ? 1 : 3, loss: loss,
          scaling: widths.count == 2 && loss == .squared ? .standard : .meanField, bias: true,
          activation: name == "ramp"
            ? .ramp(low: -1, high: 1, from: -1, to: 1.5) : Activation(name)!,
          stepSize: 0.005)
      }
    }
  }
}

/// The largest difference of any parameter.
func distance(_ a: Network<Double>, _ b: Network<Double>) -> Double {
  zip(parameters(a), parameters(b)).map { abs($0 - $1) }.max() ?? 0
}

/// All parameters, layer by layer, weights before biases.
func parameters(_ network: Network<Double>) -> [Double] {
  network.layers.flatMap { $0.weights.elements + ($0.bias ?? []) }
}

func setting(_ network: Network<Double>, _ parameters: [Double]) -> Network<Double> {
  var (network, rest) = (network, parameters[...])
  for ℓ in network.layers.indices {
    let weights = network.layers[ℓ].weights
    network.layers[ℓ].weights = Matrix(
      rows: weights.rows, columns: weights.columns, rest.prefix(weights.count))
    rest = rest.dropFirst(weights.count)
    if let bias = network.layers[ℓ].bias {
      network.layers[ℓ].bias = Array(rest.prefix(bias.count))
      rest = rest.dropFirst(bias.count)
    }
  }
  return network
}

/// Neurons of hidden layer `ℓ` (from 1) in another order, some of them perhaps twice.
func permuted(_ network: Network<Double>, layer ℓ: Int, _ order: [Int]) -> Network<Double> {
  var layers = network.layers
  layers[ℓ - 1].weights = layers[ℓ - 1].weights.rows(order)
  layers[ℓ - 1].bias = layers[ℓ - 1].bias.map { bias in order.map { bias[$0] } }
  layers[ℓ].weights = layers[ℓ].weights.columns(order)
  return Network(layers: layers, scaling: network.scaling)
}

func train(
  _ network: Network<Double>, _ c: TrainingCase, on samples: Samples<Double>, steps: Int,
  stepSize: StepSize = StepSize(0.05), method: SGDMethod = .blocked, blockSize: Int? = nil
) -> Network<Double> {
  let sgd = OnlineSGD(
    network: network,
    source: ShuffledPasses(samples, stream: RandomStream(seed: 4, purpose: .shuffle)),
    loss: c.loss, stepSize: stepSize, trained: c.trained, method: method, blockSize: blockSize)
  precondition(sgd.run(until: steps) == .finished)
  return sgd.network
}

/// A network of layers with the given sizes, inputs and outputs included.
///
/// - Parameters:
///   - weights: of layer ℓ = 0 … L, rows × columns.
///   - bias: of layer ℓ, so many numbers.
func assembled<Scalar: MatrixScalar>(
  _ sizes: [Int], scaling: Scaling, activation: Activation,
  weights: (_ layer: Int, _ rows: Int, _ columns: Int) -> Matrix<Scalar>,
  bias: (_ layer: Int, _ count: Int) -> [Scalar]?
) -> Network<Scalar> {
  let last = sizes.count - 2
  return Network(
    layers: (0...last).map { ℓ in
      Layer(
        weights: weights(ℓ, sizes[ℓ + 1], sizes[ℓ]), bias: bias(ℓ, sizes[ℓ + 1]),
        activation: ℓ == last ? .identity : activation)
    }, scaling: scaling)
}
