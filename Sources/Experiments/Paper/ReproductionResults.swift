public import Artifacts
public import Landbridge

/// All numbers of a reproduction.
public struct ReproductionResults: Codable, Sendable {
  public var version: String
  public var preset: String
  /// What is otherwise than in the preset; `nil` where nothing is.
  public var variation: Variation?
  public var experiments: [ExperimentResults]
}

/// How a run differs from its preset.
public struct Variation: Codable, Sendable, Equatable {
  public var widths: [Int]?
  public var trials: Int?
  public var steps: Int?
  public var precision: Precision?

  public init(
    widths: [Int]? = nil, trials: Int? = nil, steps: Int? = nil, precision: Precision? = nil
  ) {
    (self.widths, self.trials, self.steps) = (widths, trials, steps)
    self.precision = precision
  }
}

/// All numbers of one experiment.
public struct ExperimentResults: Codable, Sendable {
  public var experiment: Experiment
  /// How many samples one pass has; `nil` for fresh samples.
  public var trainingSamples: Int?
  /// How many samples networks are measured on.
  public var heldOutSamples: Int
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
