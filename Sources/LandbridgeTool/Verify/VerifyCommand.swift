import ArgumentParser
import DataFormats
import Artifacts
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
      recomputes hashes, losses, errors, output distances, the barrier and the intervals, each \
      with a bound on its own rounding. Nothing in the certificate is trusted; what no file can \
      show is listed.

        landbridge verify path/certificate.json --data digits

      Exit code 0 if all claims hold, 1 if one does not, 65 if the certificate is malformed, of \
      another version, or names a model of which different ones are found, 66 if a file is \
      missing. Knots lie below the certificate. The two models are looked for by their names \
      beside the certificate, in the directory above it and in the current one.
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
    let places = ModelPlaces(home: home, directory: directory)
    let models = try zip(stated.models, [(start, "--start"), (end, "--end")]).map {
      try places.model($0.file, explicit: $1.0, option: $1.1)
    }
    let specification = try data ?? builtInData(stated)
    let task = Certification(
      stated, in: home, models: models, data: try certifiedData(specification, stated, models),
      threads: basic.threadCount)
    let findings = try announcing("verifying", silent: basic.quiet) { try task.findings() }
    let report = try VerifyReport(
      certificate, task: task, findings: findings,
      verification: Verification(of: stated, findings: findings, samples: task.data.samples))
    try report.results(.resolved(basic.format, path: nil)).emit(basic.format)
    if !report.holds {
      throw ToolFailure(
        ExitStatus.failure,
        "\(certificate): \(report.failed.count) of \(counted(report.claims.count, "claim")) "
          + "\(report.failed.count == 1 ? "does" : "do") not hold")
    }
  }

  /// The samples in the precision of the certificate: the rows that two models are measured on, by
  /// the models' own records of what they have seen.
  private func certifiedData(
    _ specification: DataSpecification, _ stated: Certificate, _ models: [String]
  ) throws -> CertifiedData {
    let use = DataUse(
      loss: stated.loss, outputs: stated.data.outputs,
      models: try models.map(SeenSamples.init(ofModel:)))
    func read<Scalar: MatrixScalar>(_ type: Scalar.Type) throws -> CertifiedData {
      let selected: SelectedSamples<Scalar> = try specification.measured(for: use)
      if let note = selected.note, !basic.quiet { Messages.write(note) }
      return CertifiedData(selected, specification: specification)
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
