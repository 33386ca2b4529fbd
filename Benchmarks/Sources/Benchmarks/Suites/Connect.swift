import Landbridge
import LinearAlgebra

/// The exact barrier of a dropout path in evaluations of one network on the same samples.
func connectRows(_ settings: Settings) throws -> [Row] {
  let count = 4000
  var rows: [Row] = []
  for (hidden, inputs, outputs) in [([3200], 32, 1), ([3200], 784, 10), ([800, 800], 512, 10)] {
    let shape = TrainingShape(hidden: hidden, inputs: inputs, outputs: outputs)
    let name = "barrier, \(shape.name) n=\(count)"
    guard settings.wants("connect", name) else { continue }
    let ends = [1, 2].map {
      network(hidden: hidden, inputs: inputs, outputs: outputs, seed: $0)
    }
    let data = noise(count, inputs: inputs, outputs: outputs)
    let loss: Loss = outputs == 1 ? .squared : .crossEntropy
    for threads in settings.threads {
      let risk = try EmpiricalRisk(data, loss: loss, threads: threads)
      var (evaluations, knots) = (0, 0)
      let times = try alternating(
        [
          Work {
            let path = try PiecewiseLinearPath.dropout(from: ends[0], to: ends[1])
            let profile = try PathEvaluation(of: path, on: risk).profile()
            (evaluations, knots) = (profile.evaluations, profile.knots.count)
          },
          Work { blackHole(ends[0].evaluate(on: risk).loss) },
        ], seconds: settings.seconds)
      let cost = times[0].median / times[1].median
      let limit = Ratio.Target.atMost(Double(knots + 1))
      rows.append(
        Row(
          suite: "connect", work: name, threads: threads, unit: .milliseconds,
          value: times[0].scaled(by: 1e3),
          ratios: [
            Ratio(name: "evaluations", value: cost, target: limit),
            Ratio(name: "networks", value: Double(evaluations), target: limit),
            Ratio(
              name: "× 61 points a segment",
              value: 61 * Double(knots - 1) / cost),
          ]))
    }
  }
  return rows
}
