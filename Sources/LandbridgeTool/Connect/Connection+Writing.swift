import ArgumentParser
import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Reports

extension Connection {
  /// Writes knots, certificate, profile, figure and path.json into a directory, all or nothing.
  ///
  /// - Parameters:
  ///   - model: whose names the knots have where nobody says otherwise.
  ///   - certify: the certificate of the knots in the given directory, for the report.
  func write(
    _ report: inout ConnectReport, to path: String, _ modelOutput: ModelOutputOptions,
    like model: LoadedModel<Scalar>, quiet: Bool,
    certify: ([ConnectReport.Knot], URL) throws -> Certificate?
  ) throws {
    let directory = try OutputDirectory(path, names: ConnectReport.fileNames)
    do {
      try writeKnots(report, into: directory.temporary, modelOutput, like: model)
      report.certificate = try certify(report.knots, directory.temporary)
      if let certificate = report.certificate {
        try writeFile(
          certificate.json(),
          to: directory.temporary.appending(path: ConnectReport.certificateName))
      }
      try writeFile(
        Data(profileTable.csv.utf8), to: directory.temporary.appending(path: "profile.csv"))
      try writeNpz(
        profileArrays,
        to: directory.temporary.appending(path: "profile.npz").path(percentEncoded: false))
      try figure(report).writeOrWarn(
        into: directory.temporary.path(percentEncoded: false), quiet: quiet)
      try writeFile(
        Data((encodeJSON(report) + "\n").utf8),
        to: directory.temporary.appending(path: "path.json"))
      try directory.commit()
    } catch {
      directory.discard()
      throw directory.renaming(error)
    }
  }

  private func writeKnots(
    _ report: ConnectReport, into directory: URL, _ modelOutput: ModelOutputOptions,
    like model: LoadedModel<Scalar>
  ) throws {
    try createDirectory(directory.appending(path: "knots"))
    for (knot, entry) in zip(evaluation.path.knots, report.knots) {
      guard let file = entry.file else { continue }
      var metadata = metadata
      metadata["knot"] = knot.name
      try modelOutput.write(
        knot.network, metadata: metadata, like: model,
        to: directory.appending(path: file).path(percentEncoded: false))
    }
  }

  private var profileTable: Table {
    var table = Table(columns: [
      .init("path", alignment: .left), .init("position"), .init("segment"), .init("t"),
      .init("kind", alignment: .left), .init("loss"), .init("error"),
    ])
    for (method, evaluation) in ways {
      for point in evaluation.points(perSegment: 40) {
        table.append([
          .text(method.name), .number(point.position), .integer(point.segment), .number(point.t),
          .text(evaluation.path.segments[point.segment].kind.rawValue), .number(point.loss),
          .optional(point.error),
        ])
      }
    }
    return table
  }

  /// The columns of ``profileTable`` that are numbers, one array each: `dropout/loss`, ….
  private var profileArrays: [(String, Tensor)] {
    ways.flatMap { method, evaluation in
      let (name, points) = (method.name, evaluation.points(perSegment: 40))
      return [
        ("\(name)/position", Tensor(points.map(\.position))),
        ("\(name)/segment", Tensor(points.map(\.segment))),
        ("\(name)/t", Tensor(points.map(\.t))), ("\(name)/loss", Tensor(points.map(\.loss))),
      ]
        + (points.contains { $0.error != nil }
          ? [("\(name)/error", Tensor(points.map { $0.error ?? .nan }))] : [])
    }
  }

  private func figure(_ report: ConnectReport) -> Figure {
    let panels = PathPanels(
      ways: ways.map { method, evaluation in
        PathPanels.Way(
          method: method, isExact: evaluation.path.segments.allSatisfy { $0.kind != .sampled },
          points: evaluation.points(perSegment: 40))
      }, knots: evaluation.path.knots.map(\.name))
    let exactness =
      report.profile.exact
      ? "Barrier \(short(report.profile.barrier)) (exact)."
      : "Largest barrier found \(short(report.profile.barrier)) (sampled)."
    return Figure(
      name: "path", title: "From θ to θ′", note: report.data.caveat,
      panels: ShownQuantity.allCases.compactMap {
        panels.panel($0, loss: report.profile.loss)
      }, columns: 1,
      caption: "Loss and error between \(report.models[0]) and \(report.models[1]) on "
        + "\(report.data). \(exactness) Points show where errors and sampled losses were computed.")
  }
}
