public import Landbridge

/// All numbers of a reproduction.
public struct ReproductionResults: Codable, Sendable {
  public var version: String
  public var preset: String
  public var experiments: [ExperimentResults]
}

/// All numbers of one experiment.
public struct ExperimentResults: Codable, Sendable {
  public var experiment: Experiment
  /// One entry per width, in the order of the experiment.
  public var widths: [WidthResults]
}

/// The trials and paths of one width.
public struct WidthResults: Codable, Sendable {
  public var width: Int
  public var trials: [TrainingRecord]
  public var paths: [PathRecord]
}

extension WidthResults {
  /// Trials that did not diverge.
  public var finished: [TrainingRecord] { trials.filter { $0.outcome == .finished } }

  /// A number of every finished trial at the first measurement from `step` on.
  public func values(
    atStep step: Int, _ value: (TrainingMeasurement) -> Double?
  ) -> [Double] {
    finished.compactMap { trial in
      trial.measurements.first { $0.step >= step }.flatMap(value)
    }
  }

  /// The barrier of every pair's path.
  public func barriers(_ method: PathMethodName) -> [Double] {
    paths.compactMap { $0[method]?.profile.barrier }
  }
}
