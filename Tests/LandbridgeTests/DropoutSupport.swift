import Landbridge
import LinearAlgebra

/// Tolerances of docs/theory.md §6 for the dropout suites, relative to the larger of 1 and the value.
enum DropoutTolerance {
  static let exact = 1e-13
  /// A standard deviation is the root of a difference that is exact to `exact`.
  static let deviation = 1e-11
}

func isClose(_ a: Double, _ b: Double, _ tolerance: Double = DropoutTolerance.exact) -> Bool {
  abs(a - b) <= tolerance * max(1, abs(a), abs(b))
}

/// A random network and samples for it; the seed is made of the sizes.
struct DropoutProblem<Scalar: Real> {
  var network: Network<Scalar>
  var samples: Samples<Scalar>

  init(
    widths: [Int], outputs: Int, samples n: Int = 7, inputs d: Int = 3,
    scaling: Scaling = .meanField, biases: Bool = false, activation: Activation = .tanh,
    regression: Bool = false
  ) {
    let seed = widths.reduce(UInt64(outputs)) { $0 &* 31 &+ UInt64($1) }
    let stream = RandomStream(seed: seed, purpose: .initialization, trial: biases ? 1 : 0)
    let sizes = [d] + widths + [outputs]
    let layers = (0...widths.count).map { index in
      let (rows, columns) = (sizes[index + 1], sizes[index])
      // O(1) entries of u, h and ŷ in either scaling.
      let fanIn = Scalar(columns)
      let scale = scaling == .meanField && index > 0 ? fanIn.squareRoot() : 1 / fanIn.squareRoot()
      return Layer(
        weights: .normal(
          rows: rows, columns: columns, scale: 1.5 * scale, stream: stream,
          item: UInt64(2 * index)),
        bias: biases
          ? Matrix<Scalar>.normal(
            rows: 1, columns: rows, scale: 0.5, stream: stream, item: UInt64(2 * index + 1)
          ).elements : nil,
        activation: index == widths.count ? .identity : activation)
    }
    network = Network(layers: layers, scaling: scaling)
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
