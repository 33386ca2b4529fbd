import Landbridge
import LinearAlgebra
import Testing

/// Sebastiano Vigna's SplitMix64: seeded, so that every failure can be repeated.
struct PathTestGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func vector(_ count: Int, _ scale: Double = 1) -> [Double] {
    (0..<count).map { _ in scale * Double.random(in: -1.7...1.7, using: &self) }
  }

  mutating func network(
    inputs: Int, widths: [Int], outputs: Int, scaling: Scaling, biases: Bool,
    activation: Activation = .tanh
  ) -> Network<Double> {
    // Mean-field layers average over their inputs: entries of order one keep outputs of order one.
    assembled([inputs] + widths + [outputs], scaling: scaling, activation: activation) {
      index, rows, columns in
      let scale = scaling == .meanField ? (index == 0 ? 1 : 3) : 1.5 / Double(columns)
      return Matrix(rows: rows, columns: columns, vector(rows * columns, scale))
    } bias: { _, count in
      biases ? vector(count, 0.3) : nil
    }
  }

  mutating func samples(_ n: Int, inputs: Int, outputs: Int) -> Samples<Double> {
    let classes = max(outputs, 2)
    let x = Matrix(rows: n, columns: inputs, vector(n * inputs))
    let labels = (0..<n).map { _ in Int.random(in: 0..<classes, using: &self) }
    return Samples(inputs: x, labels: labels, classes: classes)
  }

  mutating func subset(_ count: Int, of width: Int) -> [Int] {
    Array((0..<width).shuffled(using: &self).prefix(count)).sorted()
  }
}

/// One way to choose depth, widths, loss, scaling, biases and outputs.
struct PathTestCase: CustomTestStringConvertible, Sendable {
  var widths: [Int]
  var outputs: Int
  var loss: Loss
  var scaling: Scaling
  var biases: Bool

  var testDescription: String {
    "\(widths) K=\(outputs) \(loss.rawValue) \(scaling.rawValue) \(biases ? "biases" : "plain")"
  }

  var depth: Int { widths.count }

  static let all: [PathTestCase] = {
    var cases: [PathTestCase] = []
    for widths in [[8], [7], [2], [6, 9], [5, 4], [4, 7, 6], [5, 2, 6, 3]] {
      for outputs in [1, 3] {
        for loss in Loss.allCases {
          for scaling in Scaling.allCases {
            for biases in [false, true] {
              cases.append(
                PathTestCase(
                  widths: widths, outputs: outputs, loss: loss, scaling: scaling, biases: biases))
            }
          }
        }
      }
    }
    return cases
  }()

  /// θ, θ′ and samples of this case.
  func problem(seed: UInt64 = 1) -> PathTestProblem {
    var random = PathTestGenerator(seed: seed &+ UInt64(widths.reduce(0) { 31 * $0 + $1 }))
    func network() -> Network<Double> {
      random.network(
        inputs: 4, widths: widths, outputs: outputs, scaling: scaling, biases: biases)
    }
    let (start, end) = (network(), network())
    return PathTestProblem(
      start: start, end: end, samples: random.samples(37, inputs: 4, outputs: outputs))
  }
}

struct PathTestProblem {
  var start: Network<Double>
  var end: Network<Double>
  var samples: Samples<Double>
}

func largestDifference(_ a: Matrix<Double>, _ b: Matrix<Double>) -> Double {
  zip(a.elements, b.elements).map { abs($0 - $1) }.max()!
}

/// Every loss on a dense grid, by mixing parameters and evaluating the network: the slow twin.
func denseLosses(
  _ path: PiecewiseLinearPath<Double>, _ samples: Samples<Double>, _ loss: Loss, steps: Int
) -> [[Double]] {
  path.segments.indices.map { segment in
    (0...steps).map { step in
      path.network(inSegment: segment, at: Double(step) / Double(steps))
        .evaluate(on: empirical(samples, loss)).loss
    }
  }
}
