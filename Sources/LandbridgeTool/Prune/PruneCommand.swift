import ArgumentParser
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra

struct PruneCommand: EngineCommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "A model with fewer neurons that does nearly the same, without retraining.",
    usage: """
      landbridge prune <model> --data <spec> \\
          (--keep <F> | --keep-count <M> | --tolerance <ε>) \\
          -o <file> [<options>]
      """,
    discussion: """
      Chooses M of the N neurons of every hidden layer, removes the others with their weights, and \
      rescales what remains by N/M, or fits it anew (--refit). The result is an ordinary, narrower \
      model file.

        landbridge prune big.safetensors --data digits --keep 0.25 -o s.npz
        landbridge prune big.safetensors --data digits --tolerance 0.01 -o s.npz

      --select greedy adds one neuron after the other, each time the one that brings the mean of \
      those chosen closest to the whole layer: often ten times closer than random neurons in mean \
      square.

      --tolerance takes the smallest M for which the loss of random neurons is predicted to rise by \
      no more, mean + 2 standard deviations: for squared loss and the last hidden layer over all \
      subsets, exactly, none is tried; for cross-entropy and other layers over --draws random sets, \
      measured beside the whole network. Greedy selection then does better than predicted.

      Neurons are chosen on the training part of --data and the result is measured on its test \
      part, so that “landbridge evaluate” repeats the numbers; or on all of --data and on \
      --held-out.
      """)

  @Argument(help: "A model: Landbridge's own, or one with the names of PyTorch or Flax.")
  var model: String

  @OptionGroup var options: ModelOptions

  @Option(
    help: ArgumentHelp(
      "Samples to measure on. Default: the test part of --data.", valueName: "spec"),
    transform: { try DataSpecification(parsing: $0) })
  var heldOut: DataSpecification?

  @Option(help: ArgumentHelp("Fraction of the neurons kept, in (0, 1].", valueName: "F"))
  var keep: Double?

  @Option(
    help: ArgumentHelp(
      "Number of neurons kept of the last hidden layer, or of --layer; other layers keep as large a part.",
      valueName: "M"))
  var keepCount: Int?

  @Option(
    help: ArgumentHelp(
      "Keep as few as the predicted loss allows if it may rise by ε.", valueName: "ε"))
  var tolerance: Double?

  @Option(
    help: ArgumentHelp(
      "How many of them --tolerance adds to the mean. Default 2; 1.645 is one-sided 95 % of a normal law.",
      valueName: "z"))
  var standardDeviations: Double?

  @Option(
    help: """
      Which neurons stay: the first, random ones, the best of random antithetic pairs, or greedily.
      """)
  var select = NeuronSelection.greedy

  @Option(
    help: """
      What greedy selection makes small in the last hidden layer: the distance of the outputs, or \
      the loss. Default distance.
      """)
  var criterion: GreedyCriterion?

  @Option(
    help: ArgumentHelp("Prune hidden layer ℓ = 1 … L alone. Default: all.", valueName: "ℓ"))
  var layer: Int?

  @Option(
    help: ArgumentHelp(
      "Random sets: pairs that antithetic selection tries; sets that a prediction without formula averages over. Default 20.",
      valueName: "R"))
  var draws: Int?

  @Flag(
    help: """
      Fit the weights of kept neurons anew instead of rescaling them: the output to the loss, inner \
      layers by least squares.
      """)
  var refit = false

  @Option(
    help: ArgumentHelp(
      "Penalty of the refit on leaving the rescaled weights, relative to each neuron's mean square. Default 0.001.",
      valueName: "ρ"))
  var ridge: Double?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the narrower model goes.", valueName: "file"))
  var output: String

  @OptionGroup var modelOutput: ModelOutputOptions

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    let sizes = [keep != nil, keepCount != nil, tolerance != nil].count { $0 }
    guard sizes == 1 else {
      throw ValidationError(
        sizes == 0
          ? "missing --keep, --keep-count or --tolerance: how many neurons stay"
          : "--keep, --keep-count and --tolerance exclude each other")
    }
    if let keep, !(keep > 0 && keep <= 1) {
      throw ValidationError("--keep \(keep): expected a fraction in (0, 1]")
    }
    try positive("--keep-count", keepCount)
    try positive("--draws", draws, atMost: 1_000_000)
    for (name, value) in [
      ("--tolerance", tolerance), ("--standard-deviations", standardDeviations), ("--ridge", ridge),
    ] {
      if let value, !(value >= 0 && value.isFinite) {
        throw ValidationError("\(name) \(value): expected a number ≥ 0")
      }
    }
    for (name, isGiven, condition, isMet) in [
      (
        "--standard-deviations", standardDeviations != nil, "--tolerance", tolerance != nil
      ),
      ("--ridge", ridge != nil, "--refit", refit),
      ("--criterion", criterion != nil, "--select greedy", select == .greedy),
    ] where isGiven && !isMet {
      throw ValidationError("\(name): goes with \(condition)")
    }
    if draws == 1, tolerance != nil, safety > 0 {
      throw ValidationError("--draws 1: no standard deviation for --tolerance, expected at least 2")
    }
  }

  func defaultPrecision() throws -> Precision { try options.precision(of: [model]) }

  func run<Scalar: MatrixScalar>(in type: Scalar.Type) throws {
    let loaded: LoadedModel<Scalar> = try options.load(model, quiet: shared.quiet)
    let loss = try options.resolvedLoss([loaded])
    try check(loaded.network, loss: loss)
    try requireModelOutput(output)
    let data = try PruningData(
      options, heldOut: heldOut, model: loaded, loss: loss, seed: shared.seed ?? 0,
      quiet: shared.quiet)
    let analysis = PruneAnalysis(
      options: pruneOptions, model: loaded, data: data, loss: loss, output: output,
      modelOutput: modelOutput)
    let report = try analysis.report()
    try report.results(model: loaded.summary).emit(shared.format)
  }

  /// z
  private var safety: Double { standardDeviations ?? 2 }

  /// What the options and their defaults say, where they mean anything.
  private var pruneOptions: PruneOptions {
    let size: PruneOptions.Size =
      if let keepCount {
        .count(keepCount)
      } else if let keep {
        .fraction(keep)
      } else {
        .tolerance(tolerance!, standardDeviations: safety)
      }
    return PruneOptions(
      size: size, layer: layer, selection: select,
      criterion: select == .greedy ? criterion ?? .distance : nil, draws: draws,
      ridge: refit ? ridge ?? 1e-3 : nil, seed: shared.seed ?? 0, threads: shared.threadCount,
      quiet: shared.quiet)
  }

  /// What the options mean for a network.
  private func check<Scalar: MatrixScalar>(_ network: Network<Scalar>, loss: Loss) throws {
    let depth = network.hiddenLayerCount
    if let layer, !(1...depth).contains(layer) {
      throw ValidationError("--layer \(layer): \(model) has hidden layers 1 to \(depth)")
    }
    let pruned = layer ?? (depth == 1 ? 1 : nil)
    let width = network.hiddenWidths[(pruned ?? depth) - 1]
    if let keepCount, keepCount > width {
      throw ValidationError(
        "--keep-count \(keepCount): \(model) has \(counted(width, "neuron")) there")
    }
    if criterion == .loss, let pruned, pruned != depth {
      throw ValidationError("--criterion loss: only for the last hidden layer")
    }
    if draws != nil, select != .antithetic, pruned == depth, loss == .squared {
      throw ValidationError(
        "--draws: goes with --select antithetic, cross-entropy, or other layers than the last")
    }
    let widest = pruned.map { network.hiddenWidths[$0 - 1] } ?? network.hiddenWidths.max()!
    let bytes = Double(widest) * Double(widest) * Double(MemoryLayout<Scalar>.stride)
    if select == .greedy, bytes > Double(ProcessInfo.processInfo.physicalMemory) / 2 {
      throw ValidationError(
        "--select greedy: its matrix of \(grouped(widest)) × \(grouped(widest)) numbers does not "
          + "fit into memory; antithetic and random need none")
    }
    if select == .greedy {
      try requireMemory(bytes, for: "--select greedy, with \(grouped(widest))² numbers,")
    }
  }
}
