import Landbridge
import LinearAlgebra

/// One shape of network on which online SGD is timed.
struct TrainingShape {
  var hidden: [Int]
  var inputs: Int
  var outputs: Int
  var trained = TrainedLayers.all

  var name: String {
    let widths = hidden.map(String.init).joined(separator: "×")
    let ends = trained == .middle ? ", ends fixed" : ""
    return "N=\(widths) d=\(inputs) K=\(outputs)\(ends)"
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

  func training(
    _ method: SGDMethod = .blocked, threads: Int, blockSize: Int? = nil
  ) -> OnlineSGD<Float> {
    OnlineSGD(
      network: network(hidden: hidden, inputs: inputs, outputs: outputs),
      source: Cycled(samples: noise(512, inputs: inputs, outputs: outputs)),
      loss: outputs == 1 ? .squared : .crossEntropy, stepSize: StepSize(0.1 / Double(inputs)),
      trained: trained, method: method, blockSize: blockSize, threads: threads)
  }

  /// Steps, as many per call as make some milliseconds.
  func work(_ method: SGDMethod = .blocked, threads: Int, blockSize: Int? = nil) -> Work {
    let sgd = training(method, threads: threads, blockSize: blockSize)
    let block = sgd.blockSize
    let perCall = max(block, Int(4e8 / flopsPerStep) / block * block)
    return Work(units: perCall) {
      guard sgd.run(until: sgd.step + perCall) == .finished else {
        fatalError("\(name) diverged at step \(sgd.step)")
      }
    }
  }
}

func trainingRows(_ settings: Settings) throws -> [Row] {
  let shapes = [
    TrainingShape(hidden: [800], inputs: 32, outputs: 1),
    TrainingShape(hidden: [3200], inputs: 784, outputs: 1),
    TrainingShape(hidden: [3200], inputs: 784, outputs: 10),
    TrainingShape(hidden: [25_600], inputs: 784, outputs: 1),
    TrainingShape(hidden: [800, 800], inputs: 512, outputs: 10, trained: .middle),
    TrainingShape(hidden: [3200, 3200], inputs: 512, outputs: 10, trained: .middle),
    TrainingShape(hidden: [3200, 3200], inputs: 512, outputs: 10),
  ]
  var rows: [Row] = []
  for shape in shapes where settings.wants("sgd", shape.name) {
    let works = settings.threads.map { shape.work(threads: $0) }
    let times = try alternating(
      works + [shape.work(.stepByStep, threads: 1)], seconds: settings.seconds)
    let plain = times[times.count - 1].median
    for (t, time) in zip(settings.threads, times) {
      let share = shape.flopsPerStep / time.median / settings.rates.sgemm[t]!
      var ratios = [
        Ratio(
          name: "of sgemm", value: share, target: shape.hidden == [25_600] ? .atLeast(0.85) : nil),
        Ratio(name: "× step by step", value: plain / time.median),
      ]
      if t > 1 {
        ratios.append(
          Ratio(
            name: "× one thread", value: times[0].median / time.median, target: .atLeast(1)))
      }
      rows.append(
        Row(
          suite: "sgd", work: shape.name, threads: t, unit: .microsecondsPerStep,
          value: time.scaled(by: 1e6), ratios: ratios))
    }
  }
  return rows
}
