import ArgumentParser
import DataFormats
import Artifacts
import Experiments
import Foundation
import Landbridge
import Reports
import Synchronization

struct ReproduceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reproduce",
    abstract: "Run the paper's experiments: figures, tables, one report.",
    usage: "landbridge reproduce [--preset quick|full] -o <dir> [<options>]",
    discussion: """
      Trains networks of several widths several times, measures what dropout costs during \
      training and against width, connects pairs of solutions, and writes into DIR:

        report.html     everything on one page, without network access
        figures/        every figure as .svg, .csv and the .gp script that drew it
        tables/         every table as .csv
        results.json    all numbers, with configuration and seeds
        trials/ models/ every trial's numbers and network

      Ctrl-C keeps the trials that are finished; the same command goes on from there. --only leaves \
      experiments in the report that are there already. Figures are drawn by gnuplot; without it \
      data and scripts are written, and gnuplot NAME.gp draws them later.

      --data-dir names a directory of original files: mnist/ for the experiment on MNIST, which is \
      left out without them; for --preset full data_batch_1.bin … 5 (or .bin.gz) in cifar-10/ and \
      VGG-16's weights in vgg16/vgg16-features.safetensors, from which features of all 50 000 images \
      are computed first (minutes) in place of the part that is built in.

      Example:
        landbridge reproduce --preset quick -o results
      """)

  @Option(
    help: "quick: minutes on two cores. full: more widths, trials and steps, hours.")
  var preset = Reproduction.Preset.quick

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Where results go.", valueName: "dir"))
  var output: String

  @Option(
    help: ArgumentHelp("Directory of original files: mnist/, cifar-10/, vgg16/.", valueName: "dir"))
  var dataDir: String?

  @Option(
    help: ArgumentHelp(
      "Only these experiments, separated by commas, for instance gaussians,digits.",
      valueName: "names"))
  var only: String?

  @Option(
    help: ArgumentHelp("Other widths N, separated by commas.", valueName: "list"))
  var widths: String?

  @Option(help: ArgumentHelp("Another number of trials per width.", valueName: "count"))
  var trials: Int?

  @Option(help: ArgumentHelp("Another number of steps per trial.", valueName: "count"))
  var steps: Int?

  @Option(
    help: ArgumentHelp(
      "Floating-point type of networks and samples. Default float.", valueName: "precision"))
  var precision: Precision?

  @Option(
    help: ArgumentHelp(
      "Names the random numbers: initial weights, order of samples.",
      valueName: "number"))
  var seed: UInt64 = 1

  @OptionGroup var basic: BasicOptions

  func validate() throws {
    try positive("--trials", trials, atMost: 1000)
    try positive("--steps", steps)
  }

  func run() throws {
    let directory = URL(filePath: output, directoryHint: .isDirectory)
    try requireFreeOrFormer()
    let store = FileTrialStore(directory)
    let choice = ReproductionChoice(
      preset: preset, seed: seed, only: only?.split(separator: ",").map(String.init),
      variation: Variation(
        widths: try widths.map(parseWidths), trials: trials, steps: steps, precision: precision),
      dataDirectory: dataDir, output: output, quiet: basic.quiet)
    let (reproduction, features) = try choice.resolved(in: store)
    try requireMemory(for: reproduction)
    if !basic.quiet, (try? Gnuplot()) == nil { Messages.error("no figures: \(missingGnuplot)") }
    try createDirectory(directory)
    if !basic.quiet {
      Interruption.explain(
        "stopped; finished trials and paths are kept, the same command goes on from there")
    }
    if let features { try make(features) }
    let line = Mutex(ProgressBox(silent: basic.quiet))
    let results = try reproduction.run(
      in: store, threads: basic.threadCount,
      progress: { step in line.withLock { $0.update(step) } })!
    line.withLock { $0.finish() }
    let json = try encodeStably(results)
    try writeFile(json, to: directory.appending(path: "results.json"))
    let report = ReproductionReport(results: results)
    let page = try withGnuplot { try report.write(into: directory, drawnBy: $0) }
    switch basic.format ?? .text {
    case .text: try writeStandardOutput(report.text + "\n")
    case .json: try writeStandardOutput(String(decoding: json, as: UTF8.self) + "\n")
    case .csv: try writeStandardOutput(report.csv)
    }
    if !basic.quiet { Messages.write("report: \(page.path(percentEncoded: false))") }
  }

  /// Computes the features that are not there yet.
  private func make(_ features: OriginalFeatures) throws {
    guard !features.isMade else { return }
    try createDirectory(
      URL(filePath: output, directoryHint: .isDirectory).appending(path: "features"))
    try features.extraction.runShowingProgress(threads: basic.threadCount, silent: basic.quiet)
  }

  /// Of the widest networks, one per thread, with what training keeps beside them.
  private func requireMemory(for reproduction: Reproduction) throws {
    let weights = reproduction.experiments.flatMap { experiment in
      experiment.widths.map { width in
        Double(width) * (Double(width) * Double(experiment.hiddenLayers - 1) + 1000)
      }
    }
    try LandbridgeTool.requireMemory(
      3 * (precision == .double ? 8 : 4) * (weights.max() ?? 0) * Double(basic.threadCount),
      for: "Training \(counted(basic.threadCount, "network")) of the largest width at a time")
  }

  private func parseWidths(_ text: String) throws -> [Int] {
    let list = text.split(separator: ",").compactMap { Int($0) }.filter { (2...1_000_000) ~= $0 }
    guard !list.isEmpty, list.count == text.split(separator: ",").count else {
      throw ValidationError("--widths \(text): expected whole numbers from 2, for instance 100,400")
    }
    return Set(list).sorted()
  }

  /// Results go beside nothing but an earlier reproduction.
  private func requireFreeOrFormer() throws {
    let names =
      FileTrialStore.folders + ["features", "figures", "tables", "results.json", "report.html"]
    if let found = try? FileManager.default.contentsOfDirectory(atPath: output),
      found.contains("trials") || found == ["features"], Set(found).isSubset(of: names)
    {
      return
    }
    try OutputDirectory.requireReplaceable(output, names: names)
  }
}

/// A progress line that several threads share through a lock.
private struct ProgressBox: ~Copyable {
  private static let steps = 1000
  private var line: ProgressLine

  init(silent: Bool) {
    line = ProgressLine("reproduce", total: Self.steps, silent: silent)
  }

  mutating func update(_ progress: Reproduction.Progress) {
    line.update(Int(progress.fraction * Double(Self.steps)), note: "  \(progress.message)")
  }

  mutating func finish() { line.finish() }
}
