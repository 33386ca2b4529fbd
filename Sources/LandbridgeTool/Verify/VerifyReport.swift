import Experiments
import Landbridge
import Reports

/// The result of `verify`.
struct VerifyReport: Encodable {
  var certificate: String
  var holds: Bool
  var claims: [Claim]
  /// What population statements rely on, and no file can show.
  var assumptions: [String]

  private enum CodingKeys: String, CodingKey { case certificate, holds, claims, assumptions }

  private let stated: Certificate

  init(_ path: String, _ stated: Certificate, _ verification: Verification) {
    certificate = path
    self.stated = stated
    (holds, claims) = (verification.holds, verification.claims)
    assumptions = stated.population?.assumptions ?? []
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
    case "models", "network", "data", "convexity": subjects[0]
    case "knots": subjects[1]
    case "segments", "outputs": subjects[2]
    case "population", "noPopulation": subjects[4]
    default: subjects[3]
    }
  }

  private var heading: String {
    let network = stated.network
    let sizes = network.sizes.map(String.init).joined(separator: " → ")
    return "\(certificate)  (landbridge \(clean(stated.toolVersion)))\n"
      + "\(stated.models.map { clean($0.file) }.joined(separator: " to "))\n"
      + "\(sizes), \(clean(network.activations.joined(separator: ","))), "
      + "\(network.scaling.rawValue); \(stated.loss.rawValue) loss on "
      + "\(clean(stated.data.specification)), \(counted(stated.data.samples, "sample"))"
  }

  private var notes: [String] {
    guard holds else {
      let shown = failed.prefix(20).map {
        "\($0.claim): stated \(clean($0.stated)), found \(clean($0.found))"
      }
      let rest = failed.count - shown.count
      return shown + (rest > 0 ? ["… and \(rest) more (--format json)."] : [])
    }
    let kinds = stated.segments.map(\.kind)
    let affine = kinds.count { $0 == .affine }
    return [
      "All \(counted(claims.count, "claim")) hold. "
        + "Of \(counted(kinds.count, "segment")), \(affine) affine and \(kinds.count - affine) "
        + "constant: the loss is nowhere above \(short(stated.maximumLoss)), the barrier is "
        + "\(short(stated.barrier)).",
      stated.summary,
    ]
      + (assumptions.isEmpty
        ? [] : ["Not to be seen from files: \(assumptions.joined(separator: "; ")) (assumed)."])
  }
}

/// Text from a certificate on one line, without what could steer a terminal.
func clean(_ text: String) -> String {
  let scalars = text.unicodeScalars.prefix(200).map { scalar in
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: "?"
    default: String(scalar)
    }
  }
  return scalars.joined() + (text.unicodeScalars.count > 200 ? "…" : "")
}
