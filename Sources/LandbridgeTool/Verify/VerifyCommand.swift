import ArgumentParser
import DataFormats
import Experiments
import Foundation
import Landbridge
import LinearAlgebra

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks every claim of a certificate from the files.",
    usage: "landbridge verify <certificate> --data <spec> [<options>]",
    discussion: """
      Reads models and knots again, proves from their weights what kind every segment is, and \
      recomputes hashes, losses, errors, output distances, the barrier and the intervals. Nothing \
      in the certificate is trusted.

        landbridge verify path/certificate.json --data digits

      Exit code 0 if all claims hold, 1 if one does not, 65 if the certificate is malformed, 66 \
      if a file is missing. Knots lie below the certificate. The two models are looked for by \
      their names beside the certificate, in the directory above it and in the current one.
      """)

  @Argument(help: "certificate.json, as connect writes it.")
  var certificate: String

  @Option(
    help: ArgumentHelp(
      "The samples it speaks of; may be left out where they are built in.", valueName: "spec"),
    transform: { try DataSpecification(parsing: $0) })
  var data: DataSpecification?

  @Option(help: ArgumentHelp("The model where the path begins.", valueName: "file"))
  var start: String?

  @Option(help: ArgumentHelp("The model where it ends.", valueName: "file"))
  var end: String?

  @Option(help: ArgumentHelp("Look for the models here alone.", valueName: "dir"))
  var directory: String?

  @OptionGroup var basic: BasicOptions

  func run() throws {
    let stated = try Certificate(path: certificate)
    let home = parentDirectory(of: certificate)
    try stated.requireKnots(inside: home)
    let data = try certifiedData(stated, home)
    let task = Certification(
      directory: home, knots: stated.knots.map { ($0.name, $0.file) },
      models: try zip(stated.models, [("--start", start), ("--end", end)]).map {
        try model($0.file, named: $1.1, option: $1.0, home)
      },
      layers: stated.models[0].layers, data: data, loss: stated.loss,
      terms: PopulationTerms(stated.population),
      selection: stated.selection, noPopulation: stated.noPopulation,
      threads: basic.threadCount)
    let findings = try announcing("verifying", silent: basic.quiet) { try task.findings() }
    let verification = Verification(of: stated, findings: findings, samples: data.samples)
    let report = VerifyReport(certificate, stated, verification)
    try report.results(.resolved(basic.format, path: nil)).emit(basic.format)
    if !verification.holds {
      throw ToolFailure(
        ExitStatus.failure,
        "\(certificate): \(report.failed.count) of \(counted(report.claims.count, "claim")) "
          + "\(report.failed.count == 1 ? "does" : "do") not hold")
    }
  }

  private func model(
    _ name: String, named path: String?, option: String, _ home: String
  ) throws -> String {
    if let path { return path }
    let places = directory.map { [$0] } ?? [home, home + "/..", "."]
    let paths = places.map { $0 == "." ? name : $0 + "/" + name }
    guard let found = paths.first(where: { FileKind($0) == .other }) else {
      throw ToolFailure(
        ExitStatus.noInput,
        "\(name): not found in \(places.joined(separator: ", ")); name it with \(option)")
    }
    return found
  }

  /// The samples in the precision of the certificate.
  private func certifiedData(_ stated: Certificate, _ home: String) throws -> CertifiedData {
    let specification = try data ?? builtInData(stated)
    let first: ModelFile<Double> = try ModelFile(path: home + "/" + stated.knots[0].file)
    let outputs = first.network.outputDimension
    func read<Scalar: Real>(_ type: Scalar.Type) throws -> CertifiedData {
      let samples: Samples<Scalar> = try specification.samples(outputs: outputs)
      return try CertifiedData(samples, specification: specification)
    }
    return try stated.data.dtype == "F32" ? read(Float.self) : read(Double.self)
  }

  /// What the certificate names, if that opens no file and draws no samples: its word is not taken
  /// for what to read, or how much.
  private func builtInData(_ stated: Certificate) throws -> DataSpecification {
    let text = stated.data.specification
    guard let specification = try? DataSpecification(parsing: text),
      specification.kind == .digits || specification.kind == .cifar10VGG
    else {
      throw ValidationError("the samples are not built in: name them with --data")
    }
    return specification
  }
}

extension PopulationTerms {
  /// What a certificate's population statements rely on.
  init(_ stated: Population?) {
    func range(_ ends: [Double]?) -> ClosedRange<Double>? { ends.map { $0[0]...$0[1] } }
    self.init(
      confidence: stated?.confidence ?? 0.95, inputRange: range(stated?.inputRange),
      targetRange: range(stated?.targetRange))
  }
}
