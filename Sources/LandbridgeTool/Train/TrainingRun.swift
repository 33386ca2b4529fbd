import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra

/// One training, from its plan or from a checkpoint.
///
/// Blocks of SGD end at multiples of the block size and at measured steps, and nowhere else:
/// checkpoints are written where a block ends anyway, and stopping waits for the end of a short block
/// and gives up a long one, which leaves the state at its beginning. So a run that was stopped, or
/// killed, and resumed gives the bytes of one that was not.
struct TrainingRun<Scalar: Real> {
  let dataset: Dataset<Scalar>
  let threads: Int
  let checkpointPath: String
  /// Steps between checkpoints.
  let checkpointEvery: Int?
  let quiet: Bool

  private(set) var record: TrainingRecord
  /// Before ``run()`` where it begins, after it what came of it; none during, so that the weights
  /// are in memory once.
  private var idle: Network<Scalar>?
  /// Steps taken by this process, and the time they took.
  private(set) var stepsHere = 0
  private(set) var secondsHere = 0.0

  init(
    record: TrainingRecord, network: Network<Scalar>, dataset: Dataset<Scalar>, threads: Int,
    checkpointPath: String, checkpointEvery: Int?, quiet: Bool
  ) {
    (self.record, self.idle, self.dataset) = (record, network, dataset)
    (self.threads, self.quiet) = (threads, quiet)
    (self.checkpointPath, self.checkpointEvery) = (checkpointPath, checkpointEvery)
  }

  var network: Network<Scalar> { idle! }

  /// Trains to the end, to divergence, or until a signal asks to stop; then there is a checkpoint.
  /// To be called within ``Interruption/cooperating(_:)``.
  mutating func run() throws -> TrainingOutcome {
    let plan = record.plan
    let sgd = OnlineSGD(
      network: network, source: dataset.source(seed: plan.seed), loss: plan.loss,
      stepSize: plan.stepSize, trained: plan.trained, method: plan.method,
      blockSize: plan.blockSize, subBlockSize: plan.subBlockSize, pieceSize: plan.pieceSize,
      threads: threads, continuingAt: record.step, time: record.time)
    idle = nil
    // From here on there is a checkpoint to speak of.
    Interruption.explain(nil)
    var progress = ProgressLine(
      "train", unit: "steps", total: plan.steps, from: record.step, silent: quiet)
    defer { progress.finish() }
    if record.trajectory.isEmpty { progress.otherWork += measure(sgd) }
    var lastCheckpoint = record.step
    var outcome = TrainingOutcome.finished
    for goal in plan.measuredSteps where goal > record.trajectory.last!.step {
      var failure: (any Error)?
      let (start, first) = (ContinuousClock.now, sgd.step)
      var paused = Duration.zero
      outcome = sgd.run(until: goal) {
        collectLosses(sgd)
        progress.update(sgd.step)
        if let checkpointEvery, sgd.step - lastCheckpoint >= checkpointEvery {
          let pause = ContinuousClock.now
          lastCheckpoint = sgd.step
          do { try checkpoint(sgd).write() } catch { failure = error }
          paused += ContinuousClock.now - pause
          progress.otherWork += ContinuousClock.now - pause
        }
        return failure != nil || Interruption.isRequested
      } shouldGiveUp: {
        Interruption.isRequested
      }
      collectLosses(sgd)
      stepsHere += sgd.step - first
      secondsHere += (ContinuousClock.now - start - paused) / .seconds(1)
      if let failure { throw failure }
      if outcome != .finished { break }
      progress.otherWork += measure(sgd)
    }
    idle = sgd.network
    (record.step, record.time) = (sgd.step, sgd.time)
    if outcome == .stopped {
      progress.finish()
      let checkpoint = checkpoint(sgd)
      try checkpoint.write()
      checkpoint.explain()
    } else {
      record.outcome = outcome.name
    }
    return outcome
  }

  /// Adds up losses block by block, in the same order whether or not the run was stopped between.
  private mutating func collectLosses(_ sgd: OnlineSGD<Scalar>) {
    record.lossSum += sgd.lossSum
    record.lossCount += sgd.lossCount
    sgd.resetLosses()
  }

  /// Adds a point to the trajectory; returns how long it took.
  ///
  /// It may take long: a signal writes the checkpoint in the meantime, and what was not measured is
  /// measured when the run goes on.
  private mutating func measure(_ sgd: OnlineSGD<Scalar>) -> Duration {
    let start = ContinuousClock.now
    let network = sgd.network
    // Targets were checked when the data were read.
    let risk = try! EmpiricalRisk(dataset.heldOut, loss: record.plan.loss, threads: threads)
    let checkpoint = checkpoint(sgd)
    let (whole, half) = Interruption.closing {
      try checkpoint.write()
      checkpoint.explain()
    } around: {
      let whole = network.evaluate(on: risk)
      let half = network.keeping(.firstHalves(of: network.hiddenWidths)).evaluate(on: risk)
      return (whole, half)
    }
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    record.trajectory.append(
      TrainingMeasurement(
        step: sgd.step, time: sgd.time,
        loss: record.lossCount > 0 ? finite(record.lossSum / Double(record.lossCount)) : nil,
        testLoss: finite(whole.loss), testError: whole.error, dropoutLoss: finite(half.loss),
        dropoutError: half.error))
    (record.lossSum, record.lossCount) = (0, 0)
    return ContinuousClock.now - start
  }

  private var seen: SeenSamples { SeenSamples([dataset.record]) }

  private func checkpoint(_ sgd: OnlineSGD<Scalar>) -> RunningCheckpoint<Scalar> {
    var record = record
    (record.step, record.time) = (sgd.step, sgd.time)
    return RunningCheckpoint(
      path: checkpointPath, record: record, seen: seen, network: sgd.network, quiet: quiet)
  }

  /// Writes the trained network.
  func writeModel(to path: String, _ options: ModelOutputOptions) throws {
    try options.write(network, metadata: record.metadata(seen), to: path)
    options.noteScaling(of: network, quiet: quiet)
  }
}

extension TrainingRecord {
  /// Of the file of a network that was trained so, on samples of which `seen` tells.
  fileprivate func metadata(_ seen: SeenSamples) throws -> [String: String] {
    var metadata = try seen.metadata
    metadata["loss"] = plan.loss.rawValue
    metadata["training"] = try encodeJSON(self, pretty: false)
    return metadata
  }
}

/// All that goes into a checkpoint, for any thread to write.
private struct RunningCheckpoint<Scalar: Real>: Sendable {
  var path: String
  var record: TrainingRecord
  var seen: SeenSamples
  var network: Network<Scalar>
  var quiet: Bool

  func write() throws {
    try ModelFile(network: network, metadata: record.metadata(seen)).write(to: path)
  }

  func explain() {
    guard !quiet else { return }
    Messages.error(
      "stopped after step \(record.step) of \(record.plan.steps); to go on: "
        + "landbridge train --resume \(path)")
  }
}

/// A checkpoint as `train` wrote it.
struct Checkpoint {
  var path: String
  var record: TrainingRecord
  /// The samples that it was trained on so far.
  private let seen: SeenSamples

  /// - Throws: `FormatError` for files that are no checkpoint.
  init(path: String) throws {
    self.path = path
    func wrong(_ found: String) -> FormatError {
      FormatError(
        path: path, place: "metadata key training", found: found,
        expected: "the record of a training to be resumed, as “landbridge train” writes it")
    }
    let metadata = try SafetensorsFile(path).metadata
    seen = try SeenSamples(metadata: metadata, path: path)
    guard let text = metadata["training"] else { throw wrong("nothing") }
    do {
      record = try decodeUntrusted(from: Data(text.utf8), path: path)
    } catch {
      throw wrong("something else")
    }
    guard record.outcome == "running" else { throw wrong("a training that has \(record.outcome)") }
    let plan = record.plan
    let isSound =
      plan.hidden.allSatisfy { (1...(1 << 24)).contains($0) } && !plan.hidden.isEmpty
      && plan.activations.count == plan.hidden.count && plan.measuredSteps.last == plan.steps
      && zip(plan.measuredSteps, plan.measuredSteps.dropFirst()).allSatisfy { $0 < $1 }
      && record.trajectory.map(\.step)
        == plan.measuredSteps.prefix(record.trajectory.count).map { $0 }
      // A run may be stopped while it is measured for the first time.
      && record.step >= record.trajectory.last?.step ?? record.step
      && (record.step == 0 || !record.trajectory.isEmpty)
      && record.step <= plan.steps && plan.stepSize.initial > 0
      && plan.stepSize.initial.isFinite && record.time.isFinite
      && (plan.trained == .all || plan.hidden.count > 1)
      && (1...(1 << 14)).contains(plan.blockSize ?? 1)
      && (1...(1 << 14)).contains(plan.subBlockSize ?? 1) && (plan.pieceSize ?? 1) > 0
    guard isSound else { throw wrong("a record that contradicts itself") }
  }

  /// Refuses data that are not, to the last sample, those that the training began with.
  func requireSame(_ record: SampleRecord) throws {
    guard seen.records == [record] else {
      throw FormatError(
        path: path, place: "samples of \(self.record.plan.data)",
        found: "others than the training began with",
        expected: "the same file, read by the same options")
    }
  }

  /// The network, once it is known to be that of the record.
  func network<Scalar: Real>(inputs: Int, outputs: Int) throws -> Network<Scalar> {
    let network = try ModelFile<Scalar>(path: path).network
    let plan = record.plan
    let found = [network.inputDimension] + network.hiddenWidths + [network.outputDimension]
    let expected = [inputs] + plan.hidden + [outputs]
    guard found == expected, network.scaling == plan.scaling,
      network.layers.dropLast().map(\.activation) == plan.activations,
      network.layers.allSatisfy({ ($0.bias != nil) == plan.bias })
    else {
      throw FormatError(
        path: path, place: "tensors", found: "layers of \(found)",
        expected: "those of its record and data, \(expected)")
    }
    return network
  }
}
