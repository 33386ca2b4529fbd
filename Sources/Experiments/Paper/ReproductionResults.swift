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
  public var trials: [TrialResult]
  public var paths: [PathResults]
}

/// Two ways from one solution to another.
public struct PathResults: Codable, Sendable {
  /// The trials at its ends.
  public var from: Int
  public var to: Int
  /// The exact profile of the dropout path.
  public var dropout: PathProfile
  /// The sampled profile of the straight line.
  public var straight: PathProfile
  /// Points of both for plotting.
  public var dropoutPoints: [PathPoint]
  public var straightPoints: [PathPoint]
}

extension WidthResults {
  /// Trials that did not diverge.
  public var finished: [TrialResult] { trials.filter { $0.outcome == "finished" } }

  /// A number of every finished trial at the first measurement from `step` on.
  public func values(
    atStep step: Int, _ value: (TrialMeasurement) -> Double?
  ) -> [Double] {
    finished.compactMap { trial in
      trial.measurements.first { $0.step >= step }.flatMap(value)
    }
  }
}
