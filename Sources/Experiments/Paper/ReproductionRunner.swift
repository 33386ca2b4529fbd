internal import Artifacts
internal import LinearAlgebra
internal import Synchronization

/// The work of one run of a ``Reproduction``.
struct ReproductionRunner<Scalar: MatrixScalar>: Sendable {
  struct TrialJob: Sendable {
    /// Index of the experiment.
    var experiment: Int
    var width: Int
    var trial: Int
  }

  struct PathJob: Sendable {
    var experiment: Int
    var width: Int
    var from: Int
    var to: Int
  }

  let experiments: [Experiment]
  let datasets: [Dataset<Scalar>]
  let store: any TrialStore
  let progress: @Sendable (Reproduction.Progress) -> Void
  let shouldStop: @Sendable () -> Bool

  /// Trains all trials, in the order of experiments, widths and trials.
  func runTrials(threads: Int) throws -> [(job: TrialJob, record: TrainingRecord)]? {
    let jobs = experiments.indices.flatMap { index in
      experiments[index].widths.flatMap { width in
        (0..<experiments[index].trials).map {
          TrialJob(experiment: index, width: width, trial: $0)
        }
      }
    }
    return try runAll(
      jobs, threads: threads, share: 0...0.85, cost: { cost($0.experiment, $0.width) },
      name: { "\(experiments[$0.experiment].name): N = \($0.width), trial \($0.trial)" },
      work: runTrial)
  }

  /// Connects the pairs of every width whose trials both finished.
  func runPaths(
    trials: [(job: TrialJob, record: TrainingRecord)], threads: Int
  ) throws -> [(job: PathJob, record: PathRecord)]? {
    let diverged = Set(
      trials.filter { $0.record.outcome != .finished }.map {
        [$0.job.experiment, $0.job.width, $0.job.trial]
      })
    let jobs = experiments.indices.flatMap { index in
      experiments[index].widths.flatMap { width in
        experiments[index].pairs.filter { pair in
          [pair.0, pair.1].allSatisfy { !diverged.contains([index, width, $0]) }
        }.map { PathJob(experiment: index, width: width, from: $0.0, to: $0.1) }
      }
    }
    return try runAll(
      jobs, threads: threads, share: 0.85...1, cost: { cost($0.experiment, $0.width) },
      name: {
        "\(experiments[$0.experiment].name): N = \($0.width), path \($0.from) – \($0.to)"
      }, work: connect)
  }

  /// Does jobs side by side, the dearest first.
  ///
  /// - Returns: in the order of the jobs; `nil` when one was not done.
  private func runAll<Job: Sendable, Record: Sendable>(
    _ jobs: [Job], threads: Int, share: ClosedRange<Double>, cost: @Sendable (Job) -> Double,
    name: @Sendable (Job) -> String, work: @Sendable (Job) throws -> Record?
  ) throws -> [(job: Job, record: Record)]? {
    let costs = jobs.map(cost)
    let tracker = ProgressTracker(total: costs.reduce(0, +), share: share, report: progress)
    let order = jobs.indices.sorted { costs[$0] > costs[$1] }
    let outcomes = concurrentMap(order.count, threads: threads) { position in
      let job = jobs[order[position]]
      let outcome = Result { try work(job) }
      tracker.finish(costs[order[position]], name(job))
      return outcome
    }
    var records = [Record?](repeating: nil, count: jobs.count)
    for (position, outcome) in zip(order, outcomes) { records[position] = try outcome.get() }
    if records.contains(where: { $0 == nil }) { return nil }
    return zip(jobs, records).map { ($0, $1!) }
  }

  /// Estimated flops of a trial.
  private func cost(_ index: Int, _ width: Int) -> Double {
    let (experiment, data) = (experiments[index], datasets[index])
    let N = Double(width)
    let hidden = Double(experiment.hiddenLayers - 1) * N
    let perSample = 2 * N * (Double(data.inputDimension) + hidden) + 50 * N
    let evaluations = Double(experiment.measuredSteps.count * data.heldOut.count)
    return perSample * (2 * Double(experiment.steps) + 2 * evaluations)
  }

  private func runTrial(_ job: TrialJob) throws -> TrainingRecord? {
    let experiment = experiments[job.experiment]
    let plan = experiment.plan(width: job.width, trial: job.trial)
    let key = TrialKey(experiment: experiment.name, width: job.width, trial: job.trial)
    if let kept = store.trial(key, of: plan) { return kept }
    if shouldStop() { return nil }
    var run = TrainingRun(plan, on: datasets[job.experiment])
    if run.run(shouldStop: shouldStop) == .stopped { return nil }
    try store.keep(run.checkpoint, as: key)
    return run.record
  }

  private func connect(_ job: PathJob) throws -> PathRecord? {
    let experiment = experiments[job.experiment]
    let key = PathKey(
      experiment: experiment.name, width: job.width, from: job.from, to: job.to)
    let plan = experiment.pathPlan(width: job.width, from: job.from, to: job.to)
    if let kept = store.path(key, of: plan) { return kept }
    if shouldStop() { return nil }
    let networks = try key.ends.map { try store.network(of: $0, as: Scalar.self) }
    let risk = try EmpiricalRisk(datasets[job.experiment].heldOut, loss: experiment.loss)
    var record = PathRecord(from: job.from, to: job.to, results: [:])
    for method in experiment.methods {
      record.results[method] = try method.results(from: networks[0], to: networks[1], on: risk)
    }
    try store.keep(record, of: plan, as: key)
    return record
  }
}

/// Adds up finished work from several threads.
private final class ProgressTracker: Sendable {
  private let done = Mutex(0.0)
  private let total: Double
  private let share: ClosedRange<Double>
  private let report: @Sendable (Reproduction.Progress) -> Void

  init(
    total: Double, share: ClosedRange<Double>,
    report: @escaping @Sendable (Reproduction.Progress) -> Void
  ) {
    (self.total, self.share, self.report) = (total, share, report)
  }

  func finish(_ cost: Double, _ message: String) {
    let fraction = done.withLock { done in
      done += cost
      return total > 0 ? done / total : 1
    }
    report(
      Reproduction.Progress(
        fraction: share.lowerBound + fraction * (share.upperBound - share.lowerBound),
        message: message))
  }
}
