import Landbridge
import LinearAlgebra

private let (width, samples) = (3200, 10_000)

/// The dropout curve for every M, against one evaluation and against one Gram matrix.
func dropoutRows(_ settings: Settings) throws -> [Row] {
  var rows: [Row] = []
  for (inputs, outputs) in [(32, 1), (784, 10)] {
    let shape = "N=\(width) d=\(inputs) K=\(outputs) n=\(samples)"
    guard settings.wants("dropout", shape) else { continue }
    let network = network(hidden: [width], inputs: inputs, outputs: outputs)
    let data = noise(samples, inputs: inputs, outputs: outputs)
    for threads in settings.threads {
      rows.append(try meanRow(network, data, "mean, \(shape)", settings, threads: threads))
    }
    rows.append(try deviationRow(network, data, "with s.d., \(shape)", settings))
  }
  return rows
}

private func meanRow(
  _ network: Network<Float>, _ data: Samples<Float>, _ name: String, _ settings: Settings,
  threads: Int
) throws -> Row {
  let risk = try EmpiricalRisk(data, loss: .squared, threads: threads)
  let times = try alternating(
    [
      Work {
        let moments = network.dropoutMoments(on: risk)
        for kept in 1...width { blackHole(moments.expectedLoss(kept: kept)) }
      },
      Work { blackHole(network.evaluate(on: risk).loss) },
    ], seconds: settings.seconds)
  return Row(
    suite: "dropout", work: name, threads: threads, unit: .milliseconds,
    value: times[0].scaled(by: 1e3),
    ratios: [
      Ratio(
        name: "evaluations", value: times[0].median / times[1].median, target: .atMost(1.5))
    ])
}

private func deviationRow(
  _ network: Network<Float>, _ data: Samples<Float>, _ name: String, _ settings: Settings
) throws -> Row {
  let threads = settings.threads.last!
  let risk = try EmpiricalRisk(data, loss: .squared, threads: threads)
  let h = network.activations(data.inputs, threads: threads)
  let tile = 400
  let tiles = chunks(of: width, size: tile).map { range in
    h.columns(Array(range))
  }
  let times = try alternating(
    [
      Work {
        let moments = network.dropoutMoments(on: risk, standardDeviation: true)
        for kept in 1...width { blackHole(moments.standardDeviation(kept: kept)!) }
      },
      Work {
        let gram = Matrix.product(h, h, transposingFirst: true, threads: threads)
        blackHole(Double(gram[0, 0]))
      },
      Work {
        for i in tiles.indices {
          for j in i..<tiles.count {
            let part = Matrix.product(
              tiles[i], tiles[j], transposingFirst: true, threads: threads)
            blackHole(Double(part[0, 0]))
          }
        }
      },
    ], seconds: settings.seconds, minimum: 3)
  return Row(
    suite: "dropout", work: name, threads: threads, unit: .milliseconds,
    value: times[0].scaled(by: 1e3),
    ratios: [
      Ratio(name: "× HᵀH", value: times[0].median / times[1].median, target: .atMost(1.1)),
      Ratio(name: "× its upper triangle", value: times[0].median / times[2].median),
    ])
}

/// Keeps a value that nothing reads from being optimised away.
@inline(never) func blackHole(_ value: Double) {
  if value == -.infinity { print(value) }
}
