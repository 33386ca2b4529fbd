import DataFormats
import Experiments
import Foundation
import Landbridge
import LinearAlgebra

extension ConnectAnalysis {
  /// The certificate of the knots just written into `directory`; `nil` for the straight line, of
  /// which nothing can be proved, and where knots are not the models to the last bit.
  func certificate(of knots: [ConnectReport.Knot], in directory: URL) throws -> Certificate? {
    guard command.method == .dropout else { return nil }
    let findings = try announcing("certifying", silent: command.shared.quiet) {
      try certification(of: knots, in: directory).findings()
    }
    if let index = findings.unproved.first {
      throw ToolFailure(
        ExitStatus.failure,
        "segment \(index) of the path: its weights do not prove that it is constant or affine")
    }
    for (path, differences) in zip([start.path, end.path], findings.differences)
    where !differences.isEmpty {
      Messages.error(
        "no certificate: the path as written does not end at \(path) to the last bit "
          + "(\(differences.joined(separator: ", ")))")
      return nil
    }
    return findings.certificate
  }

  private func certification(
    of knots: [ConnectReport.Knot], in directory: URL
  ) throws -> Certification {
    let options = command.certificate
    let data = options.certifyData ?? command.options.data
    let certifying = try command.options.samples(
      of: data, for: [start, end], loss: loss, quiet: true)
    let samples = certifying.samples
    var task = Certification(
      directory: directory.path(percentEncoded: false),
      knots: knots.compactMap { knot in knot.file.map { (knot.name, $0) } },
      models: [start.path, end.path], layers: command.options.layers,
      data: try CertifiedData(samples, specification: data),
      loss: loss,
      terms: PopulationTerms(
        confidence: options.confidence, inputRange: options.inputRange ?? data.inputRange,
        targetRange: samples.isClassification ? nil : options.targetRange),
      selection: .init(neurons: "first", outputWeights: "rescaled"), threads: threads)
    try checkRanges(task, data)
    if !certifying.rows.areUnseen {
      task.noPopulation =
        "the models were trained on \(certifying.rows.seen.max() ?? 0) of the certifying samples; "
        + "name others with --certify-data"
    }
    describeRefit(&task, certifying)
    return task
  }

  /// Stated ranges that the samples themselves leave are no ranges of the population.
  private func checkRanges(_ task: Certification, _ data: DataSpecification) throws {
    let samples = task.data.samples
    for (name, range, values) in [
      ("--input-range", task.terms.inputRange, samples.inputs),
      ("--target-range", task.terms.targetRange, samples.targets),
    ] {
      guard let range, let stray = values.elements.first(where: { !range.contains($0) }) else {
        continue
      }
      throw ToolFailure(
        ExitStatus.badData,
        "\(name): found \(stray) in \(data), expected \(range.lowerBound) to \(range.upperBound)")
    }
  }

  /// Output weights that saw the certifying samples leave nothing to say of the population.
  private func describeRefit(
    _ task: inout Certification, _ certifying: SelectedSamples<Scalar>
  ) {
    guard let fitting else { return }
    task.selection.outputWeights = "refitted"
    task.selection.data = "\(command.options.data), \(fitting.rows)"
    let shared = sharedSamples(certifying.samples, fitting.samples)
    if shared > 0 {
      task.noPopulation =
        "output weights were fitted on \(shared) of the certifying samples; name others with "
        + "--certify-data"
    }
  }
}

extension Certificate {
  /// One paragraph for people.
  var summary: String {
    let held = "Certificate: barrier \(short(barrier)) on \(counted(data.samples, "sample"))"
    guard let population else {
      return "\(held); nothing on the population: \(clean(noPopulation ?? ""))."
    }
    var parts: [String] = []
    if let error = population.errorBound {
      parts.append("0-1 error at most \(short(error)) on the whole path")
    }
    if let barrier = population.barrier {
      parts.append("barrier from \(short(barrier[0])) to \(short(barrier[1]))")
    }
    var text =
      "\(held). For new samples, with confidence \(short(population.confidence)): "
      + parts.joined(separator: ", ") + "."
    if let noLoss = population.noLoss { text += " No interval for losses: \(noLoss)." }
    return text
  }
}
