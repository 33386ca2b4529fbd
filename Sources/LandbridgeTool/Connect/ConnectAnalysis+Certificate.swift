import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra

extension ConnectAnalysis {
  /// The certificate of the knots just written into `directory`; `nil` for the straight line, of
  /// which nothing can be proved, and where knots are not the models to the last bit.
  func certificate(of knots: [ConnectReport.Knot], in directory: URL) throws -> Certificate? {
    guard command.method == .dropout else { return nil }
    let task = try certification(of: knots, in: directory)
    let findings = try announcing("certifying", silent: command.shared.quiet) {
      do {
        return try task.findings()
      } catch let error as FormatError where command.refit && error.path.hasPrefix(task.directory) {
        // A fit can make weights of any size; what is wrong then is not in the user's files.
        throw ToolFailure(
          ExitStatus.usage,
          "--refit: \(error.path.dropFirst(task.directory.count + 1)): found \(error.found), "
            + "expected \(error.expected ?? "a certified loss"); leave out --refit")
      }
    }
    if let index = findings.unproved.first {
      throw ToolFailure(
        ExitStatus.failure,
        "segment \(index) of the path: its weights do not prove that it is constant or affine")
    }
    if let contradiction = findings.selectionContradiction {
      throw ToolFailure(
        ExitStatus.failure,
        "the weights do not show how neurons were chosen: found \(contradiction)")
    }
    for (path, origin) in zip([start.path, end.path], findings.origins)
    where !origin.differences.isEmpty {
      Messages.error(
        "no certificate: the path as written does not end at \(path) to the last bit "
          + "(\(origin.differences.joined(separator: ", ")))")
      return nil
    }
    return findings.certificate.withMargin
  }

  private func certification(
    of knots: [ConnectReport.Knot], in directory: URL
  ) throws -> Certification {
    let options = command.certificate
    let data = options.certifyData ?? command.options.data
    let certifying = try command.options.samples(
      of: data, for: [start, end], loss: loss, quiet: true)
    let isClassification = certifying.samples.isClassification
    let task = Certification(
      directory: directory.path(percentEncoded: false), knots: knots.compactMap(\.file),
      models: [start.path, end.path], layers: command.options.layers,
      data: CertifiedData(certifying, specification: data), loss: loss,
      terms: PopulationTerms(
        confidence: options.confidence, inputRange: options.inputRange ?? data.inputRange,
        targetRange: isClassification ? nil : options.targetRange, clip: options.clip,
        repeatsAreDraws: options.repeatsAreDraws),
      selection: selection(certifying: certifying.samples), threads: threads)
    try checkRanges(task, data)
    return task
  }

  private func selection(certifying samples: Samples<Scalar>) -> Certificate.Selection {
    var selection = Certificate.Selection(kept: keptCounts)
    if let fitting {
      selection.outputWeights = .refitted
      selection.fitting = .init(fitting.samples, certifying: samples)
    }
    return selection
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
}

extension Certificate {
  /// One paragraph for people.
  var summary: String {
    let held = "Certificate: barrier \(short(barrier)) on \(counted(data.samples, "sample"))"
    guard let population else {
      guard let reason = noPopulation else { return held + "." }
      return "\(held); nothing on new samples: \(reason.rawValue) (\(reason.advice))."
    }
    return "\(held). " + population.summary
  }
}

extension PopulationStatements {
  fileprivate var summary: String {
    var parts: [String] = []
    if let errorBound {
      parts.append("0-1 error at most \(short(errorBound)) on the whole path")
    }
    if let barrier {
      parts.append("barrier from \(short(barrier[0])) to \(short(barrier[1]))")
    }
    if let clipped {
      parts.append(
        "barrier of the loss clipped at \(short(clipped.clip)) at most \(short(clipped.barrier))")
    }
    var text =
      "For new samples, with confidence \(Confidence(failure: delta)): "
      + parts.joined(separator: ", ") + "."
    if let barrierAlone {
      text +=
        " With the same confidence for the barrier alone: from \(short(barrierAlone[0])) to "
        + "\(short(barrierAlone[1]))."
    }
    if let noLoss { text += " No interval for losses: \(noLoss)." }
    return text
  }
}
