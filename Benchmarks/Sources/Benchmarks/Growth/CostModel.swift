/// What a step of blocked SGD on a two-layer network should cost: the roofline of its matrix
/// products, and a pass over the neurons.
///
///     seconds per sample = max(4ND/P, 12ND/(B·W)) + N·(B/P + c)
///
/// D = d + K, P the flops per second of the matrix product, W the bytes per second of the triad, B
/// the block: per block the weights are read twice and written once. The pass has the triangular
/// part of the block, N·B flops (docs/theory.md §2.1), and c seconds per neuron for the activation and the
/// update of the output weights. P and W are measured on their own; c is the one constant taken
/// from training, from ``reference``, where the products are small.
struct CostModel {
  /// P
  var flopRate: Double
  /// W
  var byteRate: Double
  /// c
  var secondsPerNeuron = 0.0

  static let reference = GrowthPoint(neurons: 3200, inputs: 8, outputs: 1)

  init(rates: Rates, threads: Int, reference time: Double, blockSize: Int) {
    (flopRate, byteRate) = (rates.sgemm[threads]!, rates.triad[threads]!)
    let rest = time - seconds(Self.reference, blockSize: blockSize)
    secondsPerNeuron = max(0, rest) / Double(Self.reference.neurons)
  }

  func flopTime(_ point: GrowthPoint) -> Double { 4 * point.weights / flopRate }

  func byteTime(_ point: GrowthPoint, blockSize: Int) -> Double {
    12 * point.weights / (Double(blockSize) * byteRate)
  }

  func seconds(_ point: GrowthPoint, blockSize: Int) -> Double {
    max(flopTime(point), byteTime(point, blockSize: blockSize))
      + Double(point.neurons) * (Double(blockSize) / flopRate + secondsPerNeuron)
  }
}

/// A shape, and a block size where it is not left to the rule.
struct GrowthPoint: Hashable {
  var neurons: Int
  var inputs: Int
  var outputs: Int
  var block: Int?

  init(neurons: Int, inputs: Int, outputs: Int, block: Int? = nil) {
    (self.neurons, self.inputs, self.outputs, self.block) = (neurons, inputs, outputs, block)
  }

  /// ND
  var weights: Double { Double(neurons) * Double(inputs + outputs) }

  var shape: TrainingShape {
    TrainingShape(hidden: [neurons], inputs: inputs, outputs: outputs)
  }
}

/// A row of points along which one number grows.
struct Sweep {
  /// The letter of what grows.
  var variable: String
  var axis: String
  /// What stays, for the panel's title.
  var fixed: String
  var points: [(value: Int, point: GrowthPoint)]

  static let all: [Sweep] = [
    neurons(inputs: 32), neurons(inputs: 784),
    Sweep(
      variable: "d", axis: "inputs d", fixed: "N = 3200, K = 1",
      points: [8, 16, 32, 64, 128, 256, 512, 784, 1536, 3072].map {
        ($0, GrowthPoint(neurons: 3200, inputs: $0, outputs: 1))
      }),
    Sweep(
      variable: "K", axis: "outputs K", fixed: "N = 3200, d = 784",
      points: [1, 2, 5, 10, 20, 50, 100].map {
        ($0, GrowthPoint(neurons: 3200, inputs: 784, outputs: $0))
      }),
    blocks(neurons: 800, inputs: 32), blocks(neurons: 3200, inputs: 784),
  ]

  private static func neurons(inputs: Int) -> Sweep {
    Sweep(
      variable: "N", axis: "neurons N", fixed: "d = \(inputs), K = 1",
      points: [100, 300, 1000, 3000, 10_000, 30_000, 100_000].map {
        ($0, GrowthPoint(neurons: $0, inputs: inputs, outputs: 1))
      })
  }

  private static func blocks(neurons: Int, inputs: Int) -> Sweep {
    Sweep(
      variable: "B", axis: "block size B", fixed: "N = \(neurons), d = \(inputs), K = 1",
      points: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512].map {
        ($0, GrowthPoint(neurons: neurons, inputs: inputs, outputs: 1, block: $0))
      })
  }
}
