import ArgumentParser
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Reports

enum ConnectMethod: String, CaseIterable, Codable, ExpressibleByArgument {
  case dropout, linear
}

struct ConnectCommand: EngineCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "A path of low loss between two models, with its exact barrier.",
    discussion: """
      The path drops half of the neurons of A, writes the kept half of B into the idle ones, moves \
      the output weights over, and undrops B: 4L + 1 straight segments for L hidden layers, on \
      each of which the output is constant or affine. So the largest loss is that of a knot, \
      exactly, with no grid. The straight line from A to B is sampled for comparison.

        landbridge connect a.safetensors b.safetensors --data digits -o path

      writes path/knots/*.safetensors (every knot is a model), profile.csv, profile.npz, path.json, \
      a figure path.svg, and certificate.json, which landbridge verify checks. The barrier is \
      max L − max(L(A), L(B)); two other definitions are reported \
      too: the excess over the chord between both losses, and at the midpoint over their mean.
      """)

  @Argument(help: "The model where the path begins.")
  var start: String

  @Argument(help: "The model where it ends, of the same shape.")
  var end: String

  @OptionGroup var options: ModelOptions

  @Option(
    help: ArgumentHelp(
      "With --layers, the samples as the rest of B gives them: must be those of --data.",
      valueName: "spec"),
    transform: { try DataSpecification(parsing: $0) })
  var dataEnd: DataSpecification?

  @Option(help: "Through dropout, or the straight line alone (sampled, not exact).")
  var method = ConnectMethod.dropout

  @Option(
    help: ArgumentHelp(
      "Fraction of every hidden layer that is kept of each model, rounded down; at most 0.5.",
      valueName: "F"))
  var keep: Double?

  @Flag(help: "Keep the first neurons of both models: two segments more.")
  var overlapping = false

  @Flag(help: "Fit the output weights of the kept neurons anew instead of rescaling them.")
  var refit = false

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where knots, profile and figure go; an earlier result there is replaced.",
      valueName: "dir"))
  var output: String?

  @OptionGroup var modelOutput: ModelOutputOptions

  @OptionGroup var certificate: CertificateOptions

  @OptionGroup var shared: SharedOptions

  func validate() throws {
    if let keep, !(keep > 0 && keep <= 0.5) {
      throw ValidationError(
        "--keep \(keep): expected a fraction in (0, 0.5], what is kept of both must fit together")
    }
    if dataEnd != nil, options.layers == nil {
      throw ValidationError("--data-end: only with --layers, which leaves a rest of B")
    }
    if method == .linear {
      for (name, isGiven) in [
        ("--keep", keep != nil), ("--overlapping", overlapping), ("--refit", refit),
      ] where isGiven {
        throw ValidationError("\(name): only for --method dropout")
      }
    }
  }

  func defaultPrecision() throws -> Precision { try options.precision(of: [start, end]) }

  func run<Scalar: Real>(in type: Scalar.Type) throws {
    let models: [LoadedModel<Scalar>] = try [start, end].map {
      try options.load($0, quiet: shared.quiet)
    }
    let loss = try options.resolvedLoss(models)
    if let output {
      try OutputDirectory.requireReplaceable(output, names: ConnectReport.fileNames)
    }
    let depth = Double(models[0].network.hiddenLayerCount)
    try requireMemory(
      models[0].network.byteCount * (method == .dropout ? 4 * depth + 2 : 1),
      for: "A path of that many networks")
    let data = try options.samples(for: models, loss: loss, quiet: shared.quiet)
    try requireCommonInputs(data.samples, models[1], loss: loss)
    let fitting =
      refit ? try options.fittingSamples(for: models, loss: loss, seed: shared.seed ?? 0) : nil
    let analysis = ConnectAnalysis(
      command: self, start: models[0], end: models[1], data: data, fitting: fitting, loss: loss)
    let connection = try announcing("connecting", silent: shared.quiet) {
      try analysis.connection()
    }
    var report = ConnectReport(connection, command: self, rows: data.rows)
    report.cautions = [
      data.rows.caution([start, end]), fitting.flatMap { fittingCaution($0, data) },
    ].compactMap { $0 }
    if let output {
      try connection.write(
        &report, to: output, modelOutput, like: models[0], quiet: shared.quiet,
        certify: analysis.certificate(of:in:))
      modelOutput.noteScaling(of: models[0].network, quiet: shared.quiet)
    }
    try report.results(models[0].summary).emit(shared.format)
  }
}
