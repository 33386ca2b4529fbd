public import LinearAlgebra

/// What goes on around a training: whether it is to stop, who sees how far it is, where checkpoints
/// go.
public protocol TrainingSupervisor: AnyObject {
  /// Asked before every block of steps: whether to stop there.
  var shouldStop: Bool { get }

  /// Asked within every block, from any thread: whether to give it up and stop where it began.
  var shouldGiveUp: @Sendable () -> Bool { get }

  /// Steps between checkpoints, which are written where a block ends anyway.
  var checkpointEvery: Int? { get }

  /// Told before every block, and at the end, how many steps have been taken.
  func advanced(to step: Int)

  /// Keeps a checkpoint; what it throws ends the training.
  func keep<Scalar: MatrixScalar>(_ checkpoint: TrainingCheckpoint<Scalar>) throws

  /// Runs a measurement, which may take long.
  ///
  /// - Parameter checkpoint: of the step that is measured; who resumes from it measures again.
  func measuring<Scalar: MatrixScalar, Result>(
    _ checkpoint: TrainingCheckpoint<Scalar>, _ measure: () -> Result
  ) -> Result
}

extension TrainingSupervisor {
  public var shouldStop: Bool { false }

  public var shouldGiveUp: @Sendable () -> Bool { { false } }

  public var checkpointEvery: Int? { nil }

  public func advanced(to step: Int) {}

  public func keep<Scalar: MatrixScalar>(_ checkpoint: TrainingCheckpoint<Scalar>) throws {}

  public func measuring<Scalar: MatrixScalar, Result>(
    _ checkpoint: TrainingCheckpoint<Scalar>, _ measure: () -> Result
  ) -> Result { measure() }
}

/// Only asks whether to stop.
final class StopRequests: TrainingSupervisor {
  private let ask: () -> Bool

  init(_ ask: @escaping () -> Bool) { self.ask = ask }

  var shouldStop: Bool { ask() }
}
