import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite struct `Dropout` {
  @Test func `curve is that of all subsets, enumerated`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--precision", "double", "--bias")
    let run = try Tool.run(
      "dropout", "a.safetensors", "--data", gaussians, "--all", "--format", "json", in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    let json = try run.json()
    let network = try ModelFile<Double>(path: scratch.path("a.safetensors")).network
    let samples: Samples<Double> = try DataSpecification(parsing: gaussians).samples()
    let risk = try EmpiricalRisk(samples, loss: .squared)
    let whole = network.evaluate(on: risk)
    #expect(json["width"] as? Int == 8)
    #expect(abs((json["loss"] as? Double ?? .nan) - whole.loss) < 1e-13)
    #expect(json["error"] as? Double == whole.error)
    let curve = try #require(json["curve"] as? [[String: Any]])
    #expect(curve.map { $0["kept"] as? Int } == Array(1...8))
    for (m, point) in zip(1...8, curve) {
      let losses = (0..<256).filter { $0.nonzeroBitCount == m }.map { bits in
        network.keeping(KeptNeurons(layers: [(0..<8).filter { bits >> $0 & 1 == 1 }]))
          .evaluate(on: risk).loss
      }
      let mean = losses.reduce(0, +) / Double(losses.count)
      let variance =
        losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(losses.count)
      let first = network.keeping(.first([m])).evaluate(on: risk)
      #expect(abs((point["expectedLoss"] as? Double ?? .nan) - mean) < 1e-12 * (1 + mean))
      #expect(
        abs((point["standardDeviation"] as? Double ?? .nan) - variance.squareRoot())
          < 1e-7 * (1 + mean))
      #expect(abs((point["lossOfFirst"] as? Double ?? .nan) - first.loss) < 1e-12)
      #expect(point["errorOfFirst"] as? Double == first.error)
    }
  }

  @Test func `random subsets have quantiles, the same for any number of threads`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--loss", "cross-entropy", "--hidden", "30")
    func run(_ more: String...) throws -> Tool.Run {
      try Tool.run(
        [
          "dropout", "a.safetensors", "--data", gaussians, "--keep", "0.5", "--select", "random",
          "--draws", "9", "--format", "json",
        ] + more, in: scratch)
    }
    let one = try run("--threads", "1")
    #expect(one.code == 0)
    #expect(try one.output == run("--threads", "2").output)
    #expect(try one.output != run("--seed", "5").output)
    let curve = try #require(try one.json()["curve"] as? [[String: Any]])
    let point = try #require(curve.first)
    #expect(curve.count == 1 && point["kept"] as? Int == 15)
    // Cross-entropy: a bound in place of the mean, no formula for the deviation.
    #expect(point["expectedLossIsUpperBound"] as? Bool == true)
    #expect(point["standardDeviation"] is NSNull)
    let sampled = try #require(point["sampledLoss"] as? [String: Any])
    #expect(sampled["draws"] as? Int == 9)
    let quantiles = try #require(sampled["quantiles"] as? [[String: Double]])
    let values = quantiles.compactMap { $0["value"] }
    #expect(values.count == quantiles.count && values == values.sorted())
  }

  @Test func `how many can go under cross-entropy is measured, with the bound beside`() throws {
    let scratch = try Scratch()
    let train = try Tool.run(
      "train", "--data", "digits", "--hidden", "100", "--loss", "cross-entropy", "--passes", "10",
      "--step-size", "0.1", "--precision", "double", "--quiet", "-o", "c.safetensors", in: scratch)
    try #require(train.code == 0, "\(train.errors)")
    let arguments = ["dropout", "c.safetensors", "--data", "digits", "--tolerance", "0.05"]
    let json = try Tool.run(arguments + ["--format", "json"], in: scratch).json()
    let last = try #require(json["lastLayer"] as? [String: Any])
    let needed = try #require(last["needed"] as? Int)
    #expect(needed > 1 && needed < 100 && last["removable"] as? Int == 100 - needed)
    let measured = try #require(last["measured"] as? [String: Any])
    #expect(measured["kept"] as? Int == needed && measured["draws"] as? Int == 20)
    func number(_ key: String) -> Double { measured[key] as? Double ?? .nan }
    #expect(number("rise") + 2 * number("standardDeviation") <= 0.05)
    #expect(number("upperBound") > 0.05, "the bound would not let so many go")
    let interval = try #require(measured["interval"] as? [Double])
    #expect(interval[0] < number("rise") && number("rise") < interval[1])
    // The same sets as those of --select random at that M.
    let curve = try Tool.run(
      arguments + [
        "--select", "random", "--draws", "20", "--keep-count", "\(needed)", "--format", "json",
      ], in: scratch
    ).json()
    let point = try #require((curve["curve"] as? [[String: Any]])?.first)
    let sampled = try #require(point["sampledLoss"] as? [String: Any])
    let loss = try #require(json["loss"] as? Double)
    #expect(abs((sampled["mean"] as? Double ?? .nan) - loss - number("rise")) < 1e-12)
    let text = try Tool.run(arguments, in: scratch).output.split(separator: "\n")
      .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
    #expect(
      text.contains(
        "\(100 - needed) of 100 neurons can go if the measured mean + 2 s.d. may rise by 0.05"))
    #expect(text.contains("a bound that holds for any parameters says at most "))
  }

  @Test func `layers are reported alone, together and from each on up`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--hidden", "8,6", "--precision", "double")
    let arguments = ["dropout", "a.safetensors", "--data", gaussians, "--format", "json"]
    let json = try Tool.run(arguments, in: scratch).json()
    let network = try ModelFile<Double>(path: scratch.path("a.safetensors")).network
    let samples: Samples<Double> = try DataSpecification(parsing: gaussians).samples()
    let risk = try EmpiricalRisk(samples, loss: .squared)
    func loss(_ kept: [[Int]?]) -> Double {
      network.keeping(KeptNeurons(layers: kept)).evaluate(on: risk).loss
    }
    let (h1, h2) = (Array(0..<4), Array(0..<3))
    let halves = try #require(json["halves"] as? [String: Any])
    func losses(_ key: String) -> [Double] {
      (halves[key] as? [[String: Any]] ?? []).map { $0["loss"] as? Double ?? .nan }
    }
    for (found, expected) in zip(
      losses("alone") + losses("partial"),
      [loss([h1, nil]), loss([nil, h2]), loss([h1, h2]), loss([nil, h2])])
    {
      #expect(abs(found - expected) < 1e-12)
    }
    #expect(losses("alone").count == 2 && losses("partial").count == 2)
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(layers.map { $0["layer"] as? Int } == [1, 2])
    let second = try Tool.run(arguments + ["--layer", "2", "--keep-count", "3"], in: scratch)
    let curve = try #require(try second.json()["curve"] as? [[String: Any]])
    #expect(abs((curve[0]["lossOfFirst"] as? Double ?? .nan) - loss([nil, h2])) < 1e-12)
    let third = try Tool.run(arguments + ["--layer", "3"], in: scratch)
    #expect(third.code == 64 && third.errors.contains("hidden layers 1 to 2"))
  }

  @Test func `refitting is never worse where it is fitted`() throws {
    let scratch = try Scratch()
    try scratch.write(
      (0..<60).map { i in "\(i % 7),\(i % 5),\(i % 11),\(i % 3 == 0 ? 1 : 0)\n" }.joined(),
      to: "data.csv")
    let train = try Tool.run(
      "train", "--data", "data.csv:standardize", "--hidden", "12", "--steps", "500", "-o",
      "a.safetensors", in: scratch)
    #expect(train.code == 0, "\(train.errors)")
    let run = try Tool.run(
      "dropout", "a.safetensors", "--data", "data.csv:standardize,split=train", "--refit",
      "--keep-count", "4", "--format", "json", in: scratch)
    let curve = try #require(try run.json()["curve"] as? [[String: Any]])
    let refit = try #require(curve[0]["refit"] as? [String: Any])
    let (fitted, plain) = (refit["loss"] as? Double, curve[0]["lossOfFirst"] as? Double)
    #expect(try #require(fitted) < #require(plain))
  }

  @Test func `figure is written with its data and script`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    let run = try Tool.run(
      "dropout", "a.safetensors", "--data", gaussians, "--figure", "curve.svg", in: scratch)
    #expect(run.code == 0)
    #expect(scratch.exists("curve.csv") && scratch.exists("curve.gp"))
    #expect(scratch.exists("curve.svg") || run.errors.contains("gnuplot"))
  }

  @Test func `a refit of several layers is of the last one, and says so`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--hidden", "8,8")
    let command = ["dropout", "a.safetensors", "--data", gaussians, "--refit", "--format", "csv"]
    for more in [[], ["--layer", "1"]] {
      let refused = try Tool.run(command + more, in: scratch)
      #expect(refused.code == 64 && refused.errors.contains("expected --layer 2"))
    }
    let run = try Tool.run(command + ["--layer", "2"], in: scratch)
    #expect(run.code == 0 && run.output.contains("refitted loss"), "\(run.errors)")
  }

  @Test func `figure draws all that was asked for`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    let command = ["dropout", "a.safetensors", "--data", gaussians, "--figure"]
    func header(_ name: String, _ more: String...) throws -> String {
      let run = try Tool.run(command + [name + ".svg"] + more, in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      let csv = String(decoding: try scratch.bytes(name + ".csv"), as: UTF8.self)
      return String(csv.prefix { $0 != "\n" })
    }
    let all = try header("all", "--select", "random", "--refit")
    for measured in ["squared loss", "0-1 error"] {
      #expect(all.contains("\(measured): first M neurons"))
      #expect(all.contains("\(measured): random subsets, median"))
      #expect(all.contains("\(measured): first M, output layer refitted"), "\(all)")
    }
    let plain = try header("plain")
    #expect(!plain.contains("random subsets, median") && !plain.contains("refitted"))
    let script = String(decoding: try scratch.bytes("plain.gp"), as: UTF8.self)
    #expect(script.contains("'8' 8.0 0") && !script.contains(" with lines "))
  }
}
