internal import Artifacts
internal import LinearAlgebra

/// Runs experiments and leaves their numbers and networks in a store.
///
/// A run that was interrupted takes up the trials and paths it finds there, if they were made with
/// the same configuration, and ends with the same bytes.
public struct Reproduction: Sendable {
  public var preset: String
  /// What is otherwise than in the preset; see ``vary(_:)``.
  public private(set) var variation: Variation?
  public var experiments: [Experiment]

  public init(preset: String, experiments: [Experiment]) {
    self.preset = preset
    self.experiments = experiments
  }

  /// Changes all experiments, and remembers it if any of them is another one now.
  public mutating func vary(_ variation: Variation) {
    let before = experiments
    for i in experiments.indices {
      if let widths = variation.widths { experiments[i].widths = widths }
      if let trials = variation.trials { experiments[i].trials = trials }
      if let steps = variation.steps { experiments[i].steps = steps }
      if let precision = variation.precision { experiments[i].precision = precision }
    }
    if experiments != before { self.variation = variation }
  }

  /// Whether every trial and every path of an experiment is in a store, so that a run has nothing to
  /// do for it.
  public static func isDone(_ experiment: Experiment, in store: some TrialStore) -> Bool {
    experiment.widths.allSatisfy { width in
      let trials = (0..<experiment.trials).map { trial in
        store.trial(
          TrialKey(experiment: experiment.name, width: width, trial: trial),
          of: experiment.plan(width: width, trial: trial))
      }
      return trials.allSatisfy { $0 != nil }
        && experiment.pairs.allSatisfy { from, to in
          [from, to].contains { trials[$0]?.outcome != .finished }
            || store.path(
              PathKey(experiment: experiment.name, width: width, from: from, to: to),
              of: experiment.pathPlan(width: width, from: from, to: to)) != nil
        }
    }
  }

  /// How far a run is.
  public struct Progress: Sendable {
    /// From 0 to 1, by estimated work.
    public var fraction: Double
    public var message: String
  }

  /// - Parameters:
  ///   - store: takes every trial and every path as it ends.
  ///   - threads: trials and paths that run side by side, one thread each. Results do not depend on
  ///     it.
  ///   - progress: told after every trial and every path, from any thread.
  /// - Returns: `nil` when asked to stop; what is finished is kept.
  /// - Throws: `FormatError` when data cannot be read or results not written.
  public func run(
    in store: any TrialStore, threads: Int, progress: @escaping @Sendable (Progress) -> Void,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> ReproductionResults? {
    let precisions = Set(experiments.map(\.precision))
    precondition(precisions.count <= 1, "experiments of both precisions in one run")
    return precisions == [.double]
      ? try run(Double.self, in: store, threads, progress, shouldStop)
      : try run(Float.self, in: store, threads, progress, shouldStop)
  }

  private func run<Scalar: MatrixScalar>(
    _: Scalar.Type, in store: any TrialStore, _ threads: Int,
    _ progress: @escaping @Sendable (Progress) -> Void,
    _ shouldStop: @escaping @Sendable () -> Bool
  ) throws -> ReproductionResults? {
    let sets = try experiments.map { try $0.data.dataset(of: Scalar.self, loss: $0.loss) }
    let runner = ReproductionRunner<Scalar>(
      experiments: experiments, datasets: sets, store: store, progress: progress,
      shouldStop: shouldStop)
    guard let trials = try runner.runTrials(threads: threads),
      let paths = try runner.runPaths(trials: trials, threads: threads)
    else { return nil }
    let results = experiments.indices.map { index in
      ExperimentResults(
        experiment: experiments[index], trainingSamples: sets[index].trainingCount,
        heldOutSamples: sets[index].heldOut.count,
        widths: experiments[index].widths.map { width in
          WidthResults(
            width: width,
            trials: trials.filter { $0.job.experiment == index && $0.job.width == width }
              .map(\.record),
            paths: paths.filter { $0.job.experiment == index && $0.job.width == width }
              .map(\.record))
        })
    }
    return ReproductionResults(
      version: landbridgeVersion, preset: preset, variation: variation, experiments: results)
  }
}
