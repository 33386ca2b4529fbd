import Artifacts
import Landbridge
import LinearAlgebra
import Reports

/// The result of `connect`, as in path.json.
struct ConnectReport: Encodable {
  /// Everything in the directory, the file it is known by first.
  static let fileNames = [
    "path.json", "knots", "profile.csv", "profile.npz", "path.svg", "path.csv", "path.gp",
    certificateName,
  ]
  static let certificateName = "certificate.json"

  struct Knot: Encodable {
    var name: String
    var loss: Double
    var error: Double?
    /// Relative to path.json; absent where nothing was written.
    var file: String?
  }

  /// What is known of the straight line. Unless it is exact, from samples of t: every maximum is the
  /// largest found.
  struct StraightLine: Encodable {
    var exact: Bool
    var barrier: Double
    var barrierChord: Double
    var barrierMidpoint: Double
    var maximumLoss: Double
    /// Where, t ∈ [0, 1].
    var maximumAt: Double
    var errorMaximum: Double?
    /// How many t were evaluated, both ends among them.
    var points: Int
    /// The smallest distance of two of them, and the largest of two neighbours.
    var resolution: Double
    var largestSpacing: Double

    init(_ profile: PathProfile) {
      exact = profile.exact
      (barrier, barrierChord) = (profile.barrier, profile.barrierChord)
      (barrierMidpoint, maximumLoss) = (profile.barrierMidpoint, profile.maximumLoss)
      maximumAt = profile.maximumPlace.t
      errorMaximum = profile.errorMaximum
      points = profile.segments.first?.grid?.count ?? 2
      let spacing = profile.segments.first?.gridSpacing
      (resolution, largestSpacing) = (spacing?.lowerBound ?? 1, spacing?.upperBound ?? 1)
    }

    /// `97 values of t, 0.0005 to 0.03 apart`
    var places: String {
      "\(points) values of t, \(short(resolution)) to \(short(largestSpacing)) apart"
    }
  }

  /// The name of the ``PathMethod``.
  var method: String
  var models: [String]
  var data: DataSpecification
  var rows: SampleRows
  var profile: PathProfile
  var knots: [Knot]
  var straightLine: StraightLine?
  /// Two-layer networks: some choice of neurons gives a barrier no larger.
  var barrierBound: Double?
  /// What was written beside path.json, which has its name under this key.
  var certificate: Certificate?
  /// What rows that were trained or fitted on leave unsaid.
  var cautions: [String] = []

  private enum CodingKeys: String, CodingKey {
    case method, models, data, rows, lossFunction, samples, exact, barrier, maximumLoss,
      maximumPlace
    case endpointLosses, barrierChord, barrierMidpoint, knots, segments, errorMaximum
    case errorMaximumPlace, straightLine, barrierBound, certificate
  }

  /// - Parameter hasFiles: whether knots are written.
  init<Scalar: MatrixScalar>(
    _ connection: Connection<Scalar>, models: [String], data: DataSpecification,
    rows: SampleRows, hasFiles: Bool
  ) {
    method = type(of: connection.method).name
    (self.models, self.data, self.rows) = (models, data, rows)
    profile = connection.evaluation.profile()
    knots = profile.knots.enumerated().map { index, knot in
      Knot(
        name: knot.name, loss: knot.loss, error: knot.error,
        file: hasFiles ? knotFileName(index, knot.name) : nil)
    }
    straightLine = connection.straightLine.map { StraightLine($0.profile()) }
    barrierBound = connection.bound
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(method, forKey: .method)
    try container.encode(models, forKey: .models)
    try container.encode(data, forKey: .data)
    try container.encode(rows, forKey: .rows)
    try container.encode(profile.loss, forKey: .lossFunction)
    try container.encode(profile.samples, forKey: .samples)
    try container.encode(profile.exact, forKey: .exact)
    try container.encode(profile.barrier, forKey: .barrier)
    try container.encode(profile.maximumLoss, forKey: .maximumLoss)
    try container.encode(profile.maximumPlace, forKey: .maximumPlace)
    try container.encode(profile.endpointLosses, forKey: .endpointLosses)
    try container.encode(profile.barrierChord, forKey: .barrierChord)
    try container.encode(profile.barrierMidpoint, forKey: .barrierMidpoint)
    try container.encode(knots, forKey: .knots)
    try container.encode(profile.segments, forKey: .segments)
    try container.encodeIfPresent(profile.errorMaximum, forKey: .errorMaximum)
    try container.encodeIfPresent(profile.errorMaximumPlace, forKey: .errorMaximumPlace)
    try container.encodeIfPresent(straightLine, forKey: .straightLine)
    try container.encodeIfPresent(barrierBound, forKey: .barrierBound)
    if certificate != nil { try container.encode(Self.certificateName, forKey: .certificate) }
  }
}

/// `knots/02-write-theta-prime.safetensors`
func knotFileName(_ index: Int, _ name: String) -> String {
  let plain =
    name
    .replacing("θ", with: "theta").replacing("′", with: "-prime").replacing("–", with: "-")
    .replacing(" ", with: "-")
  return "knots/\(index < 10 ? "0" : "")\(index)-\(plain).safetensors"
}

extension ConnectReport {
  func results(_ shape: String) -> Results<ConnectReport> {
    let hasErrors = profile.errorMaximum != nil
    var table = Table(
      columns: [.init("knot", alignment: .left), .init("loss")]
        + (hasErrors ? [.init("0-1 error")] : [])
        + [.init("segment to the next", alignment: .left)])
    for (index, knot) in knots.enumerated() {
      let kind = index < profile.segments.count ? profile.segments[index].kind.rawValue : ""
      table.append(
        [.text("\(index)  \(knot.name)"), .optional(knot.loss)]
          + (hasErrors ? [.optional(knot.error)] : []) + [.text(kind)])
    }
    return Results(
      json: self, table: table,
      heading: "θ  = \(models[0])\nθ′ = \(models[1])\n(\(shape)) on \(data), \(rows)",
      notes: notes)
  }

  private var notes: [String] {
    let line = straightLine ?? (profile.exact ? nil : StraightLine(profile))
    var notes = [
      profile.exact
        ? "Barrier \(short(profile.barrier)) (exact): the loss rises to "
          + "\(short(profile.maximumLoss)) from at most "
          + "\(short(profile.endpointLosses.max())) at the ends."
        : "Largest barrier found \(short(profile.barrier)) (sampled at \(line!.places)): the loss "
          + "rises to \(short(profile.maximumLoss)) at least, from at most "
          + "\(short(profile.endpointLosses.max())) at the ends.",
      "Over the chord \(short(profile.barrierChord)), at the midpoint "
        + "\(short(profile.barrierMidpoint))."
        + (profile.errorMaximum.map {
          " Largest 0-1 error \(profile.exact ? "" : "found ")\(short($0))."
        } ?? ""),
    ]
    if let straightLine {
      let (way, found) =
        straightLine.exact ? ("exact", "") : ("sampled at \(straightLine.places)", " found")
      notes.append(
        "Straight line (\(way)): \(straightLine.exact ? "" : "largest ")barrier\(found) "
          + short(straightLine.barrier)
          + (straightLine.errorMaximum.map { ", largest error\(found) \(short($0))" } ?? "") + ".")
    }
    // A bound for any parameters says nothing where the path at hand does better.
    if let barrierBound, barrierBound <= profile.barrier {
      notes.append(
        "For the best choice of halves the barrier is at most \(short(barrierBound)).")
    }
    if let certificate { notes.append(certificate.summary) }
    return notes + cautions
  }
}
