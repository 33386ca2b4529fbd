import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// Knots of a small path in files, with a population to draw from.
private final class PathFiles {
  let directory: URL
  let population: Samples<Double>
  let networks: [Network<Double>]

  init(activation: Activation = .tanh) throws {
    directory = URL(filePath: NSTemporaryDirectory())
      .appending(path: "landbridge-certificates-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let ends = (0...1).map { seed -> Network<Double> in
      Architecture(hidden: [6], activation: activation, bias: true).network(
        inputs: 3, outputs: 1, stream: RandomStream(seed: UInt64(seed), purpose: .initialization))
    }
    networks = try PiecewiseLinearPath<Double>.dropout(from: ends[0], to: ends[1]).knots
      .map(\.network)
    let x = Matrix<Double>.normal(
      rows: 2000, columns: 3, stream: RandomStream(seed: 3, purpose: .testSamples))
    let labels = (0..<2000).map { x[$0, 0] + 0.7 * x[$0, 1] * x[$0, 2] > 0 ? 1 : 0 }
    population = Samples(inputs: x, labels: labels, classes: 2)
    for (index, network) in networks.enumerated() {
      try ModelFile(network: network).write(to: path("\(index).safetensors"))
    }
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  func path(_ name: String) -> String {
    directory.appending(path: name).path(percentEncoded: false)
  }

  func findings(
    on samples: Samples<Double>, confidence: Double, loss: Loss = .squared,
    inputs: ClosedRange<Double>? = nil, clip: Double? = nil, repeatsAreDraws: Bool = true
  ) throws -> Certification.Findings {
    try Certification(
      directory: directory.path(percentEncoded: false),
      knots: networks.indices.map { "\($0).safetensors" },
      models: [path("0.safetensors"), path("\(networks.count - 1).safetensors")],
      data: CertifiedData(samples, specification: DataSpecification(parsing: "digits")),
      loss: loss,
      terms: PopulationTerms(
        confidence: Confidence(failure: 1 - confidence), inputRange: inputs, targetRange: nil,
        clip: clip, repeatsAreDraws: repeatsAreDraws),
      selection: .init(kept: [3]), threads: 1
    ).findings()
  }
}

@Suite struct `Population statements` {
  /// docs/theory.md §6, check 8: all intervals of a certificate hold together in at least a fraction
  /// 1 − δ of the repetitions. A finite population makes what they are about known exactly. With
  /// δ = 1/2 and 60 repetitions, more than 30 failures would have probability below one half even
  /// if every union bound were an equality; in truth failures are rare.
  @Test(arguments: Loss.allCases) func `fail together no more often than stated`(
    loss: Loss
  ) throws {
    let files = try PathFiles()
    let truth = try files.findings(on: files.population, confidence: 0.95, loss: loss).certificate
    var generator = RandomStream(seed: 11, purpose: .bootstrap).generator()
    var failures = 0
    for _ in 0..<60 {
      let drawn = (0..<300).map { _ in generator.next(below: files.population.count) }
      let certificate = try files.findings(
        on: files.population.selecting(drawn), confidence: 0.5, loss: loss
      ).certificate
      let found = try #require(certificate.population)
      #expect(found.statements == 4 + 4 + 4 + 3)
      var holds = true
      func require(_ interval: [Double]?, _ value: Double) {
        guard let interval else { return holds = false }
        holds = holds && interval[0] <= value && value <= interval[1]
      }
      let (start, end) = (truth.endpointLosses[0], truth.endpointLosses[1])
      for plateau in found.plateaus {
        let knot = truth.knots[plateau.knots[0]]
        require(plateau.lossInterval, knot.loss)
        require(plateau.errorInterval, Double(knot.errors![0]) / Double(files.population.count))
        if let over = plateau.overStart { require(over, knot.loss - start) }
        if let over = plateau.overEnd { require(over, knot.loss - end) }
      }
      for segment in found.segments {
        require(segment.errorInterval, truth.segments[segment.segment].errorBound!)
      }
      require(found.maximumLoss, truth.maximumLoss)
      require(found.barrier, truth.barrier)
      require([0, found.errorBound!], truth.errorBound!)
      failures += holds ? 0 : 1
    }
    #expect(failures <= 30, "\(failures) of 60")
  }

  @Test func `has no interval of a loss without a bound`() throws {
    let files = try PathFiles(activation: .relu)
    let unbounded = try files.findings(on: files.population, confidence: 0.9).certificate
    let population = try #require(unbounded.population)
    #expect(population.noLoss != nil && population.barrier == nil)
    #expect(population.errorBound != nil && population.statements == 7)
    let bounded = try files.findings(on: files.population, confidence: 0.9, inputs: -6...6)
    #expect(bounded.certificate.population?.barrier != nil)
    let numbers = Samples(
      inputs: files.population.inputs, targets: files.population.inputs.columns([0]),
      isClassification: false)
    let nothing = try files.findings(on: numbers, confidence: 0.9).certificate
    #expect(nothing.population == nil && nothing.noPopulation != nil)
    // A clip needs no bound.
    let clipped = try files.findings(on: numbers, confidence: 0.9, clip: 2).certificate
    let found = try #require(clipped.population)
    #expect(found.barrier == nil && found.statements == 9 && found.clipped?.segments.count == 3)
  }

  @Test func `repeats are no draws unless that is said`() throws {
    let files = try PathFiles()
    func population(_ indices: [Int], repeatsAreDraws: Bool) throws -> Certificate {
      try files.findings(
        on: files.population.selecting(indices), confidence: 0.9, repeatsAreDraws: repeatsAreDraws
      ).certificate
    }
    let few = Array(0..<300) + [5, 6, 7]
    #expect(try population(few, repeatsAreDraws: false).population != nil)
    let many = few + [8]
    let refused = try population(many, repeatsAreDraws: false)
    #expect(refused.population == nil)
    #expect(refused.noPopulation == .repeated && refused.data.distinct == 300)
    let stated = try population(many, repeatsAreDraws: true).population
    #expect(stated?.repeatsAreDraws == true)
    #expect(stated?.assumptions.contains { $0.contains("discrete") } == true)
    #expect(
      try population(Array(repeating: 3, count: 5000), repeatsAreDraws: false).population == nil)
  }

  @Test func `−0 is no other sample than 0`() {
    let samples = Samples<Float>(
      inputs: Matrix(rows: 4, columns: 2, [0, 1, -0.0, 1, 0, 1, 2, 1]),
      targets: Matrix(rows: 4, columns: 1, [1, 1, -1, 1]), isClassification: true)
    #expect(distinctCount(samples) == 3)
  }
}

@Suite struct `Certificate files` {
  @Test func `digests by hand`() throws {
    let files = try PathFiles()
    try Data("abc".utf8).write(to: files.directory.appending(path: "abc"))
    #expect(
      try sha256(ofFile: files.path("abc"))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    // From hashlib: "x F32 2 2\n" + x.astype("<f4").tobytes() + "y F32 2 1\n" + ….
    func digest<Scalar: MatrixScalar>(_ type: Scalar.Type) throws -> String {
      let samples = Samples<Scalar>(
        inputs: Matrix(rows: 2, columns: 2, [1.5, -2, 0.25, 3]),
        targets: Matrix(rows: 2, columns: 1, [1, -1]), isClassification: true)
      return CertifiedData(samples, specification: try DataSpecification(parsing: "digits"))
        .record.sha256
    }
    #expect(
      try digest(Float.self) == "0fe063b4f62ea87f04872c232ed4647c84eac9eeac53aa94538ecdcfbeb70468")
    #expect(
      try digest(Double.self) == "8ac1680c00de377303c6a77622d41340baad1780c560c80d2acfcd10f98a313b")
  }

  @Test func `is read as it was written`() throws {
    let files = try PathFiles()
    let certificate = try files.findings(on: files.population, confidence: 0.9).certificate
    let bytes = try certificate.json()
    try bytes.write(to: files.directory.appending(path: "c.json"))
    #expect(try Certificate(path: files.path("c.json")) == certificate)
    #expect(try Certificate(bytes: bytes, path: "c.json").json() == bytes)
  }

  /// Every text that is no certificate is refused with its place, without a crash or a hang.
  @Test func `refuses what is none`() throws {
    let files = try PathFiles()
    let certificate = try files.findings(on: files.population, confidence: 0.9).certificate
    let text = String(decoding: try certificate.json(), as: UTF8.self)
    func changed(_ old: String, _ new: String) throws -> String {
      let range = try #require(text.range(of: old), "\(old)")
      return text.replacingCharacters(in: range, with: new)
    }
    let barrier = "\"barrier\" : \(certificate.barrier)"
    let delta = "\"delta\" : \(try #require(certificate.population).delta)"
    let deep = String(repeating: "[", count: 1_000_000)
    let cases = [
      ("", "end of the file"), ("{", "end of the file"), ("[]", "another type"),
      ("{}", "key format"), (String(text.dropLast(30)), "end of the file"),
      (text + text, "the end"), (deep, "nesting deeper"),
      ("{\"a\":" + deep, "nesting deeper"),
      // Hashed as text it would take hours.
      ("{\"" + String(repeating: "\u{301}", count: 5_000_000) + "\":1}", "a key of"),
      (try changed("\"version\" : 2", "\"version\" : 1"), "key version: found 1, expected 2"),
      (try changed(barrier, "\"barrier\" : -1e-9"), "key barrier"),
      (try changed("\"landbridge certificate\"", "\"letter\""), "key format"),
      (try changed(barrier, barrier + ",\n" + barrier), "a second time"),
      (try changed(barrier, "\"b\\u0061rrier\" : 0,\n" + barrier), "unknown key"),
      (try changed(barrier, "\"note\" : 1,\n" + barrier), "\"note\""),
      (try changed(barrier, "\"barrier\" : \"NaN\""), "key barrier"),
      (try changed(barrier, "\"barrier\" : NaN"), "expected a certificate"),
      (try changed(barrier, "\"barrier\" : 1e999"), "expected a certificate"),
      (try changed(barrier + ",", ""), "key barrier"),
      (try changed("\"0.safetensors\"", "\"../0.safetensors\""), "key knots.0.file"),
      (try changed("\"0.safetensors\"", "\"/etc/passwd\""), "key knots.0.file"),
      (try changed("\"0.safetensors\"", "\"a/./b\""), "key knots.0.file"),
      (try changed("\"0.safetensors\"", "\"a\\\\b\""), "key knots.0.file"),
      (try changed("\"0.safetensors\"", "\"a\\u0000b\""), "key knots.0.file"),
      (try changed("\"kind\" : \"affine\"", "\"kind\" : \"sampled\""), "key segments.0.kind"),
      (try changed("\"from\" : 0", "\"from\" : 3"), "key segments.0"),
      (try changed(delta, "\"delta\" : 1.5"), "population.delta"),
      (try changed(delta, "\"delta\" : 0"), "population.delta"),
      (try changed("\"dtype\" : \"F64\"", "\"dtype\" : \"F16\""), "data.dtype"),
    ]
    for (text, expected) in cases {
      try Data(text.utf8).write(to: files.directory.appending(path: "c.json"))
      let error = #expect(throws: FormatError.self, "\(text.prefix(200))") {
        _ = try Certificate(path: files.path("c.json"))
      }
      #expect(error?.kind == .invalidData)
      #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
    }
    try Data(count: 1 << 25).write(to: files.directory.appending(path: "c.json"))
    #expect(throws: FormatError.self) { try Certificate(path: files.path("c.json")) }
    // No prefix of a certificate is one.
    let bytes = Data(text.utf8)
    for length in stride(from: 0, to: bytes.count - 1, by: 97) {
      try bytes.prefix(length).write(to: files.directory.appending(path: "c.json"))
      #expect(throws: FormatError.self) { try Certificate(path: files.path("c.json")) }
    }
  }

  /// 4000 damaged certificates: each is read, or refused as it should be.
  @Test func `damage is an error, not a crash`() throws {
    let files = try PathFiles()
    let certificate = try files.findings(on: files.population, confidence: 0.9).certificate
    let bytes = try [UInt8](certificate.json())
    let pieces = ["{", "}", "[", "]", "\"", "\\", ",", ":", "null", "1e999", "-1", "\u{301}", "\0"]
    var generator = RandomStream(seed: 5, purpose: .shuffle).generator(item: 1)
    func below(_ count: Int) -> Int { Int(generator.next() % UInt64(count)) }
    var (read, places) = (0, Set<String>())
    for _ in 0..<4000 {
      var damaged = bytes
      for _ in 0...below(3) {
        let start = below(damaged.count)
        let end = min(damaged.count, start + below(12))
        damaged.replaceSubrange(start..<end, with: Array(pieces[below(pieces.count)].utf8))
      }
      try Data(damaged).write(to: files.directory.appending(path: "c.json"))
      do {
        _ = try Certificate(path: files.path("c.json"))
        read += 1
      } catch let error as FormatError { places.insert(error.expected ?? "nothing") }
    }
    #expect(read > 0 && read < 2000 && places.count > 5, "\(read) read, \(places)")
  }

  @Test func `refuses a knot that is a link out of the directory`() throws {
    let (files, other) = (try PathFiles(), try PathFiles())
    let certificate = try files.findings(on: files.population, confidence: 0.9).certificate
    let directory = files.directory.path(percentEncoded: false)
    try certificate.requireKnots(inside: directory)
    try FileManager.default.removeItem(atPath: files.path("2.safetensors"))
    try FileManager.default.createSymbolicLink(
      atPath: files.path("2.safetensors"), withDestinationPath: other.path("2.safetensors"))
    #expect(throws: FormatError.self) { try certificate.requireKnots(inside: directory) }
  }
}
