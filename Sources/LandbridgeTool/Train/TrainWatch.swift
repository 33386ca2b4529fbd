import Experiments
import Foundation
import LinearAlgebra

/// Shows how far a training is, stops it on a signal, and writes its checkpoints.
///
/// To be used within ``Interruption/cooperating(_:)``.
final class TrainWatch: TrainingSupervisor {
  let checkpointPath: String
  let checkpointEvery: Int?
  private let quiet: Bool
  private var progress: ProgressLine

  init(
    _ record: TrainingRecord, checkpointPath: String, checkpointEvery: Int?, quiet: Bool
  ) {
    (self.checkpointPath, self.checkpointEvery) = (checkpointPath, checkpointEvery)
    self.quiet = quiet
    progress = ProgressLine(
      "train", unit: "steps", total: record.plan.steps, from: record.step, silent: quiet)
  }

  var shouldStop: Bool { Interruption.isRequested }

  var shouldGiveUp: @Sendable () -> Bool { { Interruption.isRequested } }

  func advanced(to step: Int) { progress.update(step) }

  func keep<Scalar: MatrixScalar>(_ checkpoint: TrainingCheckpoint<Scalar>) throws {
    let start = ContinuousClock.now
    defer { progress.otherWork += ContinuousClock.now - start }
    try checkpoint.write(to: checkpointPath)
  }

  /// A signal that comes in the meantime writes the checkpoint: what was not measured is measured
  /// when the run goes on.
  func measuring<Scalar: MatrixScalar, Result>(
    _ checkpoint: TrainingCheckpoint<Scalar>, _ measure: () -> Result
  ) -> Result {
    let start = ContinuousClock.now
    defer { progress.otherWork += ContinuousClock.now - start }
    let (path, quiet) = (checkpointPath, quiet)
    return Interruption.closing {
      try Self.leave(checkpoint, at: path, quiet: quiet)
    } around: {
      measure()
    }
  }

  /// Clears the line of a terminal.
  func finish() { progress.finish() }

  /// Writes the checkpoint of a training that has stopped, and says how to go on.
  func leave<Scalar: MatrixScalar>(_ checkpoint: TrainingCheckpoint<Scalar>) throws {
    try Self.leave(checkpoint, at: checkpointPath, quiet: quiet)
  }

  private static func leave<Scalar: MatrixScalar>(
    _ checkpoint: TrainingCheckpoint<Scalar>, at path: String, quiet: Bool
  ) throws {
    var checkpoint = checkpoint
    checkpoint.record.outcome = .stopped
    try checkpoint.write(to: path)
    guard !quiet else { return }
    Messages.error(
      "stopped after step \(checkpoint.record.step) of \(checkpoint.record.plan.steps); to go on: "
        + "landbridge train --resume \(path)")
  }
}
