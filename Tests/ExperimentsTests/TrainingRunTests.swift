import Artifacts
import Experiments
import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite("One training: laws") struct TrainingRunTests {
  private static let data = DataSpecification(kind: .gaussians, options: DataOptions(d: 4, n: 100))
  private let dataset: Dataset<Double> = try! data.dataset()

  private func plan(
    steps: Int = 300, quantities: [QuantityName] = QuantityName.ofTraining, stepSize: Double = 0.05
  ) -> TrainingPlan {
    TrainingPlan(
      data: Self.data, architecture: Architecture(hidden: [6, 7], activations: [.tanh, .relu]),
      stepSize: StepSize(stepSize), steps: steps, measuredSteps: [0, 10, 100, 250],
      quantities: quantities, precision: .double, seed: 3, trial: 2)
  }

  /// Stops after some blocks.
  private final class Stop: TrainingSupervisor {
    var blocks: Int
    let checkpointEvery: Int?
    var checkpoints: [Int] = []
    var measured: [Int] = []

    init(after blocks: Int, checkpointEvery: Int? = nil) {
      (self.blocks, self.checkpointEvery) = (blocks, checkpointEvery)
    }

    var shouldStop: Bool { blocks == 0 }

    func advanced(to step: Int) { blocks -= 1 }

    func keep<Scalar: MatrixScalar>(_ checkpoint: TrainingCheckpoint<Scalar>) throws {
      checkpoints.append(checkpoint.record.step)
    }

    func measuring<Scalar: MatrixScalar, Result>(
      _ checkpoint: TrainingCheckpoint<Scalar>, _ measure: () -> Result
    ) -> Result {
      measured.append(checkpoint.record.step)
      return measure()
    }
  }

  @Test("a run stopped anywhere, written and read again ends like one that was not")
  func resumed() throws {
    var whole = TrainingRun(plan(), on: dataset)
    #expect(whole.run() == .finished)
    let uninterrupted = try whole.record.metadata(whole.seen)
    try withDirectory { directory in
      let path = directory.appending(path: "c.safetensors").path(percentEncoded: false)
      for blocks in 1...12 {
        var first = TrainingRun(plan(), on: dataset)
        guard try first.run(supervisedBy: Stop(after: blocks)) == .stopped else { break }
        #expect(first.record.outcome == .stopped && first.record.step < 300)
        try first.checkpoint.write(to: path)
        let file = try TrainingCheckpointFile(path: path)
        #expect(file.record == first.record)
        var second = TrainingRun(continuing: try file.checkpoint(for: dataset), on: dataset)
        #expect(second.run() == .finished)
        #expect(second.network == whole.network)
        #expect(try second.record.metadata(second.seen) == uninterrupted)
        #expect(first.stepsHere + second.stepsHere == 300)
      }
    }
  }

  @Test("the supervisor sees every measurement, and checkpoints where blocks end")
  func supervised() throws {
    var run = TrainingRun(plan(), on: dataset)
    let supervisor = Stop(after: -1, checkpointEvery: 60)
    #expect(try run.run(supervisedBy: supervisor) == .finished)
    #expect(supervisor.measured == [0, 10, 100, 250])
    #expect(!supervisor.checkpoints.isEmpty)
    let steps = [0] + supervisor.checkpoints
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $1 - $0 >= 60 })
    #expect(run.record.measurements.map(\.step) == [0, 10, 100, 250])
    #expect(run.record.step == 300 && run.record.unmeasured.count == 50)
  }

  @Test("divergence is an outcome of the record, with its step")
  func diverged() throws {
    var run = TrainingRun(plan(stepSize: 1e9), on: dataset)
    guard case .diverged(let step) = run.run() else {
      Issue.record("did not diverge")
      return
    }
    let record = try #require(
      try TrainingRecord(metadata: run.record.metadata(run.seen), path: "m"))
    #expect(record == run.record && record.outcome == .diverged && record.divergedAt == step)
  }

  @Test("quantities are what the network says of them")
  func quantities() throws {
    var run = TrainingRun(plan(steps: 250, quantities: QuantityName.ofTrials), on: dataset)
    _ = run.run()
    let (network, risk) = (
      run.network, try EmpiricalRisk(dataset.heldOut, loss: .squared)
    )
    let last = try #require(run.record.measurements.last)
    let whole = network.evaluate(on: risk)
    func loss(_ first: Range<Int>, _ second: Range<Int>) -> Evaluation {
      network.keeping(KeptNeurons(layers: [Array(first), Array(second)]))
        .evaluate(on: risk)
    }
    let halves = [
      loss(0..<3, 0..<3), loss(0..<3, 4..<7), loss(3..<6, 0..<3), loss(3..<6, 4..<7),
    ]
    #expect(abs(try #require(last[.loss]) - whole.loss) < 1e-12)
    #expect(last[.error] == whole.error)
    #expect(last[.dropoutLoss] == halves[0].loss && last[.dropoutError] == halves[0].error)
    let change = halves.map(\.loss).reduce(0, +) / 4 - whole.loss
    #expect(abs(try #require(last[.antitheticChange]) - change) < 1e-12)
    let moments = network.dropoutMoments(on: risk)
    #expect(last[.expectedChange] == moments.expectedExcess(kept: 3))
    #expect(last[.trainingLoss] == nil)
  }

  /// Largest |entry| of the last layer.
  private struct LargestOutputWeight: Quantity {
    let name: QuantityName = "largestOutputWeight"

    func value<Scalar: MatrixScalar>(of network: MeasuredNetwork<Scalar>) -> Double? {
      network.network.layers.last!.weights.elements.map { abs(Double($0)) }.max()
    }
  }

  @Test("a new quantity needs nothing but its name and what it computes")
  func newQuantity() throws {
    var known = Quantities.standard
    known.add(LargestOutputWeight())
    let plan = plan(steps: 250, quantities: [.loss, "largestOutputWeight"])
    var run = TrainingRun(plan, on: dataset, quantities: known)
    _ = run.run()
    let largest = run.network.layers.last!.weights.elements.map { abs($0) }.max()
    #expect(run.record.measurements.last?["largestOutputWeight"] == largest)
    let json = try encodeStably(run.record)
    #expect(try JSONDecoder().decode(TrainingRecord.self, from: json) == run.record)
    // Who does not know it refuses its checkpoint.
    try withDirectory { directory in
      let path = directory.appending(path: "c.safetensors").path(percentEncoded: false)
      var stopped = TrainingRun(plan, on: dataset, quantities: known)
      _ = stopped.run(shouldStop: { true })
      try stopped.checkpoint.write(to: path)
      #expect(throws: (any Error).self) { try TrainingCheckpointFile(path: path) }
      #expect(throws: Never.self) { try TrainingCheckpointFile(path: path, quantities: known) }
    }
  }

  @Test("numbers that are not finite are left out of a measurement")
  func notFinite() throws {
    struct Infinite: Quantity {
      let name: QuantityName = "infinite"
      func value<Scalar: MatrixScalar>(of network: MeasuredNetwork<Scalar>) -> Double? { .infinity }
    }
    var run = TrainingRun(
      plan(quantities: ["infinite"]), on: dataset, quantities: Quantities([Infinite()]))
    _ = run.run()
    #expect(run.record.measurements.allSatisfy { $0.values.isEmpty })
    #expect(throws: Never.self) { try encodeStably(run.record) }
  }
}

@Suite("Records of training: exact") struct TrainingRecordTests {
  @Test("words and keys of the JSON")
  func json() throws {
    var record = TrainingRecord(
      TrainingPlan(
        data: DataSpecification(kind: .digits), architecture: Architecture(hidden: [3]),
        stepSize: StepSize(0.1), steps: 5, measuredSteps: [0, 5], quantities: [.loss], seed: 1))
    for (outcome, word) in [
      (TrainingRecord.Outcome.running, "running"), (.stopped, "stopped"), (.finished, "finished"),
      (.diverged, "diverged"),
    ] {
      record.outcome = outcome
      let json = try #require(
        try JSONSerialization.jsonObject(with: encodeStably(record)) as? [String: Any])
      #expect(json["outcome"] as? String == word)
      #expect((json["divergedAt"] != nil) == (outcome == .diverged))
    }
    record.measurements = [TrainingMeasurement(step: 0, time: 0, values: [.loss: 0.5])]
    let json = try #require(
      try JSONSerialization.jsonObject(with: encodeStably(record)) as? [String: Any])
    let measurements = try #require(json["measurements"] as? [[String: Double]])
    #expect(measurements == [["step": 0, "time": 0, "loss": 0.5]])
    let configuration = try #require(json["configuration"] as? [String: Any])
    #expect(configuration["quantities"] as? [String] == ["loss"])
  }

  @Test("records that contradict themselves are refused")
  func unsound() throws {
    let plan = TrainingPlan(
      data: DataSpecification(kind: .digits), architecture: Architecture(hidden: [3]),
      stepSize: StepSize(0.1), steps: 5, measuredSteps: [0, 5], quantities: [.loss], seed: 1)
    let sound = TrainingRecord(plan)
    #expect(try read(sound) == sound)
    for change in [
      { $0.step = 6 }, { $0.step = -1 }, { $0.step = 1 }, { $0.outcome = .finished },
      { $0.measurements = [TrainingMeasurement(step: 1, time: 0, values: [:])] },
      { $0.plan.architecture.activations = [] }, { $0.plan.architecture.hidden = [] },
      { $0.plan.measuredSteps = [5, 0] }, { $0.plan.stepSize.initial = 0 },
      { $0.plan.trained = .middle }, { $0.plan.blockSize = 0 }, { $0.plan.steps = 4 },
    ] as [(inout TrainingRecord) -> Void] {
      var record = sound
      change(&record)
      #expect(throws: (any Error).self) { try read(record) }
    }
  }

  private func read(_ record: TrainingRecord) throws -> TrainingRecord? {
    try TrainingRecord(metadata: record.metadata(SeenSamples()), path: "m.safetensors")
  }

  @Test("log-spaced steps", arguments: [0, 1, 2, 7, 100, 999, 1000, 2500, 8000, 1_000_000])
  func logSpaced(steps: Int) {
    for count in [1, 2, 3, 11, 23] {
      let found = logSpacedSteps(count, until: steps)
      #expect(found.first == 0 && found.last == steps)
      #expect(zip(found, found.dropFirst()).allSatisfy { $0 < $1 })
      #expect(found.count <= count + 1)
    }
    #expect(logSpacedSteps(4, until: 1000) == [0, 1, 10, 100, 1000])
    #expect(logSpacedSteps(1, until: 9) == [0, 9])
  }
}
