import ArgumentParser
import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Reports

struct TrainCommand: EngineCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train one network by online SGD, one sample per step.",
    discussion: """
      Along the way the network and its dropout half (the first ⌊N/2⌋ neurons of every hidden \
      layer, rescaled) are measured on held-out samples.

        landbridge train --data digits --hidden 800 --passes 40 -o model.safetensors

      Ctrl-C, kill, a closed terminal, and --checkpoint-every, leave a checkpoint beside the model; \
      --resume continues from it to the same bytes. A second signal ends without one. A training \
      that diverges writes no model and exits with 1.
      """)

  @OptionGroup var options: TrainOptions

  @Option(
    help: ArgumentHelp(
      "Steps between checkpoints, in model.checkpoint.safetensors.", valueName: "steps"))
  var checkpointEvery: Int?

  @Option(help: ArgumentHelp("Continue from here, as it was begun.", valueName: "checkpoint"))
  var resume: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the trained model goes, also .npz. With --resume: the name without .checkpoint.",
      valueName: "model.safetensors"))
  var output: String?

  @OptionGroup var modelOutput: ModelOutputOptions

  @OptionGroup var shared: SharedOptions

  func validate() throws { try positive("--checkpoint-every", checkpointEvery) }

  func defaultPrecision() throws -> Precision {
    try resume.map { try Checkpoint(path: $0).record.plan.precision } ?? .float
  }

  func run<Scalar: Real>(in type: Scalar.Type) throws {
    let output = try outputPath()
    if resume == nil { try options.requireEssentials() }
    try requireModelOutput(output)
    try requireWritable(checkpointPath(for: output))
    if !shared.quiet { Interruption.explain("stopped before the first step") }
    var training: TrainingRun<Scalar> = try makeRun(output: output)
    // All of it, so that there is no moment at which a signal ends it with neither a checkpoint nor
    // a model.
    let outcome = try Interruption.cooperating {
      let outcome = try training.run()
      if outcome == .finished {
        try training.writeModel(to: output, modelOutput)
        try? FileManager.default.removeItem(atPath: training.checkpointPath)
      }
      return outcome
    }
    if outcome == .stopped { Interruption.end() }
    let report = TrainReport(training, outcome: outcome, model: output)
    try report.results().emit(shared.format)
    if case .diverged(let step) = outcome {
      throw ToolFailure(
        ExitStatus.failure,
        "training diverged at step \(step) (t = \(short(training.record.time))), no model written: "
          + "try a smaller --step-size than \(training.record.plan.stepSize.initial)")
    }
  }

  private func makeRun<Scalar: Real>(output: String) throws -> TrainingRun<Scalar> {
    let checkpoint = try resume.map { try Checkpoint(path: $0) }
    let data = try checkpoint?.record.plan.data ?? options.requiredData()
    let dataset: Dataset<Scalar> = try data.dataset(
      loss: checkpoint?.record.plan.loss ?? options.loss ?? .squared)
    if let note = dataset.note, !shared.quiet { Messages.write(note) }
    let passLength = dataset.trainingCount
    let record: TrainingRecord
    let network: Network<Scalar>
    let (inputs, outputs) = (dataset.inputDimension, dataset.outputDimension)
    if let checkpoint {
      try options.requireAgreement(
        with: checkpoint.record.plan, shared: shared, passLength: passLength)
      try checkpoint.requireSame(dataset.record)
      record = checkpoint.record
      network = try checkpoint.network(inputs: inputs, outputs: outputs)
    } else {
      let plan = try options.plan(shared: shared, passLength: passLength)
      try plan.requireMemory(inputs: inputs, outputs: outputs)
      record = TrainingRecord(
        plan: plan, outcome: "running", step: 0, time: 0, lossSum: 0, lossCount: 0,
        trajectory: [])
      network = plan.initialNetwork(inputs: inputs, outputs: outputs)
    }
    try requireTargets(dataset.heldOut, data, for: record.plan.loss)
    if case .finite(let training) = dataset.training {
      try requireTargets(training, data, for: record.plan.loss)
    }
    return TrainingRun(
      record: record, network: network, dataset: dataset, threads: shared.threadCount,
      checkpointPath: checkpointPath(for: output), checkpointEvery: checkpointEvery,
      quiet: shared.quiet)
  }

  private func outputPath() throws -> String {
    if let output { return output }
    guard let resume else {
      throw ValidationError(
        "missing -o: where the trained model goes, for instance -o model.safetensors")
    }
    guard resume.hasSuffix(".checkpoint.safetensors") else {
      throw ValidationError("missing -o: where the trained model goes")
    }
    let stem = String(resume.dropLast(".checkpoint.safetensors".count))
    return ModelTensors.isArchive(stem) ? stem : stem + ".safetensors"
  }

  private func checkpointPath(for output: String) -> String {
    let suffix = ".safetensors"
    let stem = output.hasSuffix(suffix) ? String(output.dropLast(suffix.count)) : output
    return stem + ".checkpoint" + suffix
  }
}

struct TrainReport: Encodable {
  var outcome: String
  /// The step at which training diverged.
  var divergedAt: Int?
  var steps: Int
  var time: Double
  /// Mean of the training samples' losses since the measurement before the last.
  var loss: Double?
  var testLoss: Double?
  var testError: Double?
  var dropoutLoss: Double?
  var dropoutError: Double?
  var stepsPerSecond: Double?
  /// Absent after divergence.
  var model: String?
  var parameters: Int
  var configuration: TrainingPlan
  /// What the targets were taken for.
  var targets: TargetKind
  /// Rows that were trained on, and those held out.
  var trainedRows: Int?
  var rows: SampleRows
  var trajectory: [TrainingMeasurement]
  private var dataNotes: [String] = []

  init<Scalar: Real>(_ run: TrainingRun<Scalar>, outcome: TrainingOutcome, model: String) {
    let record = run.record
    self.outcome = outcome.name
    if case .diverged(let step) = outcome { divergedAt = step }
    (steps, time) = (record.step, record.time)
    let last = record.trajectory.last
    loss = last?.loss
    if outcome == .finished {
      (testLoss, testError) = (last?.testLoss, last?.testError)
      (dropoutLoss, dropoutError) = (last?.dropoutLoss, last?.dropoutError)
      self.model = model
    }
    stepsPerSecond = run.secondsHere > 0 ? Double(run.stepsHere) / run.secondsHere : nil
    parameters = run.network.parameterCount
    configuration = record.plan
    trajectory = record.trajectory
    (targets, rows) = (run.dataset.targets.kind, run.dataset.heldOutRows)
    trainedRows = run.dataset.trainingCount
    dataNotes =
      ["Targets: \(run.dataset.targets)." + heldOutNote]
      + [rows.caution(["this model"])].compactMap { $0 }
  }

  /// `1438 rows trained on, held out: 359 of 1797 rows`
  private var heldOutNote: String {
    trainedRows.map { " Trained on \(grouped($0)) rows; \(rows)." } ?? ""
  }

  private enum CodingKeys: String, CodingKey {
    case outcome, divergedAt, steps, time, loss, testLoss, testError, dropoutLoss, dropoutError
    case stepsPerSecond, model, parameters, configuration, targets, trainedRows, rows, trajectory
  }

  func results() -> Results<TrainReport> {
    let hasErrors = trajectory.contains { $0.testError != nil }
    var table = Table(
      columns: [
        .init("step"), .init("time"), .init("train loss"), .init("test loss"),
        .init("half loss"),
      ] + (hasErrors ? [.init("test error"), .init("half error")] : []))
    for point in trajectory {
      table.append(
        [
          .integer(point.step), .optional(point.time), .optional(point.loss),
          .optional(point.testLoss), .optional(point.dropoutLoss),
        ] + (hasErrors ? [.optional(point.testError), .optional(point.dropoutError)] : []))
    }
    let plan = configuration
    var notes = [
      "half: the first half of the neurons of every hidden layer, rescaled. "
        + "\(grouped(parameters)) parameters, \(short(stepsPerSecond)) steps/s."
    ]
    notes += dataNotes
    if let model { notes.append("Wrote \(model).") }
    let widths = plan.hidden.map(String.init).joined(separator: ", ")
    return Results(
      json: self, table: table,
      heading:
        "\(plan.data), hidden \(widths), \(describe(plan.activations)), \(plan.scaling.rawValue), "
        + "\(plan.loss.rawValue) loss, α = \(plan.stepSize.initial), seed \(plan.seed)",
      notes: notes)
  }
}
