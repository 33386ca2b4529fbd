import ArgumentParser
import Artifacts
import Landbridge
import LinearAlgebra
import Reports

struct EvaluateCommand: EngineCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Loss and 0-1 error of a model, with confidence intervals.",
    usage: "landbridge evaluate <model> --data <spec> [<options>]",
    discussion: """
      The interval of the loss is Student's, extended by Hall's for skewed laws (both asymptotic; \
      losses have no known bound), that of the 0-1 error is exact (Clopper and Pearson).
      """)

  @Argument(help: "safetensors or npz: Landbridge's own, a state_dict, Flax parameters.")
  var model: String

  @OptionGroup var options: ModelOptions

  @Option(help: "Of the intervals, between 0 and 1.", transform: parseConfidence)
  var confidence = Confidence(failure: 0.05)

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the result here.", valueName: "file"))
  var output: String?

  @OptionGroup var shared: SharedOptions

  func defaultPrecision() throws -> Precision { try options.precision(of: [model]) }

  func run<Scalar: MatrixScalar>(in type: Scalar.Type) throws {
    let loaded: LoadedModel<Scalar> = try options.load(model, quiet: shared.quiet)
    let loss = try options.resolvedLoss([loaded])
    try requireResultOutput(output, format: shared.format)
    let data = try options.samples(for: [loaded], loss: loss, quiet: shared.quiet)
    let risk = try EmpiricalRisk(data.samples, loss: loss, threads: shared.threadCount)
    let losses = announcing("evaluating", silent: shared.quiet) {
      risk.sampleLosses(of: loaded.network)
    }
    let evaluation = losses.evaluation
    let report = EvaluationReport(
      losses, model: model, data: options.data, rows: data.rows, lossFunction: loss,
      confidence: confidence)
    try report.results(model: loaded.summary).emit(shared.format, to: output)
    guard evaluation.loss.isFinite else {
      throw ToolFailure(
        ExitStatus.failure, "\(model): the loss on \(options.data) is not a finite number")
    }
  }
}

struct EvaluationReport: Encodable {
  var model: String
  var data: DataSpecification
  var rows: SampleRows
  var lossFunction: Loss
  var samples: Int
  var loss: Double
  var error: Double?
  var confidence: Double
  /// For the mean, see ``SkewedMean``; cut off at 0, absent for one sample, and for samples that
  /// the model was trained on, which say nothing of new ones.
  var lossInterval: [Double]?
  /// Why the interval of the loss may miss more often than it says.
  var lossIntervalNote: String?
  /// Clopper–Pearson; absent for samples that the model was trained on.
  var errorInterval: [Double]?

  init(
    _ losses: SampleLosses, model: String, data: DataSpecification, rows: SampleRows,
    lossFunction: Loss, confidence: Confidence
  ) {
    let evaluation = losses.evaluation
    (self.model, self.data, self.rows) = (model, data, rows)
    self.lossFunction = lossFunction
    (samples, loss, error) = (evaluation.samples, evaluation.loss, evaluation.error)
    self.confidence = confidence.value
    guard rows.areUnseen else { return }
    if samples > 1, loss.isFinite {
      let mean = SkewedMean(losses.losses, failure: confidence.failure)
      lossInterval = [max(0, mean.lower), mean.upper]
      lossIntervalNote = mean.note
    }
    if let errors = evaluation.errors {
      let interval = clopperPearson(
        successes: errors, trials: samples, failure: confidence.failure)
      errorInterval = [interval.lowerBound, interval.upperBound]
    }
  }

  func results(model summary: String) -> Results<EvaluationReport> {
    func row(_ name: String, _ value: Double?, _ interval: [Double]?) -> [Table.Cell] {
      [
        .text(name), .optional(value), .optional(interval?[0]), .optional(interval?[1]),
        .integer(samples),
      ]
    }
    var table = Table(columns: [
      .init("measure", alignment: .left), .init("value"), .init("lower"), .init("upper"),
      .init("samples"),
    ])
    table.append(row("\(lossFunction.rawValue) loss", loss, lossInterval))
    if error != nil { table.append(row("0-1 error", error, errorInterval)) }
    let intervals =
      rows.areUnseen
      ? [
        "Intervals of \(short(100 * confidence)) %: Student's for the loss, extended for skewness"
          + (error == nil ? "." : "; Clopper–Pearson for the error.")
      ] : []
    return Results(
      json: self, table: table, heading: "\(model)  (\(summary))\non \(data), \(rows)",
      notes: intervals
        + [lossIntervalNote.map { "Note: \($0)." }, rows.caution([model])]
        .compactMap { $0 })
  }
}

extension SkewedMean {
  fileprivate var note: String? {
    switch warning {
    case .few:
      "\(count) samples: with fewer than \(SkewedMean.fewest) the interval of the loss misses more "
        + "often than it says"
    case .skewed:
      "the losses are very skewed (\(short(skewness))): if rare ones are larger still, the interval "
        + "of the loss misses more often than it says"
    case nil: nil
    }
  }
}
