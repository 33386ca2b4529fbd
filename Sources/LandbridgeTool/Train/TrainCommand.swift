import ArgumentParser
import DataFormats
import Artifacts
import Experiments
import Foundation
import Landbridge
import LinearAlgebra

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
    try resume.map { try TrainingCheckpointFile(path: $0).record.plan.precision } ?? .float
  }

  func run<Scalar: MatrixScalar>(in type: Scalar.Type) throws {
    let output = try outputPath()
    if resume == nil { try options.requireEssentials() }
    try requireModelOutput(output)
    try requireWritable(checkpointPath(for: output))
    if !shared.quiet { Interruption.explain("stopped before the first step") }
    var training: TrainingRun<Scalar> = try makeRun()
    let watch = TrainWatch(
      training.record, checkpointPath: checkpointPath(for: output),
      checkpointEvery: checkpointEvery, quiet: shared.quiet)
    // All of it, so that there is no moment at which a signal ends it with neither a checkpoint nor
    // a model.
    let outcome = try Interruption.cooperating {
      // From here on there is a checkpoint to speak of.
      Interruption.explain(nil)
      let outcome = try training.run(supervisedBy: watch)
      watch.finish()
      switch outcome {
      case .finished:
        try writeModel(training, to: output)
        try? FileManager.default.removeItem(atPath: watch.checkpointPath)
      case .stopped: try watch.leave(training.checkpoint)
      case .diverged: break
      }
      return outcome
    }
    if outcome == .stopped { Interruption.end() }
    let report = TrainReport(training, model: output)
    try report.results().emit(shared.format)
    if case .diverged(let step) = outcome {
      throw ToolFailure(
        ExitStatus.failure,
        "training diverged at step \(step) (t = \(short(training.record.time))), no model written: "
          + "try a smaller --step-size than \(training.record.plan.stepSize.initial)")
    }
  }

  private func makeRun<Scalar: MatrixScalar>() throws -> TrainingRun<Scalar> {
    let file = try resume.map { try TrainingCheckpointFile(path: $0) }
    let data = try file?.record.plan.data ?? options.requiredData()
    let loss = file?.record.plan.loss ?? options.loss ?? .squared
    let dataset: Dataset<Scalar> = try data.dataset(loss: loss)
    if let note = dataset.note, !shared.quiet { Messages.write(note) }
    let passLength = dataset.trainingCount
    let training: TrainingRun<Scalar>
    if let file {
      try options.requireAgreement(with: file.record.plan, shared: shared, passLength: passLength)
      training = TrainingRun(
        continuing: try file.checkpoint(for: dataset), on: dataset, threads: shared.threadCount)
    } else {
      let plan = try options.plan(shared: shared, passLength: passLength)
      try plan.requireMemory(inputs: dataset.inputDimension, outputs: dataset.outputDimension)
      training = TrainingRun(plan, on: dataset, threads: shared.threadCount)
    }
    try requireTargets(dataset.heldOut, data, for: loss)
    if case .finite(let samples) = dataset.training {
      try requireTargets(samples, data, for: loss)
    }
    return training
  }

  private func writeModel<Scalar: MatrixScalar>(
    _ training: TrainingRun<Scalar>, to path: String
  ) throws {
    try modelOutput.write(
      training.network, metadata: training.record.metadata(training.seen), to: path)
    modelOutput.noteScaling(of: training.network, quiet: shared.quiet)
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
