import Landbridge
import LinearAlgebra

/// All suites in the order of their tables. One gives no rows where nothing of it was asked for.
let suites: [(name: String, rows: @Sendable (Settings) throws -> [Row])] = [
  ("products", productRows), ("sgd", trainingRows), ("dropout", dropoutRows),
  ("connect", connectRows),
  ("features", featureRows), ("trials", trialRows), ("memory", memoryRows),
  ("startup", startUpRows),
]

/// A network as it is drawn, and samples of noise: costs do not depend on the values.
func network(hidden: [Int], inputs: Int, outputs: Int, seed: UInt64 = 1) -> Network<Float> {
  Architecture(hidden: hidden).network(
    inputs: inputs, outputs: outputs, stream: RandomStream(seed: seed, purpose: .initialization))
}

func noise(_ count: Int, inputs: Int, outputs: Int) -> Samples<Float> {
  let stream = RandomStream(seed: 1, purpose: .trainingSamples)
  var generator = stream.generator(item: 1)
  let classes = max(outputs, 2)
  return Samples(
    inputs: .normal(rows: count, columns: inputs, stream: stream),
    labels: (0..<count).map { _ in Int(generator.next() % UInt64(classes)) }, classes: classes,
    oneHot: outputs > 1)
}

/// The samples of a set, first to last and again.
struct Cycled: SampleSource {
  let samples: Samples<Float>
  var inputDimension: Int { samples.inputDimension }
  var outputDimension: Int { samples.outputDimension }
  var isClassification: Bool { samples.isClassification }

  func fill(
    first: Int, count: Int, inputs: inout MutableSpan<Float>, targets: inout MutableSpan<Float>
  ) {
    for i in 0..<count {
      let row = (first + i) % samples.count
      copy(samples.inputs, row, to: &inputs, i)
      copy(samples.targets, row, to: &targets, i)
    }
  }

  private func copy(
    _ matrix: Matrix<Float>, _ row: Int, to target: inout MutableSpan<Float>, _ i: Int
  ) {
    let n = matrix.columns
    target.withUnsafeMutableBufferPointer { target in
      matrix.withUnsafeBufferPointer { source in
        (target.baseAddress! + i * n).update(from: source.baseAddress! + row * n, count: n)
      }
    }
  }
}
