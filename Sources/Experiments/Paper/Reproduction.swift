internal import Artifacts
public import Foundation
internal import Landbridge
internal import LinearAlgebra
internal import Synchronization

/// Runs experiments and leaves their numbers and networks in a directory.
///
/// Every finished trial is a file, `trials/NAME/N0100-trial00.json`, beside its network,
/// `models/NAME/N0100-trial00.safetensors`. A run that was interrupted takes up what it finds there,
/// if it was made with the same configuration, and ends with the same bytes.
public struct Reproduction: Sendable {
  public var preset: String
  public var experiments: [Experiment]

  public init(preset: String, experiments: [Experiment]) {
    self.preset = preset
    self.experiments = experiments
  }

  /// How far a run is.
  public struct Progress: Sendable {
    /// From 0 to 1, by estimated work.
    public var fraction: Double
    public var message: String
  }

  /// - Parameters:
  ///   - directory: exists.
  ///   - threads: trials and paths that run side by side, one thread each. Results do not depend on
  ///     it.
  ///   - progress: told after every trial and every path, from any thread.
  /// - Returns: `nil` when asked to stop; what is finished is kept.
  /// - Throws: `FormatError` when data cannot be read or results not written.
  public func run(
    in directory: URL, threads: Int, progress: @escaping @Sendable (Progress) -> Void,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> ReproductionResults? {
    let sets = try experiments.map { try $0.data.dataset(of: Float.self, loss: $0.loss) }
    let runner = ReproductionRunner(
      experiments: experiments, datasets: sets, directory: directory, progress: progress,
      shouldStop: shouldStop)
    guard let trials = try runner.runTrials(threads: threads),
      let paths = try runner.runPaths(trials: trials, threads: threads)
    else { return nil }
    let results = zip(experiments.indices, experiments).map { index, experiment in
      ExperimentResults(
        experiment: experiment,
        widths: experiment.widths.map { width in
          WidthResults(
            width: width,
            trials: trials.filter { $0.job.experiment == index && $0.job.width == width }
              .map(\.result),
            paths: paths.filter { $0.experiment == index && $0.width == width }.map(\.results))
        })
    }
    return ReproductionResults(
      version: landbridgeVersion, preset: preset, experiments: results)
  }
}

/// The work of one run.
private struct ReproductionRunner: Sendable {
  struct Job: Sendable {
    var experiment: Int
    var width: Int
    var trial: Int
  }

  struct FinishedTrial: Sendable {
    var job: Job
    var result: TrialResult
  }

  struct FinishedPath: Sendable {
    var experiment: Int
    var width: Int
    var results: PathResults
  }

  let experiments: [Experiment]
  let datasets: [Dataset<Float>]
  let directory: URL
  let progress: @Sendable (Reproduction.Progress) -> Void
  let shouldStop: @Sendable () -> Bool

  /// Trains all trials, the dearest first. In the order of experiments, widths and trials.
  func runTrials(threads: Int) throws -> [FinishedTrial]? {
    let jobs = experiments.indices.flatMap { index in
      experiments[index].widths.flatMap { width in
        (0..<experiments[index].trials).map { Job(experiment: index, width: width, trial: $0) }
      }
    }
    let tracker = ProgressTracker(
      total: jobs.reduce(0) { $0 + cost($1) }, share: 0...0.85, report: progress)
    let order = jobs.indices.sorted { cost(jobs[$0]) > cost(jobs[$1]) }
    let outcomes = concurrentMap(order.count, threads: threads) { position in
      let job = jobs[order[position]]
      let outcome = Result { try runTrial(job) }
      tracker.finish(
        cost(job), "\(experiments[job.experiment].name): N = \(job.width), trial \(job.trial)")
      return outcome
    }
    var results = [FinishedTrial?](repeating: nil, count: jobs.count)
    for (position, outcome) in zip(order, outcomes) { results[position] = try outcome.get() }
    return results.contains { $0 == nil } ? nil : results.map { $0! }
  }

  /// Estimated flops of a trial.
  private func cost(_ job: Job) -> Double {
    let (experiment, data) = (experiments[job.experiment], datasets[job.experiment])
    let N = Double(job.width)
    let hidden = Double(experiment.hiddenLayers - 1) * N
    let perSample = 2 * N * (Double(data.inputDimension) + hidden) + 50 * N
    let evaluations = Double(experiment.measuredSteps.count * data.heldOut.count)
    return perSample * (2 * Double(experiment.steps) + 2 * evaluations)
  }

  private func file(_ kind: String, _ job: Job, _ suffix: String) -> URL {
    let name =
      "N\(padded(job.width, 4))-trial\(padded(job.trial, 2)).\(suffix)"
    return directory.appending(path: kind).appending(path: experiments[job.experiment].name)
      .appending(path: name)
  }

  private func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private func runTrial(_ job: Job) throws -> FinishedTrial? {
    let configuration = experiments[job.experiment].configuration(
      width: job.width, trial: job.trial)
    let (record, model) = (file("trials", job, "json"), file("models", job, "safetensors"))
    if let data = try? Data(contentsOf: record),
      let found = try? JSONDecoder().decode(TrialResult.self, from: data),
      found.configuration == configuration, found.trial == job.trial,
      FileManager.default.fileExists(atPath: model.path(percentEncoded: false))
    {
      return FinishedTrial(job: job, result: found)
    }
    if shouldStop() { return nil }
    guard
      let (result, network) = configuration.run(
        trial: job.trial, dataset: datasets[job.experiment], shouldStop: shouldStop)
    else { return nil }
    let json = try encodeStably(result)
    try createDirectory(model.deletingLastPathComponent())
    try createDirectory(record.deletingLastPathComponent())
    var metadata = try SeenSamples([datasets[job.experiment].record]).metadata
    metadata["training"] = String(decoding: json, as: UTF8.self)
    // The record is written last: where it is, the network is too.
    try ModelFile(network: network, metadata: metadata)
      .write(to: model.path(percentEncoded: false))
    try writeFile(json, to: record)
    return FinishedTrial(job: job, result: result)
  }

  /// Connects the pairs of every width whose trials both finished.
  func runPaths(trials: [FinishedTrial], threads: Int) throws -> [FinishedPath]? {
    let diverged = Set(
      trials.filter { $0.result.outcome != "finished" }.map {
        [$0.job.experiment, $0.job.width, $0.job.trial]
      })
    var jobs: [(from: Job, to: Job)] = []
    for (index, experiment) in experiments.enumerated() {
      for width in experiment.widths {
        for (a, b) in experiment.pairs
        where !diverged.contains([index, width, a]) && !diverged.contains([index, width, b]) {
          jobs.append(
            (
              Job(experiment: index, width: width, trial: a),
              Job(experiment: index, width: width, trial: b)
            ))
        }
      }
    }
    let tracker = ProgressTracker(
      total: jobs.reduce(0) { $0 + cost($1.from) }, share: 0.85...1, report: progress)
    let order = jobs.indices.sorted { cost(jobs[$0].from) > cost(jobs[$1].from) }
    let outcomes = concurrentMap(order.count, threads: threads) { position in
      let (from, to) = jobs[order[position]]
      let outcome = Result { shouldStop() ? nil : try connect(from, to) }
      tracker.finish(
        cost(from),
        "\(experiments[from.experiment].name): N = \(from.width), path \(from.trial) – \(to.trial)"
      )
      return outcome
    }
    var results = [FinishedPath?](repeating: nil, count: jobs.count)
    for (position, outcome) in zip(order, outcomes) { results[position] = try outcome.get() }
    return results.contains { $0 == nil } ? nil : results.map { $0! }
  }

  private func connect(_ from: Job, _ to: Job) throws -> FinishedPath {
    let networks = try [from, to].map {
      try ModelFile<Float>(path: file("models", $0, "safetensors").path(percentEncoded: false))
        .network
    }
    let risk = try EmpiricalRisk(
      datasets[from.experiment].heldOut, loss: experiments[from.experiment].loss)
    let dropout = try PathEvaluation(
      of: .dropout(from: networks[0], to: networks[1]), on: risk)
    let straight = try PathEvaluation(
      of: .straightLine(from: networks[0], to: networks[1]), on: risk)
    return FinishedPath(
      experiment: from.experiment, width: from.width,
      results: PathResults(
        from: from.trial, to: to.trial, dropout: dropout.profile(), straight: straight.profile(),
        dropoutPoints: dropout.points(perSegment: 20),
        straightPoints: straight.points(perSegment: 1)
      ))
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
