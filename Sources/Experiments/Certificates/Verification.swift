internal import DataFormats
internal import Foundation
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
/// Numbers agree if they differ by at most a part in 10⁹ of the largest of their kind, which leaves
/// room for the rounding of other processors and libraries; all else must be the same exactly.
package struct Verification: Sendable {
  package private(set) var claims: [Claim] = []

  package var holds: Bool { claims.allSatisfy(\.holds) }

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
      let differences = findings.differences[index]
      add(
        "models.\(index) is the \(end) of the path", "the same weights",
        differences.isEmpty
          ? "the same weights" : "others in " + differences.joined(separator: ", "),
        differences.isEmpty)
    }
    same("network", describe(stated.network), describe(found.network))
    same("data.sha256", stated.data.sha256, found.data.sha256)
    if stated.data.file != nil || found.data.file != nil {
      same("data.file.sha256", stated.data.file?.sha256, found.data.file?.sha256)
    }
    same("data", describe(stated.data), describe(found.data))
    same("convexity", stated.convexity, found.convexity)
  }

  private func describe(_ network: Certificate.Shape) -> String {
    network.sizes.map(String.init).joined(separator: " → ")
      + ", \(network.activations.joined(separator: ",")), \(network.scaling.rawValue), biases "
      + network.biases.map { $0 ? "1" : "0" }.joined()
  }

  private func describe(_ data: Certificate.DataRecord) -> String {
    "\(data.dtype) \(data.samples) × \(data.inputs) → \(data.outputs)"
      + (data.classes ? " classes" : " numbers")
  }

  private mutating func checkKnots(_ stated: Certificate, _ found: Certificate) {
    for (index, (a, b)) in zip(stated.knots, found.knots).enumerated() {
      let key = "knots.\(index)"
      same("\(key).sha256", a.sha256, b.sha256)
      number("\(key).loss", a.loss, b.loss)
      same("\(key).errors", a.errors, b.errors)
      number("\(key).error", a.error, b.error)
    }
  }

  private mutating func checkSegments(
    _ stated: Certificate, _ found: Certificate, _ findings: Certification.Findings
  ) {
    let scale = found.segments.map(\.outputDistance).max() ?? 0
    for (index, (a, b)) in zip(stated.segments, found.segments).enumerated() {
      let key = "segments.\(index)"
      same(
        "\(key).kind", a.kind.rawValue,
        findings.unproved.contains(index) ? "nothing proved" : b.kind.rawValue)
      same("\(key).moving", a.moving.joined(separator: " "), b.moving.joined(separator: " "))
      same("\(key).idle", describe(a.idle), describe(b.idle))
      same("\(key).identicalNeurons", a.identicalNeurons, b.identicalNeurons)
      number("\(key).outputDistance", a.outputDistance, b.outputDistance, scale: scale)
      number("\(key).errorBound", a.errorBound, b.errorBound)
    }
    // What the weights prove must be seen in the outputs.
    add(
      "outputs stay on constant segments", "up to 1e-09 of the largest",
      "\(findings.deviation)", findings.deviation <= 1e-9)
  }

  private func describe(_ idle: [SegmentProof.IdleNeurons]) -> String {
    idle.map { "layer \($0.layer): \($0.count) \($0.ranges)" }.joined(separator: "; ")
  }

  private mutating func checkBarrier(_ stated: Certificate, _ found: Certificate) {
    let scale = found.maximumLoss
    numbers("endpointLosses", stated.endpointLosses, found.endpointLosses)
    number("maximumLoss", stated.maximumLoss, found.maximumLoss)
    number("barrier", stated.barrier, found.barrier, scale: scale)
    number("barrierChord", stated.barrierChord, found.barrierChord, scale: scale)
    number("barrierMidpoint", stated.barrierMidpoint, found.barrierMidpoint, scale: scale)
    number("errorBound", stated.errorBound, found.errorBound)
    let (a, b) = (stated.barrierBound, found.barrierBound)
    number("barrierBound.value", a?.value, b?.value)
    number("barrierBound.spread", a?.spread, b?.spread)
    number("barrierBound.endSpread", a?.endSpread, b?.endSpread)
    same("barrierBound.width", a?.width, b?.width)
  }

  private mutating func checkPopulation(
    _ stated: Certificate, _ found: Certificate, _ samples: Samples<Double>
  ) {
    same("noPopulation", stated.noPopulation, found.noPopulation)
    guard let a = stated.population, let b = found.population else {
      return same("population", stated.population != nil, found.population != nil)
    }
    same("population.statements", a.statements, b.statements)
    same("population.delta", a.delta, b.delta)
    same("population.repeatsAreDraws", a.repeatsAreDraws, b.repeatsAreDraws)
    same("population.assumptions", a.assumptions, b.assumptions)
    same("population.noLoss", a.noLoss, b.noLoss)
    inRange("population.inputRange", a.inputRange, samples.inputs)
    inRange("population.targetRange", a.targetRange, samples.targets)
    same("population.plateaus", a.plateaus.map(\.knots), b.plateaus.map(\.knots))
    for (index, (a, b)) in zip(a.plateaus, b.plateaus).enumerated() {
      let key = "population.plateaus.\(index)"
      number("\(key).lossBound", a.lossBound, b.lossBound)
      numbers("\(key).lossInterval", a.lossInterval, b.lossInterval)
      numbers("\(key).errorInterval", a.errorInterval, b.errorInterval)
      numbers("\(key).overStart", a.overStart, b.overStart)
      numbers("\(key).overEnd", a.overEnd, b.overEnd)
    }
    same("population.segments", a.segments.map(\.segment), b.segments.map(\.segment))
    for (index, (a, b)) in zip(a.segments, b.segments).enumerated() {
      numbers("population.segments.\(index).errorInterval", a.errorInterval, b.errorInterval)
    }
    numbers("population.maximumLoss", a.maximumLoss, b.maximumLoss)
    numbers("population.barrier", a.barrier, b.barrier)
    numbers("population.barrierAlone", a.barrierAlone, b.barrierAlone)
    number("population.errorBound", a.errorBound, b.errorBound)
    numbers("population.clipped", a.clipped?.numbers, b.clipped?.numbers)
  }
}

extension PopulationStatements.ClippedLoss {
  fileprivate var numbers: [Double] {
    segments.flatMap { [Double($0.segment), $0.lossBound, $0.overStart, $0.overEnd] }
      + [clip, maximumLoss, barrier]
  }
}

extension Verification {
  private mutating func add(_ claim: String, _ stated: String, _ found: String, _ holds: Bool) {
    claims.append(Claim(claim: claim, stated: stated, found: found, holds: holds))
  }

  private mutating func same<Value: Equatable>(_ claim: String, _ stated: Value, _ found: Value) {
    add(claim, "\(stated)", "\(found)", stated == found)
  }

  /// Nothing is claimed where neither side has a value.
  private mutating func same<Value: Equatable>(
    _ claim: String, _ stated: Value?, _ found: Value?
  ) {
    guard stated != nil || found != nil else { return }
    func text(_ value: Value?) -> String { value.map { "\($0)" } ?? "nothing" }
    add(claim, text(stated), text(found), stated == found)
  }

  private mutating func number(
    _ claim: String, _ stated: Double?, _ found: Double?, scale: Double = 0
  ) {
    numbers(claim, stated.map { [$0] }, found.map { [$0] }, scale: scale)
  }

  private mutating func numbers(
    _ claim: String, _ stated: [Double]?, _ found: [Double]?, scale: Double = 0
  ) {
    guard stated != nil || found != nil else { return }
    func text(_ values: [Double]?) -> String {
      values.map { $0.map { "\($0)" }.joined(separator: " … ") } ?? "nothing"
    }
    var holds = stated?.count == found?.count
    if holds, let stated, let found {
      let scale = (stated + found).reduce(abs(scale)) { max($0, abs($1)) }
      holds = zip(stated, found).allSatisfy { abs($0 - $1) <= 1e-9 * scale }
    }
    add(claim, text(stated), text(found), holds)
  }

  private mutating func inRange(_ claim: String, _ stated: [Double]?, _ values: Matrix<Double>) {
    guard let stated else { return }
    let elements = values.elements
    let found = [elements.min() ?? stated[0], elements.max() ?? stated[1]]
    add(
      claim, "\(stated[0]) … \(stated[1])", "\(found[0]) … \(found[1])",
      found[0] >= stated[0] && found[1] <= stated[1])
  }
}
