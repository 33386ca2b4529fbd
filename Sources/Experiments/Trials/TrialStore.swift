public import Landbridge
public import LinearAlgebra

/// Which trial of an experiment.
public struct TrialKey: Hashable, Codable, Sendable {
  /// The experiment's name: lower case, digits and dashes.
  public var experiment: String
  /// N
  public var width: Int
  public var trial: Int

  public init(experiment: String, width: Int, trial: Int) {
    (self.experiment, self.width, self.trial) = (experiment, width, trial)
  }
}

/// Which two trials of one width a path joins.
public struct PathKey: Hashable, Codable, Sendable {
  public var experiment: String
  public var width: Int
  public var from: Int
  public var to: Int

  public init(experiment: String, width: Int, from: Int, to: Int) {
    (self.experiment, self.width) = (experiment, width)
    (self.from, self.to) = (from, to)
  }

  /// The trials at the ends.
  public var ends: [TrialKey] {
    [from, to].map { TrialKey(experiment: experiment, width: width, trial: $0) }
  }
}

/// Where finished trials and paths are kept, so that a run that was interrupted takes them up.
///
/// What is given back is what was kept, of the same plan: something else, or something damaged, is
/// as good as nothing. Calls come from several threads, each key from one at a time.
public protocol TrialStore: Sendable {
  /// A trial that ended, if one of this plan is kept with its network.
  func trial(_ key: TrialKey, of plan: TrainingPlan) -> TrainingRecord?

  /// The network of a trial that is kept.
  func network<Scalar: MatrixScalar>(of key: TrialKey, as type: Scalar.Type) throws -> Network<
    Scalar
  >

  /// Keeps a trial that has ended, in place of an earlier one. Once this has returned, and not
  /// before, it is there, whatever happens to the process.
  func keep<Scalar: MatrixScalar>(_ trial: TrainingCheckpoint<Scalar>, as key: TrialKey) throws

  /// Paths that were kept, if they are of this plan.
  func path(_ key: PathKey, of plan: PathPlan) -> PathRecord?

  /// Keeps paths, in place of earlier ones.
  func keep(_ path: PathRecord, of plan: PathPlan, as key: PathKey) throws
}
