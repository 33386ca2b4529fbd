import Landbridge
import LinearAlgebra

/// A random network and samples for it; the seed is made of the sizes.
struct DropoutProblem<Scalar: MatrixScalar> {
  var network: Network<Scalar>
  var samples: Samples<Scalar>

  init(
    widths: [Int], outputs: Int, samples n: Int = 7, inputs d: Int = 3,
    scaling: Scaling = .meanField, biases: Bool = false, activation: Activation = .tanh,
    regression: Bool = false
  ) {
    let seed = widths.reduce(UInt64(outputs)) { $0 &* 31 &+ UInt64($1) }
    let stream = RandomStream(seed: seed, purpose: .initialization, trial: biases ? 1 : 0)
    network = assembled([d] + widths + [outputs], scaling: scaling, activation: activation) {
      index, rows, columns in
      // O(1) entries of u, h and ŷ in either scaling.
      let fanIn = Scalar(columns)
      let scale = scaling == .meanField && index > 0 ? fanIn.squareRoot() : 1 / fanIn.squareRoot()
      return .normal(
        rows: rows, columns: columns, scale: 1.5 * scale, stream: stream, item: UInt64(2 * index))
    } bias: { index, count in
      biases
        ? Matrix<Scalar>.normal(
          rows: 1, columns: count, scale: 0.5, stream: stream, item: UInt64(2 * index + 1)
        ).elements : nil
    }
    let inputs = Matrix<Scalar>.normal(rows: n, columns: d, stream: stream, item: 100)
    if regression {
      samples = Samples(
        inputs: inputs,
        targets: .normal(rows: n, columns: outputs, stream: stream, item: 101),
        isClassification: false)
    } else {
      var generator = stream.generator(item: 102)
      let classes = max(outputs, 2)
      samples = Samples(
        inputs: inputs, labels: (0..<n).map { _ in Int.random(in: 0..<classes, using: &generator) },
        classes: classes, oneHot: outputs > 1)
    }
  }

  /// L_S and the 0-1 error by evaluating the narrower network.
  func evaluation(keeping kept: KeptNeurons, loss: Loss) -> Evaluation {
    network.keeping(kept).evaluate(on: empirical(samples, loss))
  }

  func evaluation(keepingLast kept: [Int], loss: Loss) -> Evaluation {
    var layers = [[Int]?](repeating: nil, count: network.hiddenLayerCount)
    layers[layers.count - 1] = kept
    return evaluation(keeping: KeptNeurons(layers: layers), loss: loss)
  }
}

/// All subsets of `count` members of `0 ..< total`.
func subsets(of total: Int, count: Int) -> [[Int]] {
  (0..<(1 << total)).filter { $0.nonzeroBitCount == count }.map { bits in
    (0..<total).filter { bits & (1 << $0) != 0 }
  }
}

func meanAndDeviation(_ values: [Double]) -> (mean: Double, deviation: Double) {
  let n = Double(values.count)
  let mean = values.reduce(0, +) / n
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (mean, (squares / n).squareRoot())
}
