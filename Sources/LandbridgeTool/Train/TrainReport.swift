import Artifacts
import Experiments
import Landbridge
import LinearAlgebra
import Reports

/// What `train` says in the end.
struct TrainReport: Encodable {
  /// Losses after one step.
  struct Point: Encodable {
    var step: Int
    var time: Double
    /// Mean of the training samples' losses since the measurement before, each before its step.
    var loss: Double?
    /// On held-out samples.
    var testLoss: Double?
    var testError: Double?
    /// Of the first ⌊N/2⌋ neurons of every hidden layer, rescaled.
    var dropoutLoss: Double?
    var dropoutError: Double?

    init(_ measurement: TrainingMeasurement) {
      (step, time) = (measurement.step, measurement.time)
      loss = measurement[.trainingLoss]
      (testLoss, testError) = (measurement[.loss], measurement[.error])
      (dropoutLoss, dropoutError) = (measurement[.dropoutLoss], measurement[.dropoutError])
    }
  }

  var outcome: TrainingRecord.Outcome
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
  var trajectory: [Point]
  private var dataNotes: [String] = []

  init<Scalar: MatrixScalar>(_ run: TrainingRun<Scalar>, model: String) {
    let record = run.record
    (outcome, divergedAt) = (record.outcome, record.divergedAt)
    trajectory = record.measurements.map(Point.init)
    (steps, time) = (record.step, record.time)
    let last = trajectory.last
    loss = last?.loss
    if outcome == .finished {
      (testLoss, testError) = (last?.testLoss, last?.testError)
      (dropoutLoss, dropoutError) = (last?.dropoutLoss, last?.dropoutError)
      self.model = model
    }
    stepsPerSecond = run.secondsHere > 0 ? Double(run.stepsHere) / run.secondsHere : nil
    parameters = run.network.parameterCount
    configuration = record.plan
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
    let widths = plan.architecture.hidden.map(String.init).joined(separator: ", ")
    return Results(
      json: self, table: table,
      heading:
        "\(plan.data), hidden \(widths), \(describe(plan.architecture.activations)), "
        + "\(plan.architecture.scaling.rawValue), \(plan.loss.rawValue) loss, α = \(plan.stepSize.initial), seed \(plan.seed)",
      notes: notes)
  }
}
