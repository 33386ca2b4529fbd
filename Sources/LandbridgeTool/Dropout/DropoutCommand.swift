import ArgumentParser
import Artifacts
import DataFormats
import Foundation
import Landbridge
import LinearAlgebra
import Reports

enum SelectionRule: String, CaseIterable, ExpressibleByArgument {
  case first, random
}

struct DropoutCommand: EngineCommand {
  static let configuration = CommandConfiguration(
    commandName: "dropout",
    abstract: "What a model loses when only M of its N neurons are kept.",
    discussion: """
      For the last hidden layer and squared loss the mean and the standard deviation of the loss \
      over all subsets of M neurons are exact, for every M, from one pass. For cross-entropy the \
      mean is an upper bound, and how many neurons can go is measured on random subsets. Kept \
      weights are rescaled by N/M. Beside them stands the loss of the first M neurons; after \
      training by SGD they are as good as random ones.

        landbridge dropout model.safetensors --data digits
        landbridge dropout model.safetensors --data digits --keep 0.5 --select random

      With several hidden layers: each layer alone, all at once, and the partial dropouts of \
      layers ℓ … L that paths need.
      """)

  @Argument(help: "safetensors or npz: Landbridge's own, a state_dict, Flax parameters.")
  var model: String

  @OptionGroup var options: ModelOptions

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Fraction of the neurons kept, in (0, 1]; repeatable.", valueName: "F"))
  var keep: [Double] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Number of neurons kept, 1 … N; repeatable.", valueName: "M"))
  var keepCount: [Int] = []

  @Flag(help: "Every M from 1 to N, instead of a dozen.")
  var all = false

  @Option(help: "Also measure random subsets: quantiles of loss and error.")
  var select = SelectionRule.first

  @Option(
    help: ArgumentHelp("Random subsets of every size. Default 20.", valueName: "R"))
  var draws: Int?

  @Option(help: ArgumentHelp("Of the hidden layer ℓ = 1 … L alone.", valueName: "ℓ"))
  var layer: Int?

  @Flag(help: "Also fit the output layer anew on the first M neurons of the last layer.")
  var refit = false

  @Option(
    help: ArgumentHelp(
      "Increase of the loss that is allowed; says how many neurons can go. Default: 5 % of it.",
      valueName: "ε"))
  var tolerance: Double?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Write the result here; the curve as arrays if the name ends in .npz.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Draw the curve, with .csv and .gp beside.", valueName: "file.svg"))
  var figure: String?

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let bad = keep.first(where: { !($0 > 0 && $0 <= 1) }) {
      throw ValidationError("--keep \(bad): expected a fraction in (0, 1]")
    }
    if let bad = keepCount.first(where: { $0 < 1 }) {
      throw ValidationError("--keep-count \(bad): expected at least 1")
    }
    if [!keep.isEmpty, !keepCount.isEmpty, all].count(where: { $0 }) > 1 {
      throw ValidationError("--keep, --keep-count and --all exclude each other")
    }
    try positive("--draws", draws, atMost: 1_000_000)
    if draws != nil && select == .first {
      throw ValidationError("--draws: goes with --select random")
    }
    if let tolerance, !(tolerance >= 0 && tolerance.isFinite) {
      throw ValidationError("--tolerance \(tolerance): expected a number ≥ 0")
    }
    if let figure {
      guard figure.hasSuffix(".svg"), !Figure.place(figure).name.isEmpty else {
        throw ValidationError("--figure \(figure): expected a name that ends in .svg")
      }
      guard !figure.unicodeScalars.contains(where: \.isInvisible)
      else { throw ValidationError("--figure: expected a name without control characters") }
    }
  }

  func defaultPrecision() throws -> Precision { try options.precision(of: [model]) }

  func run<Scalar: MatrixScalar>(in type: Scalar.Type) throws {
    let loaded: LoadedModel<Scalar> = try options.load(model, quiet: shared.quiet)
    let depth = loaded.network.hiddenLayerCount
    if let layer, !(1...depth).contains(layer) {
      throw ValidationError("--layer \(layer): \(model) has hidden layers 1 to \(depth)")
    }
    if refit, depth > 1, layer != depth {
      throw ValidationError(
        "--refit: fits the output layer on neurons of the last hidden layer, expected --layer \(depth) "
          + "beside it")
    }
    let loss = try options.resolvedLoss([loaded])
    try requireResultOutput(output, format: shared.format, hasArrays: true)
    if let figure { try requireWritable(figure) }
    let samples = try options.samples(for: [loaded], loss: loss, quiet: shared.quiet)
    let fitting =
      refit ? try options.fittingSamples(for: [loaded], loss: loss, seed: seed) : nil
    try requireMemoryForGram(loaded.network, loss: loss)
    let analysis = DropoutAnalysis(
      options: dropoutOptions, model: loaded, data: samples, specification: options.data,
      fitting: fitting, loss: loss)
    let report = try announcing("dropping neurons", silent: shared.quiet) { try analysis.report() }
    try report.results(model: loaded.summary).emit(shared.format, to: output)
    if let figure { try report.writeFigure(figure, quiet: shared.quiet) }
  }

  /// Standard deviations need the N × N matrix of the contributions' products.
  private func requireMemoryForGram<Scalar: MatrixScalar>(_ network: Network<Scalar>, loss: Loss)
    throws
  {
    let width = network.lastHiddenWidth
    guard DropoutAnalysis<Scalar>.affordsGram(width: width, loss: loss) else { return }
    try requireMemory(
      2 * 8 * Double(width) * Double(width), for: "The matrix of \(grouped(width))² products")
  }

  private var seed: UInt64 { shared.seed ?? 0 }

  private var dropoutOptions: DropoutOptions {
    let sizes: DropoutOptions.Sizes =
      all
      ? .all : !keepCount.isEmpty ? .counts(keepCount) : keep.isEmpty ? .dozen : .fractions(keep)
    return DropoutOptions(
      sizes: sizes, layer: layer, measuresRandomSubsets: select == .random, draws: draws,
      tolerance: tolerance, seed: seed, threads: shared.threadCount)
  }
}
