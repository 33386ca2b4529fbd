import ArgumentParser
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Reports

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
  var method = PathMethodName.all[0]

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
    let given = pathOptions.given.subtracting(method.method.heeded)
    for option in PathOptions.Name.allCases where given.contains(option) {
      let methods = PathMethods.all.filter { $0.heeded.contains(option) }.map { $0.name }
      throw ValidationError(
        "--\(option.rawValue): only for --method \(methods.joined(separator: " or "))")
    }
  }

  private var pathOptions: PathOptions {
    PathOptions(keep: keep, overlapping: overlapping, refit: refit)
  }

  func defaultPrecision() throws -> Precision { try options.precision(of: [start, end]) }

  func run<Scalar: MatrixScalar>(in type: Scalar.Type) throws {
    let models: [LoadedModel<Scalar>] = try [start, end].map {
      try options.load($0, quiet: shared.quiet)
    }
    let loss = try options.resolvedLoss(models)
    if let output {
      try OutputDirectory.requireReplaceable(output, names: ConnectReport.fileNames)
    }
    let method = self.method.method.init(pathOptions)
    try requireMemory(
      models[0].network.byteCount
        * Double(method.networkCount(hiddenLayers: models[0].network.hiddenLayerCount)),
      for: "A path of that many networks")
    let data = try options.samples(for: models, loss: loss, quiet: shared.quiet)
    try requireCommonInputs(data.samples, models[1], loss: loss)
    let fitting =
      method.fits
      ? try options.fittingSamples(for: models, loss: loss, seed: shared.seed ?? 0) : nil
    let analysis = ConnectAnalysis(
      start: models[0], end: models[1], data: data, fitting: fitting, loss: loss, method: method,
      threads: shared.threadCount)
    let connection = try announcing("connecting", silent: shared.quiet) {
      try analysis.connection()
    }
    var report = ConnectReport(
      connection, models: [start, end], data: options.data, rows: data.rows,
      hasFiles: output != nil)
    report.cautions = [
      data.rows.caution([start, end]), fitting.flatMap { fittingCaution($0, data) },
    ].compactMap { $0 }
    if let output {
      try connection.write(
        &report, to: output, modelOutput, like: models[0], quiet: shared.quiet,
        certify: { try certificate($0, $1, analysis) })
      modelOutput.noteScaling(of: models[0].network, quiet: shared.quiet)
    }
    try report.results(models[0].summary).emit(shared.format)
  }

  private func certificate<Scalar: MatrixScalar>(
    _ knots: [ConnectReport.Knot], _ directory: URL, _ analysis: ConnectAnalysis<Scalar>
  ) throws -> Certificate? {
    guard analysis.isCertifiable else { return nil }
    let data = certificate.certifyData ?? options.data
    let request = CertificateRequest(
      samples: try options.samples(
        of: data, for: [analysis.start, analysis.end], loss: analysis.loss, quiet: true),
      data: data, layers: options.layers, confidence: certificate.confidence,
      inputRange: certificate.inputRange, targetRange: certificate.targetRange,
      clip: certificate.clip, repeatsAreDraws: certificate.repeatsAreDraws)
    return try analysis.certificate(of: knots, in: directory, request, quiet: shared.quiet)
  }
}
