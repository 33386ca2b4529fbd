internal import DataFormats
package import Landbridge
internal import LinearAlgebra

/// One claim of a certificate, beside what was found.
package struct Claim: Codable, Equatable, Sendable {
  /// The keys of the certificate, joined by dots, or what has no key.
  package var claim: String
  package var stated: String
  package var found: String
  package var holds: Bool
}

/// A certificate, checked against the files.
///
/// A number is right if what was found proves it: if [stated ± its error] contains
/// [found ± its error], and no claim is made weak by an error without measure. No tolerance depends
/// on anything the certificate says. Hashes, kinds and words must be the same.
package struct Verification: Sendable {
  package private(set) var claims: [Claim] = []

  package var holds: Bool { claims.allSatisfy(\.holds) }
  package var failed: [Claim] { claims.filter { !$0.holds } }

  package init(of stated: Certificate, findings: Certification.Findings, samples: Samples<Double>) {
    let found = findings.certificate
    checkOrigin(stated, found, findings)
    checkKnots(stated, found)
    checkSegments(stated, found, findings)
    checkBarrier(stated, found)
    checkPopulation(stated, found, samples)
  }

  private mutating func checkOrigin(
    _ stated: Certificate, _ found: Certificate, _ findings: Certification.Findings
  ) {
    for (index, end) in ["start", "end"].enumerated() {
      same("models.\(index).sha256", stated.models[index].sha256, found.models[index].sha256)
      let differences = findings.origins[index].differences
      add(
        "models.\(index) is the \(end) of the path", "the same network",
        differences.isEmpty
          ? "the same network" : "differs in " + differences.joined(separator: ", "),
        differences.isEmpty)
    }
    same("network", describe(stated.network), describe(found.network))
    same("data.sha256", stated.data.sha256, found.data.sha256)
    same("data", describe(stated.data), describe(found.data))
    add(
      "selection", describe(stated.selection),
      findings.selectionContradiction ?? describe(stated.selection),
      findings.selectionContradiction == nil)
  }

  private func describe(_ network: Certificate.Shape) -> String {
    network.sizes.map(String.init).joined(separator: " → ")
      + ", \(network.activations.joined(separator: ",")), \(network.scaling.rawValue), biases "
      + network.biases.map { $0 ? "1" : "0" }.joined()
  }

  private func describe(_ data: Certificate.DataRecord) -> String {
    "\(data.dtype) \(data.samples) × \(data.inputs) → \(data.outputs)"
      + (data.classes ? " classes" : " numbers") + ", \(data.distinct) distinct"
  }

  private func describe(_ selection: Certificate.Selection) -> String {
    "the first or last \(selection.kept.map(String.init).joined(separator: ",")) neurons, "
      + selection.outputWeights.rawValue
  }

  private mutating func checkKnots(_ stated: Certificate, _ found: Certificate) {
    for (index, (a, b)) in zip(stated.knots, found.knots).enumerated() {
      let key = "knots.\(index)"
      same("\(key).sha256", a.sha256, b.sha256)
      enclosure(
        "\(key).loss", Enclosure(a.loss, error: a.lossError),
        Enclosure(b.loss, error: b.lossError), scale: 0)
      count("\(key).errors", a.errors, b.errors)
      same("\(key).tensors", describe(a.tensors), describe(b.tensors))
    }
  }

  private func describe(_ tensors: [LayerTensors]) -> String {
    tensors.map { layer in
      layer.weight + (layer.isTransposed ? " [in, out]" : "") + (layer.bias.map { ", " + $0 } ?? "")
    }.joined(separator: "; ")
  }

  private mutating func checkSegments(
    _ stated: Certificate, _ found: Certificate, _ findings: Certification.Findings
  ) {
    for (index, (a, b)) in zip(stated.segments, found.segments).enumerated() {
      let key = "segments.\(index)"
      same(
        "\(key).kind", a.kind.rawValue,
        findings.unproved.contains(index) ? "nothing proved" : b.kind.rawValue)
      same("\(key).moving", a.moving.joined(separator: " "), b.moving.joined(separator: " "))
      same("\(key).idle", describe(a.idle), describe(b.idle))
      same("\(key).identicalNeurons", a.identicalNeurons, b.identicalNeurons)
      enclosure(
        "\(key).outputDistance", Enclosure(a.outputDistance, error: a.outputDistanceError),
        Enclosure(b.outputDistance, error: b.outputDistanceError), scale: 0)
      bound("\(key).errorBound", a.errorBound, b.errorBound)
    }
    // What the weights prove must be seen in the outputs.
    add(
      "outputs stay on constant segments", "up to rounding",
      findings.straySegments.isEmpty
        ? "up to rounding"
        : "not on segments " + findings.straySegments.map(String.init).joined(separator: ", "),
      findings.straySegments.isEmpty)
  }

  private func describe(_ idle: [SegmentProof.IdleNeurons]) -> String {
    idle.map { "layer \($0.layer): \($0.count) \($0.ranges)" }.joined(separator: "; ")
  }

  private mutating func checkBarrier(_ stated: Certificate, _ found: Certificate) {
    for index in 0...1 {
      enclosure(
        "endpointLosses.\(index)", stated.endpointLoss(index), found.endpointLoss(index),
        scale: found.maximumLoss)
    }
    enclosure(
      "maximumLoss", Enclosure(stated.maximumLoss, error: stated.maximumLossError),
      Enclosure(found.maximumLoss, error: found.maximumLossError), scale: found.maximumLoss)
    enclosure(
      "barrier", Enclosure(stated.barrier, error: stated.barrierError),
      Enclosure(found.barrier, error: found.barrierError), scale: found.maximumLoss)
    bound("errorBound", stated.errorBound, found.errorBound)
    let (a, b) = (stated.barrierBound, found.barrierBound)
    bound("barrierBound.value", a?.value, b?.value)
    enclosure("barrierBound.spread", a?.startEnclosure, b?.startEnclosure, scale: 0)
    enclosure("barrierBound.endSpread", a?.endEnclosure, b?.endEnclosure, scale: 0)
    same("barrierBound.width", a?.width, b?.width)
  }
}

extension Verification {
  mutating func add(_ claim: String, _ stated: String, _ found: String, _ holds: Bool) {
    func line(_ text: String) -> String { printable(text.unicodeScalars, limit: 400) }
    claims.append(Claim(claim: claim, stated: line(stated), found: line(found), holds: holds))
  }

  mutating func same<Value: Equatable>(_ claim: String, _ stated: Value, _ found: Value) {
    add(claim, "\(stated)", "\(found)", stated == found)
  }

  /// Nothing is claimed where neither side has a value.
  mutating func same<Value: Equatable>(_ claim: String, _ stated: Value?, _ found: Value?) {
    guard stated != nil || found != nil else { return }
    func text(_ value: Value?) -> String { value.map { "\($0)" } ?? "nothing" }
    add(claim, text(stated), text(found), stated == found)
  }

  /// That the exact value lies in [value ± error].
  ///
  /// - Parameter scale: of what errors of 10⁻⁶ are allowed, if it is more than the value found.
  mutating func enclosure(
    _ claim: String, _ stated: Enclosure?, _ found: Enclosure?, scale: Double
  ) {
    guard stated != nil || found != nil else { return }
    func text(_ enclosure: Enclosure?) -> String {
      enclosure.map { "\($0.value) ± \($0.error)" } ?? "nothing"
    }
    var holds = false
    if let stated, let found, stated.isFinite, found.isFinite {
      let limit = max(8 * found.error, 4e-6 * max(abs(found.value), scale))
      holds =
        limit.isFinite && stated.error <= limit
        && stated.value - stated.error <= found.value - found.error
        && found.value + found.error <= stated.value + stated.error
    }
    add(claim, text(stated), text(found), holds)
  }

  /// That the exact value is not above `stated`, which was found to be at most `found`.
  mutating func bound(_ claim: String, _ stated: Double?, _ found: Double?) {
    numbers(claim, stated.map { [$0] }, found.map { [$0] })
  }

  /// Ends of intervals and bounds, which were rounded outwards as they were computed. They are the
  /// same up to what other processors and libraries round otherwise, each on its own scale.
  mutating func numbers(_ claim: String, _ stated: [Double]?, _ found: [Double]?) {
    guard stated != nil || found != nil else { return }
    func text(_ values: [Double]?) -> String {
      values.map { $0.map { "\($0)" }.joined(separator: " … ") } ?? "nothing"
    }
    var holds = false
    if let stated, let found, stated.count == found.count {
      holds = zip(stated, found).allSatisfy { a, b in
        a.isFinite && b.isFinite && abs(a - b) <= 1e-9 * abs(b)
      }
    }
    add(claim, text(stated), text(found), holds)
  }

  /// Counts between which rounding leaves the exact one.
  mutating func count(_ claim: String, _ stated: [Int]?, _ found: [Int]?) {
    guard stated != nil || found != nil else { return }
    var holds = false
    if let stated, let found {
      holds =
        stated[0] <= found[0] && found[1] <= stated[1]
        && stated[1] - stated[0] <= 2 * (found[1] - found[0])
    }
    func text(_ values: [Int]?) -> String {
      values.map { $0[0] == $0[1] ? "\($0[0])" : "\($0[0]) to \($0[1])" } ?? "nothing"
    }
    add(claim, text(stated), text(found), holds)
  }
}

extension Certificate {
  fileprivate func endpointLoss(_ index: Int) -> Enclosure {
    Enclosure(endpointLosses[index], error: endpointLossErrors[index])
  }
}

extension Certificate.BarrierBound {
  fileprivate var startEnclosure: Enclosure { Enclosure(spread, error: spreadError) }
  fileprivate var endEnclosure: Enclosure { Enclosure(endSpread, error: endSpreadError) }
}
