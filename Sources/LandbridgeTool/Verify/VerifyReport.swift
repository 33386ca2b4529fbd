import DataFormats
import Artifacts
import Landbridge
import Reports

/// The result of `verify`. All it says was found, never only stated: where a claim fails, what was
/// stated is quoted beside it.
struct VerifyReport: Encodable {
  /// A file that was read.
  struct File: Encodable {
    /// `certificate`, `start`, `end`, `knot` or `data`
    var role: String
    var path: String
    var sha256: String
  }

  var certificate: String
  var holds: Bool
  var files: [File]
  /// The samples as they were named and used, and their digest.
  var data: String
  var dataSHA256: String
  var claims: [Claim]
  /// What of the networks only the certificate says.
  var claimed: [String]
  /// What no file can show.
  var assumptions: [String]

  private enum CodingKeys: String, CodingKey {
    case certificate, holds, files, data, dataSHA256, claims, claimed, assumptions
  }

  private let found: Certificate

  init(
    _ path: String, task: Certification, findings: Certification.Findings,
    verification: Verification
  ) throws {
    found = findings.certificate
    certificate = path
    (holds, claims) = (verification.holds, verification.claims)
    files = [File(role: "certificate", path: path, sha256: try sha256(ofFile: path))]
    for (role, (model, record)) in zip(["start", "end"], zip(task.models, found.models)) {
      files.append(File(role: role, path: model, sha256: record.sha256))
    }
    if let file = task.data.file {
      files.append(File(role: "data", path: file, sha256: try sha256(ofFile: file)))
    }
    files += found.knots.map {
      File(role: "knot", path: task.directory + "/" + $0.file, sha256: $0.sha256)
    }
    data = task.data.specification.description
    dataSHA256 = found.data.sha256
    claimed = zip(task.models, findings.origins).flatMap { path, origin in
      origin.claimed.map { "\(path): \($0)" }
    }
    assumptions = found.assumptions
  }

  var failed: [Claim] { claims.filter { !$0.holds } }

  /// Text sums claims up and names those that fail; other formats list all.
  func results(_ format: OutputFormat) -> Results<VerifyReport> {
    Results(
      json: self, table: format == .csv ? fullTable : summaryTable, heading: heading, notes: notes)
  }

  private var fullTable: Table {
    var table = Table(columns: [
      .init("claim", alignment: .left), .init("stated", alignment: .left),
      .init("found", alignment: .left), .init("holds", alignment: .left),
    ])
    for claim in claims {
      table.append([
        .text(claim.claim), .text(claim.stated), .text(claim.found), .text("\(claim.holds)"),
      ])
    }
    return table
  }

  private var summaryTable: Table {
    var table = Table(columns: [
      .init("claims about", alignment: .left), .init("number"), .init("hold"),
    ])
    let groups = Dictionary(grouping: claims) { VerifyReport.subject(of: $0) }
    for subject in VerifyReport.subjects {
      guard let members = groups[subject] else { continue }
      table.append([
        .text(subject), .integer(members.count), .integer(members.count(where: \.holds)),
      ])
    }
    return table
  }

  private static let subjects = [
    "models and data", "knots", "segments", "barrier", "population",
  ]

  private static func subject(of claim: Claim) -> String {
    switch claim.claim.prefix(while: { $0 != "." && $0 != " " }) {
    case "models", "network", "data", "selection": subjects[0]
    case "knots": subjects[1]
    case "segments", "outputs": subjects[2]
    case "population", "noPopulation": subjects[4]
    default: subjects[3]
    }
  }

  /// The files, the user's with the whole of their hashes, and the network.
  private var heading: String {
    let network = found.network
    let sizes = network.sizes.map(String.init).joined(separator: " → ")
    let names = ["certificate": "certificate", "start": "θ", "end": "θ′", "data": "data"]
    var lines: [String] = []
    for file in files {
      guard let name = names[file.role] else { continue }
      lines.append("\(name): \(line(file.path))\nSHA-256 \(file.sha256)")
    }
    for file in files where file.role == "knot" {
      lines.append("knot \(file.sha256.prefix(16))… \(line(file.path))")
    }
    lines.append(
      "samples: \(line(data)), \(grouped(found.data.samples)), \(grouped(found.data.distinct)) of "
        + "them distinct\nSHA-256 \(dataSHA256)")
    lines.append(
      "network: \(sizes), \(network.activations.joined(separator: ",")), "
        + "\(network.scaling.rawValue); \(found.loss.rawValue) loss")
    return lines.joined(separator: "\n")
  }

  private var notes: [String] {
    var notes: [String] = []
    if holds {
      let kinds = found.segments.map(\.kind)
      let affine = kinds.count { $0 == .affine }
      notes = [
        "All \(counted(claims.count, "claim")) hold. "
          + "Of \(counted(kinds.count, "segment")), \(affine) affine and \(kinds.count - affine) "
          + "constant: the loss is nowhere above \(short(found.maximumLoss)), the barrier is "
          + "\(short(found.barrier)).",
        found.summary,
      ]
    } else {
      notes = failed.prefix(20).map {
        "\($0.claim): stated \(line($0.stated)), found \(line($0.found))"
      }
      let rest = failed.count - notes.count
      if rest > 0 { notes.append("… and \(rest) more (--format json).") }
    }
    if !claimed.isEmpty {
      notes.append("Claimed, not checkable: \(claimed.map(line).joined(separator: "; ")).")
    }
    if !assumptions.isEmpty {
      notes.append("What nobody can check: \(assumptions.joined(separator: "; ")).")
    }
    return notes
  }
}

/// Text from files on one line, without what could steer a terminal.
private func line(_ text: String) -> String { printable(text.unicodeScalars, limit: 200) }
