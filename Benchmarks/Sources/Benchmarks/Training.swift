import Landbridge
import LinearAlgebra

/// One shape of network on which online SGD is timed.
struct TrainingShape {
  var hidden: [Int]
  var inputs: Int
  var outputs: Int
  var trained: TrainedLayers

  static let all = [
    TrainingShape(hidden: [800], inputs: 32, outputs: 1, trained: .all),
    TrainingShape(hidden: [3200], inputs: 784, outputs: 10, trained: .all),
    TrainingShape(hidden: [25_600], inputs: 784, outputs: 1, trained: .all),
    TrainingShape(hidden: [800, 800], inputs: 512, outputs: 10, trained: .middle),
    TrainingShape(hidden: [3200, 3200], inputs: 512, outputs: 10, trained: .middle),
    TrainingShape(hidden: [3200, 3200], inputs: 512, outputs: 10, trained: .all),
  ]

  var name: String {
    let widths = hidden.map(String.init).joined(separator: "×")
    return "N=\(widths) d=\(inputs) K=\(outputs) \(trained.rawValue)"
  }

  /// Flops of the trained weight matrices per step: two products each, 2 flops per weight, and a
  /// third for layers that pass a gradient on.
  var flopsPerStep: Double {
    var flops = 4.0 * Double(hidden[0] * inputs) * (trained == .all ? 1 : 0.5)
    for (below, above) in zip(hidden, hidden.dropFirst()) {
      flops += (trained == .all ? 6 : 4) * Double(below * above)
    }
    return flops
  }

  func network() -> Network<Float> {
    Architecture(hidden: hidden).network(
      inputs: inputs, outputs: outputs, stream: RandomStream(seed: 1, purpose: .initialization))
  }

  func samples() -> Samples<Float> {
    let stream = RandomStream(seed: 1, purpose: .trainingSamples)
    var generator = stream.generator(item: 1)
    return Samples(
      inputs: .normal(rows: 512, columns: inputs, stream: stream),
      labels: (0..<512).map { _ in Int(generator.next() % UInt64(max(outputs, 2))) },
      classes: max(outputs, 2))
  }

  /// Seconds per step.
  func time(_ method: SGDMethod, threads: Int, seconds: Double) -> Measurement {
    let sgd = OnlineSGD(
      network: network(),
      source: ShuffledPasses(samples(), stream: RandomStream(seed: 1, purpose: .shuffle)),
      loss: outputs == 1 ? .squared : .crossEntropy, stepSize: StepSize(1e-4), trained: trained,
      method: method, threads: threads)
    let perCall = max(sgd.blockSize, Int(2e8 / flopsPerStep) / sgd.blockSize * sgd.blockSize)
    return .of(units: perCall, seconds: seconds, minimum: 3) {
      guard sgd.run(until: sgd.step + perCall) == .finished else {
        fatalError("\(name) diverged at step \(sgd.step)")
      }
    }
  }
}

/// Flops per second of the machine's own matrix product on one thread or several, at a shape where
/// it is at its best.
func gemmRate(threads: Int, seconds: Double) -> Double {
  let n = 1536
  let stream = RandomStream(seed: 1, purpose: .bootstrap)
  let a = Matrix<Float>.normal(rows: n, columns: n, stream: stream)
  var c = Matrix<Float>(rows: n, columns: n)
  let time = Measurement.of(seconds: seconds) { c.addProduct(a, a, scale: 1e-3, threads: threads) }
  return 2 * Double(n * n * n) / time.fastest
}
