import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra

/// What the certificate of a path is to be of.
struct CertificateRequest<Scalar: MatrixScalar> {
  /// The samples it speaks of, and what names them.
  var samples: SelectedSamples<Scalar>
  var data: DataSpecification
  /// Which of the models' layers are the networks; `nil` for all.
  var layers: [String]?
  var confidence: Confidence
  /// Where every input and every target of the population lies, where that is known.
  var inputRange: ClosedRange<Double>?
  var targetRange: ClosedRange<Double>?
  var clip: Double?
  var repeatsAreDraws: Bool
}

extension ConnectAnalysis {
  /// Whether knots can have a certificate: of the straight line nothing can be proved.
  var isCertifiable: Bool { method.keptCounts(of: start.network.hiddenWidths) != nil }

  /// The certificate of the knots just written into `directory`; `nil` where they are not the models
  /// to the last bit.
  func certificate(
    of knots: [ConnectReport.Knot], in directory: URL, _ request: CertificateRequest<Scalar>,
    quiet: Bool
  ) throws -> Certificate? {
    let task = try certification(of: knots, in: directory, request)
    let findings = try announcing("certifying", silent: quiet) {
      do {
        return try task.findings()
      } catch let error as FormatError where method.fits && error.path.hasPrefix(task.directory) {
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
    of knots: [ConnectReport.Knot], in directory: URL, _ request: CertificateRequest<Scalar>
  ) throws -> Certification {
    let isClassification = request.samples.samples.isClassification
    let task = Certification(
      directory: directory.path(percentEncoded: false), knots: knots.compactMap(\.file),
      models: [start.path, end.path], layers: request.layers,
      data: CertifiedData(request.samples, specification: request.data), loss: loss,
      terms: PopulationTerms(
        confidence: request.confidence, inputRange: request.inputRange ?? request.data.inputRange,
        targetRange: isClassification ? nil : request.targetRange, clip: request.clip,
        repeatsAreDraws: request.repeatsAreDraws),
      selection: selection(certifying: request.samples.samples), threads: threads)
    try checkRanges(task, request.data)
    return task
  }

  private func selection(certifying samples: Samples<Scalar>) -> Certificate.Selection {
    let widths = start.network.hiddenWidths
    var selection = Certificate.Selection(kept: method.keptCounts(of: widths) ?? widths)
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
