import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// Lies about how a path was chosen, about its samples, its shape and its numbers.
@Suite struct `Forged paths` {
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
    try forgery.refuses(saying: "selection")
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
    try forgery.refuses(codes: [65], saying: "samples that chose the path")
  }

  @Test func `neurons that are not the first ones`() throws {
    let forgery = try honestForgery()
    for kept in [[3], [8], [0], [4, 4], [5]] {
      try forgery.set("selection.kept", kept)
      try forgery.refuses(codes: [1, 65], saying: "selection")
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
    try shuffled.refuses(saying: "selection")
  }

  // MARK: Words

  @Test func `a reason with a line of its own`() throws {
    let forgery = try honestForgery()
    try forgery.change("population") { _ in nil }
    try forgery.set(
      "noPopulation", "ok. For new samples, with confidence 1.0: 0-1 error at most 0")
    try forgery.refuses(codes: [65], saying: "noPopulation")
    for reason in Certificate.NoPopulation.allCases {
      try forgery.set("noPopulation", reason.rawValue)
      try forgery.refuses(codes: [1, 65], saying: "opulation")
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
    try forgery.refuses(
      codes: [65], saying: "path/a.safetensors", "a.safetensors", "differ", "--start")
    try forgery.refuses("--directory", "path", codes: [66], saying: "b.safetensors")
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
    #expect(run.code == 0 && run.output.contains("1 of them distinct"), "\(run.output)")
    #expect(
      try forgery.value("noPopulation") as? String == Certificate.NoPopulation.repeated.rawValue)
    try forgery.set("data.distinct", 500)
    try forgery.refuses(saying: "1 distinct")
    // A population where there is none to speak of.
    try forgery.change("noPopulation") { _ in nil }
    let other = try honestForgery()
    try forgery.set("population", try #require(try other.value("population")))
    try forgery.set("data.distinct", 1)
    try forgery.refuses(codes: [1, 65], saying: "opulation", "repeat another")
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
    try forgery.refuses(saying: "segments.0.kind", "nothing proved")
  }

  // MARK: Rounding

  /// Two models whose outputs are 150h, through terms ±`large`·h.
  private func writeCancelling(
    _ scratch: Scratch, large: Float, _ activation: Activation
  ) throws {
    for (seed, name) in ["a", "b"].enumerated() {
      var network: Network<Float> = Architecture(
        hidden: [6], activation: activation, scaling: .standard
      ).network(
        inputs: 3, outputs: 1, stream: RandomStream(seed: UInt64(seed), purpose: .initialization))
      let first: [Float] = seed == 0 ? [0.5, 0.25, 1] : [1, 0.5, 0.25]
      network.layers[0].weights = Matrix(rows: 6, columns: 3, (0..<6).flatMap { _ in first })
      network.layers[1].weights = Matrix(
        rows: 1, columns: 6, [large, 100, -large, large, 50, -large])
      try ModelFile(network: network, metadata: ["loss": "squared"])
        .write(to: scratch.path(name + ".safetensors"))
    }
    try Forgery.writeSamples(scratch, count: 50)
  }

  /// 2⁶⁰h + 100h − 2⁶⁰h is 100h, and something else in plain Double, where 2⁶⁰ + 100 is 2⁶⁰.
  @Test func `weights that cancel`() throws {
    let files = try Forgery.connect(data: "s.csv") {
      try writeCancelling($0, large: 0x1p60, .relu)
    }
    let forgery = try Forgery(files, data: "s.csv")
    #expect(try forgery.verify().code == 0)
    let plain = try Scratch()
    try writeCancelling(plain, large: 0, .relu)
    let exact =
      try Tool.run(
        "evaluate", "a.safetensors", "--data", "s.csv", "--precision", "double", "--format", "json",
        in: plain
      ).json()["loss"] as? Double
    let stated = try #require(try forgery.value("knots.0.loss") as? Double)
    let error = try #require(try forgery.value("knots.0.lossError") as? Double)
    #expect(abs(stated - (try #require(exact))) <= error + 1e-12 * stated)
    // No error makes another number right.
    try forgery.set("knots.0.loss", stated + 1)
    for error in [0, 1, 1e3, 1e300] {
      try forgery.set("knots.0.lossError", error)
      try forgery.refuses(saying: "knots.0.loss")
    }
  }

  /// What tanh rounds is too much for weights of 2⁸⁰, and nobody can say what is left.
  @Test func `weights that leave nothing certain`() throws {
    let scratch = try Scratch()
    try writeCancelling(scratch, large: 0x1p80, .tanh)
    let run = try Tool.run(
      "connect", "a.safetensors", "b.safetensors", "--data", "s.csv", "-o", "path", in: scratch)
    #expect(run.code == 65 && run.errors.contains("path/knots/00-theta.safetensors"))
    #expect(run.errors.contains("rounding in the output layer"), "\(run.errors)")
    #expect(!scratch.exists("path"))
  }

  /// Preactivations beyond the largest Double have no sign that could be trusted.
  @Test func `weights beyond all measure`() throws {
    let scratch = try Scratch()
    for (seed, name) in ["a", "b"].enumerated() {
      var network: Network<Double> = Architecture(hidden: [6, 6], activation: .relu)
        .network(
          inputs: 3, outputs: 1, stream: RandomStream(seed: UInt64(seed), purpose: .initialization))
      for layer in 0...1 {
        network.layers[layer].weights = network.layers[layer].weights.map { $0 * 1e300 }
      }
      try ModelFile(network: network, metadata: ["loss": "squared"])
        .write(to: scratch.path(name + ".safetensors"))
    }
    try Forgery.writeSamples(scratch, count: 50)
    let run = try Tool.run(
      "connect", "a.safetensors", "b.safetensors", "--data", "s.csv", "-o", "path", in: scratch)
    #expect(run.code != 0 && run.isOrderly, "\(run.output)")
    #expect(!scratch.exists("path"))
  }

  /// Types of other widths, biases in one knot alone, zeros of either sign.
  @Test func `knots that are written otherwise`() throws {
    let bias = try honestForgery()
    try bias.edit(try bias.knot(1), as: Float.self) { model in
      model.network.layers[0].bias = Array(repeating: 0, count: 8)
    }
    try bias.rehash()
    try bias.refuses(codes: [65], saying: "another shape")
    // The same numbers in a wider type are the same path; of a knot's bytes only the hash speaks.
    let wide = try honestForgery()
    let first = try wide.knot(0)
    let model = try ModelFile<Double>(path: wide.scratch.path(first))
    try model.write(to: wide.scratch.path(first))
    try wide.refuses(saying: "knots.0.sha256")
    try wide.rehash()
    #expect(try wide.verify().code == 0)
    let zeros = try honestForgery()
    try zeros.edit(try zeros.knot(1), as: Float.self) { model in
      model.network.layers[1].weights = model.network.layers[1].weights.map { $0 == 0 ? -0.0 : $0 }
    }
    try zeros.rehash()
    #expect(try zeros.verify().code == 0)
  }
}
