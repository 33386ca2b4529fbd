public import Artifacts
public import Landbridge
public import LinearAlgebra

/// One training, from its plan or from a checkpoint.
///
/// Blocks of SGD end at multiples of the block size and at measured steps, and nowhere else:
/// checkpoints are written where a block ends anyway, and stopping waits for the end of a short block
/// and gives up a long one, which leaves the state at its beginning. So a run that was stopped, or
/// killed, and resumed gives the bytes of one that was not.
public struct TrainingRun<Scalar: MatrixScalar> {
  public let dataset: Dataset<Scalar>
  public private(set) var record: TrainingRecord
  private let quantities: Quantities
  private let usesMoments: Bool
  private let threads: Int
  /// None while it is trained, so that the weights are in memory once.
  private var idle: Network<Scalar>?
  /// Steps taken by this process.
  public private(set) var stepsHere = 0
  /// The time they took, without measurements and checkpoints.
  public private(set) var secondsHere = 0.0

  /// - Parameters:
  ///   - plan: its precision is that of `Scalar`.
  ///   - dataset: what the plan's data specification names, loaded.
  ///   - quantities: has those that the plan measures.
  ///   - threads: how many share the work. Results do not depend on it.
  public init(
    _ plan: TrainingPlan, on dataset: Dataset<Scalar>, quantities: Quantities = .standard,
    threads: Int = 1
  ) {
    self.init(
      record: TrainingRecord(plan),
      network: plan.initialNetwork(
        inputs: dataset.inputDimension, outputs: dataset.outputDimension),
      dataset: dataset, quantities: quantities, threads: threads)
  }

  /// Goes on where a checkpoint was made.
  public init(
    continuing checkpoint: TrainingCheckpoint<Scalar>, on dataset: Dataset<Scalar>,
    quantities: Quantities = .standard, threads: Int = 1
  ) {
    self.init(
      record: checkpoint.record, network: checkpoint.network, dataset: dataset,
      quantities: quantities, threads: threads)
    record.outcome = .running
  }

  private init(
    record: TrainingRecord, network: Network<Scalar>, dataset: Dataset<Scalar>,
    quantities: Quantities, threads: Int
  ) {
    precondition(
      record.plan.precision.rawValue == Scalar.precisionName,
      "a plan for \(record.plan.precision) run in \(Scalar.precisionName)")
    for name in record.plan.quantities { precondition(quantities[name] != nil, "no \(name)") }
    (self.record, self.idle, self.dataset) = (record, network, dataset)
    (self.quantities, self.threads) = (quantities, threads)
    usesMoments = record.plan.quantities.contains { quantities[$0]!.usesMoments }
  }

  /// The network that training begins with, or that came of it.
  public var network: Network<Scalar> { idle! }

  /// The samples that it is trained on.
  public var seen: SeenSamples { SeenSamples([dataset.record]) }

  /// State and network, for a file.
  public var checkpoint: TrainingCheckpoint<Scalar> {
    TrainingCheckpoint(record: record, seen: seen, network: network)
  }

  /// Trains to the end, to divergence, or until asked to stop.
  ///
  /// - Parameter shouldStop: asked before every block of steps.
  public mutating func run(shouldStop: () -> Bool = { false }) -> TrainingOutcome {
    withoutActuallyEscaping(shouldStop) { ask in
      // Nothing is kept, so nothing can fail.
      try! run(supervisedBy: StopRequests(ask))
    }
  }

  /// The same under supervision; when it was asked to stop, the state is ``checkpoint``.
  ///
  /// - Throws: what the supervisor throws when it keeps a checkpoint.
  public mutating func run(
    supervisedBy supervisor: some TrainingSupervisor
  ) throws -> TrainingOutcome {
    let plan = record.plan
    let sgd = OnlineSGD(
      network: network, source: dataset.source(seed: plan.seed, trial: plan.trial),
      loss: plan.loss, stepSize: plan.stepSize, trained: plan.trained, method: plan.method,
      blockSize: plan.blockSize, subBlockSize: plan.subBlockSize, pieceSize: plan.pieceSize,
      threads: threads, continuingAt: record.step, time: record.time)
    idle = nil
    defer { idle = sgd.network }
    var outcome = TrainingOutcome.finished
    var lastCheckpoint = record.step
    let measured = plan.measuredSteps.dropFirst(record.measurements.count)
    for goal in measured + (plan.steps > measured.last ?? -1 ? [plan.steps] : []) {
      outcome = try advance(sgd, to: goal, supervisor, &lastCheckpoint)
      if outcome != .finished { break }
      if measured.contains(goal) { measure(sgd, supervisor) }
    }
    record.outcome = TrainingRecord.Outcome(outcome)
    return outcome
  }

  /// Takes steps, with checkpoints between.
  private mutating func advance(
    _ sgd: OnlineSGD<Scalar>, to goal: Int, _ supervisor: some TrainingSupervisor,
    _ lastCheckpoint: inout Int
  ) throws -> TrainingOutcome {
    var failure: (any Error)?
    let (start, first) = (ContinuousClock.now, sgd.step)
    var paused = Duration.zero
    let outcome = sgd.run(until: goal) {
      follow(sgd)
      supervisor.advanced(to: sgd.step)
      if let every = supervisor.checkpointEvery, sgd.step - lastCheckpoint >= every {
        let pause = ContinuousClock.now
        lastCheckpoint = sgd.step
        do { try supervisor.keep(checkpoint(of: sgd.network)) } catch { failure = error }
        paused += ContinuousClock.now - pause
      }
      return failure != nil || supervisor.shouldStop
    } shouldGiveUp: { [giveUp = supervisor.shouldGiveUp] in
      giveUp()
    }
    follow(sgd)
    stepsHere += sgd.step - first
    secondsHere += (ContinuousClock.now - start - paused) / .seconds(1)
    if let failure { throw failure }
    return outcome
  }

  /// Adds up losses block by block, in the same order whether or not the run was stopped between.
  private mutating func follow(_ sgd: OnlineSGD<Scalar>) {
    (record.step, record.time) = (sgd.step, sgd.time)
    record.unmeasured.sum += sgd.lossSum
    record.unmeasured.count += sgd.lossCount
    sgd.resetLosses()
  }

  private mutating func measure(_ sgd: OnlineSGD<Scalar>, _ supervisor: some TrainingSupervisor) {
    let network = sgd.network
    // What the data are loaded for is this loss: targets have been checked against it.
    let risk = try! EmpiricalRisk(dataset.heldOut, loss: record.plan.loss, threads: threads)
    let measured = MeasuredNetwork(
      network, on: risk, trainingLoss: record.unmeasured.mean, usesMoments: usesMoments)
    let values = supervisor.measuring(checkpoint(of: network)) {
      quantities.measure(record.plan.quantities, of: measured)
    }
    record.measurements.append(
      TrainingMeasurement(step: record.step, time: record.time, values: values))
    record.unmeasured = TrainingRecord.LossSum()
  }

  private func checkpoint(of network: Network<Scalar>) -> TrainingCheckpoint<Scalar> {
    TrainingCheckpoint(record: record, seen: seen, network: network)
  }
}

extension TrainingRecord.Outcome {
  init(_ outcome: TrainingOutcome) {
    switch outcome {
    case .finished: self = .finished
    case .stopped: self = .stopped
    case .diverged: self = .diverged
    }
  }
}
