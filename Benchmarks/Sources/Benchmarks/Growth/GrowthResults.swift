import Foundation

/// Costs along every sweep, and what is needed to draw them beside the model.
struct GrowthResults: Codable {
  var machine: Machine
  var rates: Rates
  var threads: [Int]
  /// In the order of `Sweep.all`, points in order, by threads: seconds per step.
  var times: [[[Int: Measurement]]]
  /// The block size that was used, in the same order.
  var blockSizes: [[Int]]
  /// The reference point of the model, by threads.
  var references: [Int: Measurement]
  var referenceBlockSize: Int
  /// The largest resident set of training at N neurons, d = 784 and d = 32.
  var memory: [MemoryPoint]

  struct MemoryPoint: Codable {
    var neurons: Int
    var inputs: Int
    var parameters: Int
    var data: Int
    var peak: Int
  }

  static func measured(seconds: Double) throws -> GrowthResults {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let threads = cores > 1 ? [1, 2] : [1]
    // Memory first: it is measured in processes of their own.
    let memory = try [32, 784].flatMap { inputs in
      try [1000, 3000, 10_000, 30_000, 100_000].map { neurons in
        let bytes = trainingBytes(width: neurons, inputs: inputs)
        return MemoryPoint(
          neurons: neurons, inputs: inputs, parameters: bytes.parameters, data: bytes.data,
          peak: try peakOfTraining(width: neurons, inputs: inputs))
      }
    }
    func times(_ point: GrowthPoint) throws -> [Int: Measurement] {
      let works = threads.map { point.shape.work(threads: $0, blockSize: point.block) }
      let measured = try alternating(works, seconds: seconds, minimum: 3)
      return Dictionary(uniqueKeysWithValues: zip(threads, measured))
    }
    func block(_ point: GrowthPoint) -> Int {
      point.block ?? point.shape.training(threads: 1).blockSize
    }
    return try GrowthResults(
      machine: .current, rates: .measured(threads: threads, seconds: 0.5), threads: threads,
      times: Sweep.all.map { sweep in
        note("\(sweep.variable), \(sweep.fixed)")
        return try sweep.points.map { try times($0.point) }
      },
      blockSizes: Sweep.all.map { $0.points.map { block($0.point) } },
      references: times(CostModel.reference), referenceBlockSize: block(CostModel.reference),
      memory: memory)
  }

  func model(threads: Int) -> CostModel {
    CostModel(
      rates: rates, threads: threads, reference: references[threads]!.median,
      blockSize: referenceBlockSize)
  }

  var rateText: String {
    threads.map { t in
      "\(t) thread\(t == 1 ? "" : "s"): sgemm \(short(rates.sgemm[t]! / 1e9)) GFLOP/s, triad "
        + "\(short(rates.triad[t]! / 1e9)) GB/s, c = "
        + "\(short(model(threads: t).secondsPerNeuron * 1e9)) ns"
    }.joined(separator: "; ")
  }
}
