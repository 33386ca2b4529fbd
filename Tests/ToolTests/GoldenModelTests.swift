import Foundation
import Testing

/// Networks trained by PyTorch, measured by the tool and by NumPy (`Fixtures/make_goldens.py`).
@Suite struct `Models from PyTorch` {
  struct Golden: Decodable, CustomTestStringConvertible {
    struct Measures: Decodable {
      var squared: Double
      var crossEntropy: Double
      var error: Double

      private enum CodingKeys: String, CodingKey {
        case squared, crossEntropy = "cross-entropy", error
      }

      func loss(_ name: String) -> Double { name == "squared" ? squared : crossEntropy }
    }

    struct Point: Decodable {
      var kept: Int
      var mean: Double
      var deviation: Double
      var bound: Double
      var first: Measures
    }

    /// The first neurons of every hidden layer.
    struct Pruned: Decodable {
      var keep: Double
      var widths: [Int]
      var squared: Double
      var crossEntropy: Double
      var error: Double

      private enum CodingKeys: String, CodingKey {
        case keep, widths, squared, crossEntropy = "cross-entropy", error
      }

      func loss(_ name: String) -> Double { name == "squared" ? squared : crossEntropy }
    }

    struct Model: Decodable {
      var evaluate: Measures
      var dropout: [Point]
      var halves: [Measures]
      var prune: [Pruned]
    }

    struct Path: Decodable {
      var knots: [Double]
      var barrier: Double
    }

    var name: String
    var layers: Int
    var scaling: String
    var a: String
    var b: String
    var models: [String: Model]
    var connect: [String: Path]

    var testDescription: String { name }

    static let all: [Golden] = {
      do {
        return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: url("goldens.json")))
      } catch { fatalError("goldens.json: \(error)") }
    }()

    static func url(_ name: String) -> URL {
      Bundle.module.resourceURL!.appending(path: "Fixtures/" + name)
    }

    static func path(_ name: String) -> String { url(name).path(percentEncoded: false) }

    /// The files of the two models, each with its numbers.
    var files: [(path: String, numbers: Model)] {
      [(Golden.path(a), models["a"]!), (Golden.path(b), models["b"]!)]
    }
  }

  private static let tolerance = 1e-10

  private func close(
    _ found: Any?, _ expected: Double, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let found = found as? Double ?? .nan
    #expect(
      abs(found - expected) <= Self.tolerance, "\(what): \(found), NumPy \(expected)",
      sourceLocation: sourceLocation)
  }

  private static let data = "digits:split=all,limit=300"

  private func run(
    _ command: String, _ golden: Golden, _ loss: String, _ more: [String], data: String = data
  ) throws -> [String: Any] {
    let run = try Tool.run(
      [
        command, "--data", data, "--activation", "relu", "--loss", loss,
        "--scaling", golden.scaling, "--format", "json",
      ] + more, in: Scratch())
    try #require(run.code == 0, "\(run.errors)")
    return try run.json()
  }

  @Test(arguments: Golden.all, ["squared", "cross-entropy"])
  func `evaluate agrees with NumPy`(_ golden: Golden, _ loss: String) throws {
    for (path, numbers) in golden.files {
      let json = try run("evaluate", golden, loss, [path])
      close(json["loss"], numbers.evaluate.loss(loss), "loss")
      close(json["error"], numbers.evaluate.error, "error")
      #expect(json["samples"] as? Int == 300)
    }
  }

  @Test func `Flax names give the same network`() throws {
    let golden = try #require(Golden.all.first { $0.name == "digits-2-standard" })
    let json = try run("evaluate", golden, "squared", [Golden.path("flax.npz")])
    close(json["loss"], golden.models["a"]!.evaluate.squared, "loss")
  }

  @Test(arguments: Golden.all, ["squared", "cross-entropy"])
  func `dropout agrees with all subsets, enumerated by NumPy`(
    _ golden: Golden, _ loss: String
  ) throws {
    for (path, numbers) in golden.files {
      let counts = numbers.dropout.flatMap { ["--keep-count", "\($0.kept)"] }
      let json = try run(
        "dropout", golden, loss, [path, "--layer", "\(golden.layers)"] + counts)
      let curve = try #require(json["curve"] as? [[String: Any]])
      #expect(curve.count == numbers.dropout.count)
      for point in curve {
        let expected = try #require(numbers.dropout.first { $0.kept == point["kept"] as? Int })
        let name = "M = \(expected.kept), "
        if loss == "squared" {
          close(point["expectedLoss"], expected.mean, name + "mean")
          close(point["standardDeviation"], expected.deviation, name + "deviation")
        } else {
          #expect(point["expectedLossIsUpperBound"] as? Bool == true)
          close(point["expectedLoss"], expected.bound, name + "bound")
        }
        close(point["lossOfFirst"], expected.first.loss(loss), name + "loss of first")
        close(point["errorOfFirst"], expected.first.error, name + "error of first")
      }
    }
  }

  @Test(arguments: Golden.all, ["squared", "cross-entropy"])
  func `first neurons of several layers agree with NumPy`(_ golden: Golden, _ loss: String) throws {
    for (path, numbers) in golden.files {
      let fractions = numbers.prune.flatMap { ["--keep", "\($0.keep)"] }
      let json = try run("dropout", golden, loss, [path] + fractions)
      let curve = try #require(json["curve"] as? [[String: Any]])
      #expect(curve.count == numbers.prune.count)
      for point in curve {
        let expected = try #require(
          numbers.prune.first { $0.widths.last == point["kept"] as? Int })
        close(point["lossOfFirst"], expected.loss(loss), "first of all layers, \(expected.widths)")
        close(point["errorOfFirst"], expected.error, "error")
      }
      let halves = try #require(json["halves"] as? [String: Any])
      let first = try #require(halves["first"] as? [String: Any])
      close(first["loss"], numbers.halves[0].loss(loss), "every layer")
      close(first["error"], numbers.halves[0].error, "error")
      guard golden.layers > 1 else { continue }
      let partial = try #require(halves["partial"] as? [[String: Any]])
      #expect(partial.count == golden.layers && numbers.halves.count == golden.layers)
      for (index, (found, expected)) in zip(partial, numbers.halves).enumerated() {
        close(found["loss"], expected.loss(loss), "layers \(index + 1) and up")
      }
    }
  }

  @Test(arguments: Golden.all, ["squared", "cross-entropy"])
  func `connect agrees with the dropout networks, run by NumPy`(
    _ golden: Golden, _ loss: String
  ) throws {
    let json = try run("connect", golden, loss, golden.files.map(\.path))
    let expected = golden.connect[loss]!
    let knots = try #require(json["knots"] as? [[String: Any]])
    #expect(knots.count == 4 * golden.layers + 2 && expected.knots.count == knots.count)
    for (index, (knot, loss)) in zip(knots, expected.knots).enumerated() {
      close(knot["loss"], loss, "knot \(index)")
    }
    close(json["barrier"], expected.barrier, "barrier")
    #expect(json["exact"] as? Bool == true)
  }

  @Test(arguments: Golden.all, ["squared", "cross-entropy"])
  func `prune agrees with NumPy`(_ golden: Golden, _ loss: String) throws {
    for (path, numbers) in golden.files {
      for expected in numbers.prune {
        let json = try run(
          "prune", golden, loss,
          [
            path, "--held-out", Self.data, "--keep", "\(expected.keep)", "--select", "first", "-o",
            "s.safetensors",
          ], data: "digits")
        let after = try #require(json["after"] as? [String: Any])
        #expect(after["hidden"] as? [Int] == expected.widths)
        let heldOut = try #require(json["heldOut"] as? [String: Any])
        close(heldOut["prunedLoss"], expected.loss(loss), "loss, \(expected.widths)")
        close(heldOut["prunedError"], expected.error, "error, \(expected.widths)")
      }
    }
  }
}
