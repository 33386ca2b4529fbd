import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite struct `Prune` {
  /// The numbers of `prune … --format json`, and the network that it wrote.
  private func prune(
    _ model: String, _ more: String..., data: String = gaussians, in scratch: Scratch
  ) throws -> (json: [String: Any], network: Network<Double>) {
    let run = try Tool.run(
      ["prune", model, "--data", data, "-o", "small.safetensors", "--format", "json"] + more,
      in: scratch)
    try #require(run.code == 0, "\(run.errors)")
    #expect(run.errors.isEmpty, "\(run.errors)")
    return (
      try run.json(), try ModelFile<Double>(path: scratch.path("small.safetensors")).network
    )
  }

  /// The samples that select: as many as are held out, those of training with seed 0.
  private func selectionSamples() throws -> Samples<Double> {
    let dataset: Dataset<Double> = try DataSpecification(parsing: gaussians).dataset()
    return dataset.source(seed: 0).samples(500)
  }

  @Test func `the file is a narrower model with the loss that was reported`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--precision", "double", "--bias", "--hidden", "24")
    let original = try ModelFile<Double>(path: scratch.path("a.safetensors")).network
    let selection = try selectionSamples()
    for options in [[], ["--refit"], ["--select", "random"], ["--criterion", "loss"]] {
      let run = try Tool.run(
        [
          "prune", "a.safetensors", "--data", gaussians, "--keep-count", "6", "-o",
          "small.safetensors", "--format", "json",
        ] + options, in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      let json = try run.json()
      let network = try ModelFile<Double>(path: scratch.path("small.safetensors")).network
      #expect(network.hiddenWidths == [6] && network.scaling == original.scaling)
      let evaluation = try Tool.run(
        "evaluate", "small.safetensors", "--data", gaussians, "--format", "json", in: scratch
      ).json()
      let heldOut = try #require(json["heldOut"] as? [String: Any])
      #expect(heldOut["prunedLoss"] as? Double == evaluation["loss"] as? Double)
      #expect(heldOut["prunedError"] as? Double == evaluation["error"] as? Double)
      let measured = try #require(json["selection"] as? [String: Any])
      let risk = try EmpiricalRisk(selection, loss: .squared)
      let whole = original.evaluate(on: risk)
      #expect(abs((measured["loss"] as? Double ?? .nan) - whole.loss) < 1e-12)
      #expect(
        abs(
          (measured["prunedLoss"] as? Double ?? .nan)
            - network.evaluate(on: risk).loss) < 1e-12)

      let layers = try #require(json["layers"] as? [[String: Any]])
      let neurons = try #require(layers[0]["neurons"] as? [Double]).map { Int($0) }
      #expect(network.layers[0].weights == original.layers[0].weights.rows(neurons))
      let plain = original.keeping(KeptNeurons(layers: [neurons]))
      #expect((network == plain) == (options != ["--refit"]))
      let distance = network.outputDistance(to: original, on: risk)
      #expect(abs((measured["outputDistance"] as? Double ?? .nan) - distance) < 1e-12)

      for (key, file, parameters) in [
        ("before", "a.safetensors", original.parameterCount),
        ("after", "small.safetensors", 6 * 6 + 6 + 6 + 1),
      ] {
        let size = try #require(json[key] as? [String: Any])
        #expect(size["bytes"] as? Int == (try scratch.bytes(file).count))
        #expect(size["parameters"] as? Int == parameters, "\(key)")
      }
      let predicted = try #require(json["predicted"] as? [String: Any])
      let moments = original.dropoutMoments(on: risk, standardDeviation: true)
      #expect(predicted["basis"] as? String == "exact")
      #expect(
        abs((predicted["loss"] as? Double ?? .nan) - moments.expectedLoss(kept: 6)) < 1e-12)
      #expect(
        abs(
          (predicted["standardDeviation"] as? Double ?? .nan)
            - moments.standardDeviation(kept: 6)!) < 1e-9)
    }
  }

  @Test func `tolerance keeps the fewest neurons that the formulas allow`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--precision", "double", "--hidden", "40")
    let original = try ModelFile<Double>(path: scratch.path("a.safetensors")).network
    let selection = try selectionSamples()
    let risk = try EmpiricalRisk(selection, loss: .squared)
    let moments = original.dropoutMoments(on: risk, standardDeviation: true)
    for (options, z) in [([], 2.0), (["--standard-deviations", "0"], 0)] {
      let tolerance = 0.5 * moments.evaluation.loss
      let run = try Tool.run(
        [
          "prune", "a.safetensors", "--data", gaussians, "--tolerance", "\(tolerance)", "-o",
          "small.safetensors", "--format", "json",
        ] + options, in: scratch)
      let json = try run.json()
      let fewest = try #require(
        (1...40).first {
          moments.expectedExcess(kept: $0) + z * moments.excessStandardDeviation(kept: $0)!
            <= tolerance
        })
      #expect(fewest > 1 && fewest < 40)
      let found = try #require(json["tolerance"] as? [String: Any])
      #expect(found["kept"] as? Int == fewest)
      #expect(
        try ModelFile<Double>(path: scratch.path("small.safetensors")).network.hiddenWidths
          == [fewest])
      // Fewer will do when they are chosen, and the loss of those is what was measured.
      let greedyKept = try #require(found["greedyKept"] as? Int)
      #expect(greedyKept < fewest)
      for (count, isWithin) in [(greedyKept, true), (greedyKept - 1, false)] where count > 0 {
        let (json, _) = try prune("a.safetensors", "--keep-count", "\(count)", in: scratch)
        let measured = try #require(json["selection"] as? [String: Double?])
        let rise = measured["prunedLoss"]!! - measured["loss"]!!
        #expect((rise <= tolerance) == isWithin)
      }
    }
  }

  /// A confident classifier, whose bound would keep every neuron.
  private func trainClassifier(_ scratch: Scratch) throws {
    let train = try Tool.run(
      "train", "--data", "digits", "--hidden", "100", "--loss", "cross-entropy", "--passes", "10",
      "--step-size", "0.1", "--precision", "double", "--quiet", "-o", "c.safetensors",
      in: scratch)
    try #require(train.code == 0, "\(train.errors)")
  }

  @Test func `tolerance under cross-entropy rests on measured sets, the bound stands beside`()
    throws
  {
    let scratch = try Scratch()
    try trainClassifier(scratch)
    let original = try ModelFile<Double>(path: scratch.path("c.safetensors")).network
    let samples: Samples<Double> = try DataSpecification(parsing: "digits:split=train").samples()
    let risk = try EmpiricalRisk(samples, loss: .crossEntropy)
    let whole = original.evaluate(on: risk).loss
    for (tolerance, draws) in [(0.05, 20), (0.3, 7)] {
      let (json, network) = try prune(
        "c.safetensors", "--tolerance", "\(tolerance)", "--draws", "\(draws)", data: "digits",
        in: scratch)
      let found = try #require(json["tolerance"] as? [String: Any])
      let kept = try #require(found["kept"] as? Int)
      #expect(network.hiddenWidths == [kept] && kept > 1 && kept < 100)
      // The sets that --seed 0 names, evaluated one by one.
      let stream = RandomStream(seed: 0, purpose: .subsets)
      let rises = (0..<draws).map { draw in
        let set = stream.subset(kept, of: 100, item: UInt64(kept) << 32 | UInt64(draw))
        return original.keeping(KeptNeurons(layers: [set])).evaluate(on: risk).loss - whole
      }
      let n = Double(draws)
      let mean = rises.reduce(0, +) / n
      let deviation = (rises.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (n - 1)).squareRoot()
      #expect(mean + 2 * deviation <= tolerance)
      let measured = try #require(json["measured"] as? [String: Any])
      func number(_ key: String) -> Double { measured[key] as? Double ?? .nan }
      #expect(abs(number("rise") - mean) < 1e-10)
      #expect(abs(number("standardDeviation") - deviation) < 1e-10)
      let interval = try #require(measured["interval"] as? [Double])
      let expected = try #require(Estimate(rises).interval)
      #expect(abs(interval[0] - expected.lowerBound) < 1e-10)
      #expect(abs(interval[1] - expected.upperBound) < 1e-10)
      let bound = original.dropoutMoments(on: risk)
      #expect(abs(number("upperBound") - bound.expectedExcess(kept: kept)) < 1e-10)
      #expect(number("upperBound") > 3 * tolerance, "the bound alone would keep more")
      // What was written is within the tolerance too, and says so.
      let rise = network.evaluate(on: risk).loss - whole
      #expect(abs((found["rise"] as? Double ?? .nan) - rise) < 1e-10)
      #expect(rise <= tolerance && found["isWithin"] as? Bool == true)
    }
  }

  @Test func `where nothing can go, or the chosen ones fail, it is said`() throws {
    let scratch = try Scratch()
    try trainClassifier(scratch)
    func text(_ more: String...) throws -> String {
      let run = try Tool.run(
        ["prune", "c.safetensors", "--data", "digits", "-o", "small.safetensors"] + more,
        in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      return run.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        .joined(separator: " ")
    }
    let whole = try text("--tolerance", "0")
    #expect(whole.contains("No neuron can go: with one fewer"))
    #expect(whole.contains("The file holds the whole network."))
    #expect(!whole.contains("fewest"))
    let some = try text("--tolerance", "0.1")
    #expect(
      some.contains("neurons are the fewest whose measured mean + 2 s.d. rises by at most 0.1"))
    #expect(some.contains("20 random sets of "))
    #expect(some.contains("a bound that holds for any parameters says at most "))
    #expect(some.contains("Those kept raise the selection loss by "))
    // With z = 0 half of all sets are worse than the mean: among a few one is.
    let outcomes = try (0..<6).map { seed in
      let (json, _) = try prune(
        "c.safetensors", "--tolerance", "0.1", "--standard-deviations", "0", "--select", "random",
        "--seed", "\(seed)", data: "digits", in: scratch)
      let found = try #require(json["tolerance"] as? [String: Any])
      let rise = try #require(found["rise"] as? Double)
      #expect(found["isWithin"] as? Bool == (rise <= 0.1))
      return (seed, rise <= 0.1)
    }
    let seed = try #require(outcomes.first { !$0.1 }?.0)
    let failed = try text(
      "--tolerance", "0.1", "--standard-deviations", "0", "--select", "random", "--seed",
      "\(seed)")
    #expect(failed.contains("more than the tolerance"))
  }

  @Test func `greedy beats random neurons five times in mean square on digits`() throws {
    let scratch = try Scratch()
    let train = try Tool.run(
      "train", "--data", "digits", "--hidden", "400", "--passes", "10", "--quiet", "-o",
      "a.safetensors", in: scratch)
    #expect(train.code == 0, "\(train.errors)")
    let (json, _) = try prune("a.safetensors", "--keep", "0.125", data: "digits", in: scratch)
    func distance(_ key: String) throws -> Double {
      try #require((json[key] as? [String: Any])?["outputDistance"] as? Double)
    }
    // On the samples that select, and on others.
    #expect(try 5 * distance("selection") <= distance("predicted"))
    #expect(try 5 * distance("heldOut") <= distance("predicted"))
    let heldOut = try #require(json["heldOut"] as? [String: Any])
    #expect(try #require(heldOut["error"] as? Double) < 0.1, "the network has learnt")
  }

  @Test func `all hidden layers at once, or one of them`() throws {
    let scratch = try Scratch()
    try scratch.train("deep.safetensors", "--hidden", "16,8", "--bias")
    let all = try prune("deep.safetensors", "--keep", "0.5", in: scratch)
    #expect(all.network.hiddenWidths == [8, 4])
    let predicted = try #require(all.json["predicted"] as? [String: Any])
    #expect(predicted["basis"] as? String == "sampled" && predicted["draws"] as? Int == 20)
    let layers = try #require(all.json["layers"] as? [[String: Any]])
    #expect(layers.map { $0["kept"] as? Int } == [8, 4])
    let first = try prune(
      "deep.safetensors", "--keep-count", "5", "--layer", "1", "--refit", in: scratch)
    #expect(first.network.hiddenWidths == [5, 8])
    let last = try prune("deep.safetensors", "--keep-count", "5", "--layer", "2", in: scratch)
    #expect(last.network.hiddenWidths == [16, 5])
    #expect((last.json["predicted"] as? [String: Any])?["basis"] as? String == "exact")
    let tolerant = try prune(
      "deep.safetensors", "--tolerance", "0.05", "--draws", "5", in: scratch)
    let kept = (tolerant.json["tolerance"] as? [String: Any])?["kept"] as? Int
    #expect(tolerant.network.hiddenWidths[1] == kept)
  }

  @Test func `same bytes for any number of threads, others for another seed`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--hidden", "300", "--steps", "100")
    for select in ["greedy", "antithetic", "random"] {
      let files = try ["1", "2"].map { threads in
        _ = try prune(
          "a.safetensors", "--keep", "0.1", "--select", select, "--refit", "--threads", threads,
          in: scratch)
        return try scratch.bytes("small.safetensors")
      }
      #expect(files[0] == files[1])
    }
    _ = try prune("a.safetensors", "--keep", "0.1", "--select", "random", in: scratch)
    let network = try ModelFile<Double>(path: scratch.path("small.safetensors")).network
    let other = try prune(
      "a.safetensors", "--keep", "0.1", "--select", "random", "--seed", "1", in: scratch)
    #expect(network != other.network)
  }

  @Test func `files are split, or two of them given`() throws {
    let scratch = try Scratch()
    for (name, count) in [("data.csv", 60), ("more.csv", 35)] {
      try scratch.write(
        (0..<count).map { i in "\(i % 7),\(i % 5),\(i % 11),\(i % 3 == 0 ? 1 : 0)\n" }.joined(),
        to: name)
    }
    let train = try Tool.run(
      "train", "--data", "data.csv:standardize", "--hidden", "12", "--steps", "500", "--loss",
      "cross-entropy", "-o", "a.safetensors", in: scratch)
    #expect(train.code == 0, "\(train.errors)")
    func heldOut(_ json: [String: Any]) -> (samples: Int?, loss: Double?) {
      let measured = json["heldOut"] as? [String: Any]
      return (measured?["samples"] as? Int, measured?["prunedLoss"] as? Double)
    }
    func evaluate(_ data: String) throws -> Double? {
      try Tool.run(
        "evaluate", "small.safetensors", "--data", data, "--format", "json", in: scratch
      ).json()["loss"] as? Double
    }
    let split = try prune(
      "a.safetensors", "--keep", "0.5", "-q", data: "data.csv:standardize", in: scratch)
    #expect(heldOut(split.json).samples == 12)
    #expect((split.json["selection"] as? [String: Any])?["samples"] as? Int == 48)
    #expect(heldOut(split.json).loss == (try evaluate("data.csv:standardize,split=test")))
    #expect((split.json["predicted"] as? [String: Any])?["basis"] as? String == "sampled")
    let two = try prune(
      "a.safetensors", "--keep", "0.5", "-q", "--held-out", "more.csv", data: "data.csv",
      in: scratch)
    #expect(heldOut(two.json).samples == 35)
    #expect((two.json["selection"] as? [String: Any])?["samples"] as? Int == 60)
    #expect(heldOut(two.json).loss == (try evaluate("more.csv")))
  }

  @Test func `text and CSV say the same`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--hidden", "20")
    let arguments = ["prune", "a.safetensors", "--data", gaussians, "-o", "s.safetensors"]
    let text = try Tool.run(arguments + ["--tolerance", "0.3", "--refit"], in: scratch)
    #expect(text.code == 0)
    for words in ["whole", "pruned", "held-out loss", "Predicted", "Refit", "Wrote"] {
      #expect(text.output.contains(words), "\(words)")
    }
    let table = try Tool.run(arguments + ["--keep", "0.5", "--format", "csv"], in: scratch)
    let rows = table.output.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(rows.contains { $0 == ["neurons", "20", "10"] })
  }

  @Test func `options that make no sense are refused with 64`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    try scratch.train("deep.safetensors", "--hidden", "8,6")
    func refuses(
      _ arguments: [String], _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      let before = try scratch.contents
      let run = try Tool.run(["prune"] + arguments, in: scratch)
      #expect(run.code == 64, "\(arguments): \(run.errors)", sourceLocation: sourceLocation)
      #expect(run.output.isEmpty, sourceLocation: sourceLocation)
      for word in words {
        #expect(run.errors.contains(word), "\(run.errors)", sourceLocation: sourceLocation)
      }
      #expect(try scratch.contents == before, sourceLocation: sourceLocation)
    }
    let place = ["-o", "s.safetensors"]
    let known = ["a.safetensors", "--data", gaussians] + place
    try refuses(["a.safetensors", "--data", gaussians, "--keep", "0.5"], "-o")
    try refuses(known, "--keep", "--tolerance")
    try refuses(known + ["--keep", "0.5", "--keep-count", "3"], "exclude")
    try refuses(known + ["--keep", "0.5", "--tolerance", "1"], "exclude")
    for (option, value) in [
      ("--keep", "0"), ("--keep", "1.5"), ("--keep", "nan"), ("--keep-count", "0"),
      ("--keep-count", "9"), ("--tolerance", "nan"), ("--tolerance", "inf"),
    ] {
      try refuses(known + [option, value], option)
    }
    let half = known + ["--keep", "0.5"]
    for (option, value) in [
      ("--layer", "0"), ("--layer", "2"), ("--select", "best"), ("--criterion", "error"),
      ("--ridge", "1"), ("--standard-deviations", "2"), ("--draws", "0"), ("--draws", "5"),
      ("--held-out", "nonsense"),
    ] {
      try refuses(half + [option, value], option)
    }
    try refuses(half + ["--refit", "--ridge", "nan"], "--ridge")
    try refuses(half + ["--criterion", "loss", "--select", "random"], "--select greedy")
    try refuses(known + ["--tolerance", "1", "--standard-deviations", "inf"], "--standard")
    let deep = ["deep.safetensors", "--data", gaussians] + place
    try refuses(deep + ["--keep", "0.5", "--layer", "1", "--criterion", "loss"], "last hidden")
    try refuses(deep + ["--tolerance", "1", "--draws", "1"], "--draws")
    try refuses(
      ["a.safetensors", "--data", "digits:split=test", "--keep", "0.5"] + place, "--held-out")
    try refuses(
      [
        "a.safetensors", "--data", "digits", "--held-out", "digits:split=train", "--keep", "0.5",
      ] + place, "--held-out")
  }

  @Test func `bad files have their codes`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    try scratch.write("nothing", to: "bad.safetensors")
    let rest = ["--data", gaussians, "--keep", "0.5", "-o"]
    for (arguments, code) in [
      (["none.safetensors"] + rest + ["s.safetensors"], 66 as Int32),
      (["bad.safetensors"] + rest + ["s.safetensors"], 65),
      (["a.safetensors"] + rest + ["none/s.safetensors"], 73),
      (["a.safetensors", "--data", "digits", "--keep", "0.5", "-o", "s.safetensors"], 65),
      (
        [
          "a.safetensors", "--data", gaussians, "--held-out", "digits", "--keep", "0.5", "-o",
          "s.safetensors",
        ], 65
      ),
    ] {
      let run = try Tool.run(["prune"] + arguments, in: scratch)
      #expect(run.code == code, "\(arguments): \(run.errors)")
      #expect(run.output.isEmpty && !scratch.exists("s.safetensors"))
    }
  }
}
