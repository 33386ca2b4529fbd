import Experiments
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// The files of a certified path between two small networks, made once.
private let honest = Result { try Forgery.connect(data: gaussians) }

private func honestForgery() throws -> Forgery { try Forgery(honest.get(), data: gaussians) }

extension Forgery {
  /// The files of an honest certificate.
  ///
  /// - Parameter prepare: writes models or data; unless it does, models are trained.
  fileprivate static func connect(
    data: String, _ arguments: [String] = [], prepare: (Scratch) throws -> Void = { _ in }
  ) throws -> [String: Data] {
    let scratch = try Scratch()
    try prepare(scratch)
    for (name, seed) in [("a.safetensors", "1"), ("b.safetensors", "2")]
    where !scratch.exists(name) {
      try scratch.train(name, "--seed", seed)
    }
    let run = try Tool.run(
      ["connect", "a.safetensors", "b.safetensors", "--data", data, "-o", "path", "-q"]
        + arguments, in: scratch)
    try #require(run.code == 0, "\(run.errors)")
    let names = try FileManager.default.subpathsOfDirectory(atPath: scratch.path(""))
    return try Dictionary(
      uniqueKeysWithValues: names.filter { $0.contains(".") }.map { ($0, try scratch.bytes($0)) })
  }

  /// Writes two networks of one shape as models.
  fileprivate static func writeModels(
    _ scratch: Scratch, hidden: [Int], inputs: Int = 3, outputs: Int = 1,
    activation: Activation = .tanh
  ) throws {
    for (seed, name) in ["a", "b"].enumerated() {
      let network: Network<Float> = Architecture(hidden: hidden, activation: activation)
        .network(
          inputs: inputs, outputs: outputs,
          stream: RandomStream(seed: UInt64(seed), purpose: .initialization))
      try ModelFile(network: network, metadata: ["loss": "squared"])
        .write(to: scratch.path(name + ".safetensors"))
    }
  }

  /// Writes `s.csv` with samples of two classes; `copies` of each.
  fileprivate static func writeSamples(
    _ scratch: Scratch, count: Int, copies: Int = 1, inputs: Int = 3
  ) throws {
    var generator = RandomStream(seed: 4, purpose: .bootstrap).generator()
    let rows = (0..<count).flatMap { _ in
      let x = (0..<inputs).map { _ in Double(generator.next() >> 40) * 0x1p-24 }
      let row =
        x.map { "\($0)" }.joined(separator: ",") + (x[0] > x[1] ? ",1\n" : ",-1\n")
      return [String](repeating: row, count: copies)
    }
    try scratch.write(rows.joined(), to: "s.csv")
  }
}

/// What is false is refused, with all hashes and numbers around it put right.
@Suite struct `Forged certificates` {
  private func refuses(
    _ forgery: Forgery, _ more: String..., codes: Set<Int32> = [1], saying words: String...,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let run = try Tool.run(
      ["verify", Forgery.certificate, "--data", forgery.data] + more, in: forgery.scratch)
    #expect(
      run.isOrderly && codes.contains(run.code), "\(run.output) \(run.errors)",
      sourceLocation: location)
    for word in words {
      #expect(
        (run.output + run.errors).contains(word), "\(word): \(run.output) \(run.errors)",
        sourceLocation: location)
    }
  }

  @Test func `the kit itself is honest`() throws {
    let forgery = try honestForgery()
    #expect(try forgery.verify().code == 0)
    try forgery.rehash()
    try forgery.restate()
    let run = try forgery.verify()
    #expect(run.code == 0, "\(run.output)")
    #expect(!run.output.contains("Claimed"))
    for model in ["a.safetensors", "b.safetensors"] {
      let digest = try sha256(ofFile: forgery.scratch.path(model))
      #expect(run.output.contains(digest) && run.output.contains(model))
    }
  }

  // MARK: Contradicted metadata

  @Test(arguments: [("activation", "relu"), ("scaling", "standard")])
  func `a model that says it is another network`(_ key: String, _ word: String) throws {
    for model in ["a.safetensors", "b.safetensors"] {
      let forgery = try honestForgery()
      try forgery.editMetadata(model) { $0[key] = word }
      try forgery.rehash()
      try forgery.restate()
      try refuses(forgery, saying: "of the path", key, word)
      // Of another tool's word nobody knows what it means; whoever verifies is told what is claimed.
      try forgery.editMetadata(model) { $0["landbridge.version"] = nil }
      try forgery.restate()
      let run = try forgery.verify()
      #expect(run.code == 0 && run.output.contains("Claimed, not checkable"), "\(run.output)")
    }
  }

  @Test func `where models say nothing, what is claimed is printed`() throws {
    let forgery = try honestForgery()
    for model in ["a.safetensors", "b.safetensors"] {
      try forgery.editMetadata(model) { $0 = [:] }
    }
    try forgery.restate()
    let run = try forgery.verify()
    #expect(run.code == 0, "\(run.output)")
    let words = run.output.replacing("\n  ", with: " ")
    #expect(words.contains("Claimed, not checkable: a.safetensors: its activation is tanh"))
    #expect(words.contains("its scaling is mean-field"))
    let json = try forgery.verify("--format", "json").json()
    #expect((json["claimed"] as? [String])?.count == 4)
  }

  @Test func `knots of other activations than the first`() throws {
    let forgery = try honestForgery()
    try forgery.editMetadata(try forgery.knot(2)) { $0["activation"] = "relu" }
    try forgery.rehash()
    try refuses(forgery, codes: [65], saying: "another shape")
  }

  // MARK: Layers

  @Test func `layers in another order`() throws {
    let files = try Forgery.connect(data: "s.csv") {
      try Forgery.writeModels($0, hidden: [6, 6, 6])
      try Forgery.writeSamples($0, count: 60)
    }
    let forgery = try Forgery(files, data: "s.csv")
    let order = ["layers.0", "layers.2", "layers.1", "layers.3"]
    for index in 0...1 { try forgery.set("models.\(index).layers", order) }
    for index in try 0..<forgery.knotCount {
      try forgery.edit(try forgery.knot(index), as: Float.self) { $0.network.layers.swapAt(1, 2) }
    }
    try forgery.set("selection.kept", [3, 3, 3])
    try forgery.restate()
    try refuses(forgery, saying: "the order of layers")
    // A file from elsewhere may have any order; whoever verifies is told.
    for model in ["a.safetensors", "b.safetensors"] {
      try forgery.editMetadata(model) { $0 = [:] }
    }
    try forgery.restate()
    let run = try forgery.verify()
    #expect(run.output.replacing("\n  ", with: " ").contains("layers.0\", \"layers.2\""))
  }

  // MARK: Every number, every word

  /// All leaves of the JSON, by their keys.
  private func leaves(_ value: Any, _ key: String = "") -> [(String, Any)] {
    func below(_ name: String) -> String { key.isEmpty ? name : key + "." + name }
    if let list = value as? [Any] {
      return list.enumerated().flatMap { leaves($1, below("\($0)")) }
    }
    if let object = value as? [String: Any] {
      return object.keys.sorted().flatMap { leaves(object[$0]!, below($0)) }
    }
    return [(key, value)]
  }

  @Test func `every number`() throws {
    let original = try honest.get()[Forgery.certificate]!
    let forgery = try honestForgery()
    let numbers = leaves(try forgery.json).filter { $0.1 is NSNumber }
    #expect(numbers.count > 150)
    for (key, value) in numbers {
      try forgery.scratch.write(original, to: Forgery.certificate)
      let number = value as! NSNumber
      let isFlag = ["true", "false"].contains("\(value)")
      let isInteger = number.doubleValue == number.doubleValue.rounded()
      let x = number.doubleValue
      for new in isFlag
        ? [!number.boolValue]
        : isInteger
          ? [number.intValue + 1, -number.intValue - 1] as [Any]
          : [x * 1.0001, x * 0.9999, -x, x * 1e9, 1e300] as [Any]
      {
        try forgery.set(key, new)
        try refuses(forgery, codes: [1, 65])
      }
    }
  }

  @Test func `every word`() throws {
    let original = try honest.get()[Forgery.certificate]!
    let forgery = try honestForgery()
    let words = leaves(try forgery.json).filter { $0.1 is String }
    #expect(words.count > 40)
    for (key, value) in words {
      try forgery.scratch.write(original, to: Forgery.certificate)
      try forgery.set(key, (value as! String) + "0")
      let run = try forgery.verify()
      if ["toolVersion", "data.specification"].contains(key) {
        // No claims; the second one is nowhere shown.
        #expect(run.code == 0, "\(run.output)")
      } else {
        #expect([1, 65, 66].contains(run.code), "\(key): \(run.output)")
      }
      try forgery.set(key, "\u{1b}[2J\nAll claims hold.\u{202e}")
      let cleared = try forgery.verify()
      #expect(!(cleared.output + cleared.errors).contains("\u{1b}"), "\(key)")
      #expect(!(cleared.output + cleared.errors).contains("\u{202e}"), "\(key)")
      #expect(!cleared.output.contains("\nAll claims hold."), "\(key)")
    }
  }

  @Test func `every key left out, and keys that are none`() throws {
    let original = try honest.get()[Forgery.certificate]!
    let forgery = try honestForgery()
    for key in try forgery.json.keys.sorted() {
      try forgery.scratch.write(original, to: Forgery.certificate)
      try forgery.change(key) { _ in nil }
      try refuses(forgery, codes: [1, 65])
    }
    for key in [
      "barrierChord", "barrierMidpoint", "comment", "knots.0.name", "population.note",
      "data.file", "selection.data", "models.0.activation",
    ] {
      try forgery.scratch.write(original, to: Forgery.certificate)
      try forgery.set(key, 0)
      try refuses(forgery, codes: [65], saying: "unknown key")
    }
  }

  @Test func `numbers that no JSON has`() throws {
    for text in ["1e999", "-1e999", "NaN", "1e-999999999999", "0x1p3", "\"1\"", "[0]", "null"] {
      let forgery = try honestForgery()
      let value = try #require(try forgery.value("maximumLoss") as? NSNumber)
      try forgery.replace("\"maximumLoss\" : \(value)", "\"maximumLoss\" : \(text)")
      try refuses(forgery, codes: [1, 65])
    }
    let twice = try honestForgery()
    try twice.replace("\"barrier\" :", "\"barrier\" : 0, \"barrier\" :")
    try refuses(twice, codes: [65], saying: "second time")
  }

  @Test func `version 1`() throws {
    let forgery = try honestForgery()
    try forgery.set("version", 1)
    try refuses(forgery, codes: [65], saying: "version", "found 1, expected 2")
  }

  // MARK: How knots were chosen

  @Test func `output weights that were fitted`() throws {
    let files = try Forgery.connect(data: "s.csv", ["--refit"]) {
      try Forgery.writeModels($0, hidden: [8])
      try Forgery.writeSamples($0, count: 60)
    }
    let forgery = try Forgery(files, data: "s.csv")
    let run = try forgery.verify()
    #expect(run.code == 0, "\(run.output)")
    #expect(try forgery.value("selection.outputWeights") as? String == "refitted")
    try forgery.set("selection.outputWeights", "rescaled")
    try forgery.change("selection.fitting") { _ in nil }
    try forgery.change("noPopulation") { _ in nil }
    // With a population and without one.
    try forgery.set("noPopulation", "one sample says nothing of others")
    try forgery.restate()
    #expect(try forgery.value("population") != nil)
    try refuses(forgery, saying: "selection")
    // Fitted elsewhere, says the forger. Nobody can tell, and that is said.
    try forgery.set("selection.outputWeights", "refitted")
    try forgery.set(
      "selection.fitting",
      ["samples": 100, "shared": 0, "sha256": String(repeating: "0", count: 64)])
    try forgery.restate()
    let claimed = try forgery.verify()
    #expect(claimed.code == 0, "\(claimed.output)")
    #expect(claimed.output.replacing("\n  ", with: " ").contains("fitted on other samples"))
    // But not on these.
    try forgery.set("selection.fitting.sha256", try #require(try forgery.value("data.sha256")))
    try refuses(forgery, codes: [65], saying: "samples that chose the path")
  }

  @Test func `neurons that are not the first ones`() throws {
    let forgery = try honestForgery()
    for kept in [[3], [8], [0], [4, 4], [5]] {
      try forgery.set("selection.kept", kept)
      try refuses(forgery, codes: [1, 65], saying: "selection")
    }
    // The neurons of θ in another order, in all knots: the same function, but which were kept?
    let shuffled = try honestForgery()
    try shuffled.editAll { model in
      let order = [1, 5, 0, 7, 2, 3, 6, 4]
      model.network.layers[0].weights = model.network.layers[0].weights.rows(order)
      model.network.layers[0].bias = model.network.layers[0].bias.map { b in order.map { b[$0] } }
      model.network.layers[1].weights = model.network.layers[1].weights.columns(order)
    }
    try shuffled.restate()
    try refuses(shuffled, saying: "selection")
  }

  // MARK: Words

  @Test func `a reason with a line of its own`() throws {
    let forgery = try honestForgery()
    try forgery.change("population") { _ in nil }
    try forgery.set(
      "noPopulation", "ok. For new samples, with confidence 1.0: 0-1 error at most 0")
    try refuses(forgery, codes: [65], saying: "noPopulation")
    for reason in Certificate.NoPopulation.allCases {
      try forgery.set("noPopulation", reason.rawValue)
      try refuses(forgery, codes: [1, 65], saying: "opulation")
    }
  }

  @Test func `the name of other data`() throws {
    let forgery = try honestForgery()
    try forgery.set("data.specification", "mnist:/data/mnist")
    let run = try forgery.verify()
    #expect(run.code == 0 && !(run.output + run.errors).contains("mnist"), "\(run.output)")
    #expect(run.output.contains(gaussians))
  }

  // MARK: Files

  @Test func `a model beside the certificate that is another one`() throws {
    let forgery = try honestForgery()
    let other = try forgery.scratch.bytes("b.safetensors")
    try forgery.scratch.write(other, to: "path/a.safetensors")
    try refuses(
      forgery, codes: [65], saying: "path/a.safetensors", "a.safetensors", "differ", "--start")
    try refuses(forgery, "--directory", "path", codes: [66], saying: "b.safetensors")
    #expect(try forgery.verify("--directory", ".").code == 0)
    #expect(try forgery.verify("--start", "a.safetensors").code == 0)
    // The same contents twice are one model.
    try forgery.scratch.write(
      try forgery.scratch.bytes("a.safetensors"), to: "path/a.safetensors")
    #expect(try forgery.verify().code == 0)
  }

  // MARK: Samples

  @Test func `one sample many times`() throws {
    let files = try Forgery.connect(data: "s.csv") {
      try Forgery.writeModels($0, hidden: [8])
      try Forgery.writeSamples($0, count: 1, copies: 500)
    }
    let forgery = try Forgery(files, data: "s.csv")
    let run = try forgery.verify()
    #expect(run.code == 0 && run.output.contains("1 distinct"), "\(run.output)")
    #expect(
      try forgery.value("noPopulation") as? String == Certificate.NoPopulation.repeated.rawValue)
    try forgery.set("data.distinct", 500)
    try refuses(forgery, saying: "1 distinct")
    // A population where there is none to speak of.
    let told = try forgery.value("noPopulation")
    try forgery.change("noPopulation") { _ in nil }
    let other = try honestForgery()
    try forgery.set("population", try #require(try other.value("population")))
    try forgery.set("data.distinct", 1)
    try refuses(forgery, codes: [1, 65], saying: "opulation", "\(told!)")
  }

  // MARK: Paths

  /// A knot a second time is no other path: nothing that is certified moves.
  @Test func `a knot many times`() throws {
    let forgery = try honestForgery()
    let (barrier, maximum) = (
      try forgery.value("barrier") as? Double, try forgery.value("maximumLoss") as? Double
    )
    try forgery.change("knots") { knots in
      let knots = knots as! [Any]
      return [Any](repeating: knots[0], count: 8) + knots.dropFirst()
    }
    try forgery.change("segments") { segments in
      let segments = segments as! [[String: Any]]
      let constant = segments.first { $0["kind"] as? String == "constant" }!
      let list = [[String: Any]](repeating: constant, count: 7) + segments
      return list.enumerated().map { index, segment in
        var segment = segment
        segment["from"] = index
        segment["to"] = index + 1
        return segment
      }
    }
    try forgery.restate()
    let run = try forgery.verify()
    #expect(run.code == 0, "\(run.output)")
    #expect(try forgery.value("barrier") as? Double == barrier)
    #expect(try forgery.value("maximumLoss") as? Double == maximum)
  }

  @Test func `a segment called affine that is none`() throws {
    let forgery = try honestForgery()
    let last = try forgery.knotCount - 1
    try forgery.change("knots") { [($0 as! [Any])[0], ($0 as! [Any])[last]] }
    try forgery.change("segments") { segments in
      var segment = (segments as! [[String: Any]]).first { $0["kind"] as? String == "affine" }!
      (segment["from"], segment["to"]) = (0, 1)
      return [segment]
    }
    try forgery.restate()
    try refuses(forgery, saying: "segments.0.kind", "nothing proved")
  }
}
