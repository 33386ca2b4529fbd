import DataFormats
import Foundation
import Testing

@Suite struct `Reproduce` {
  private let small = [
    "reproduce", "--only", "gaussians", "--widths", "10,21", "--trials", "2", "--steps", "200",
    "-o", "results",
  ]

  @Test(.enabled("needs gnuplot") { hasGnuplot })
  func `leaves a report, figures, tables, numbers and models`() throws {
    let scratch = try Scratch()
    let run = try Tool.run(small, in: scratch)
    #expect(run.code == 0)
    for name in [
      "report.html", "results.json", "figures/gaussians-path.svg", "figures/gaussians-path.csv",
      "figures/gaussians-path.gp", "figures/gaussians-change.svg",
      "figures/gaussians-training-loss.svg", "tables/gaussians-widths.csv",
      "models/gaussians/N0010-trial00.safetensors", "trials/gaussians/N0021-trial01.json",
      "paths/gaussians/N0010-0-1.json",
    ] {
      #expect(scratch.exists("results/" + name), "\(name)")
    }
    let page = String(decoding: try scratch.bytes("results/report.html"), as: UTF8.self)
    #expect(!page.contains("http://") && !page.contains("src=\"http"))

    let json = try #require(
      try parseJSON(scratch.bytes("results/results.json")) as? [String: Any])
    let experiment = try #require((json["experiments"] as? [[String: Any]])?.first)
    let widths = try #require(experiment["widths"] as? [[String: Any]])
    #expect(widths.map { $0["width"] as? Int } == [10, 21])
    let path = try #require((widths[0]["paths"] as? [[String: Any]])?.first)
    let profile = try #require(path["dropout"] as? [String: Any])
    let knots = try #require(profile["knots"] as? [[String: Any]])
    let ends = try #require(profile["endpointLosses"] as? [Double])
    let highest = try #require(knots.compactMap { $0["loss"] as? Double }.max())
    #expect(profile["barrier"] as? Double == highest - ends.max()!)
    #expect(profile["exact"] as? Bool == true)
    for method in ["dropout", "linear"] {
      let points = try #require((path[method] as? [String: Any])?["points"] as? [[String: Any]])
      #expect(points.first?["position"] as? Double == 0)
      #expect(points.last?["position"] as? Double == 1)
    }

    let again = try Tool.run(small, in: scratch)
    #expect(again.code == 0)
    #expect(again.output == run.output)
  }

  @Test func `takes double precision from data to paths, and says so`() throws {
    let scratch = try Scratch()
    let small = ["--only", "gaussians", "--widths", "6", "--trials", "2", "--steps", "200", "-q"]
    for (name, more) in [("r", ["--precision", "double"]), ("f", [])] {
      let run = try Tool.run(["reproduce", "-o", name] + small + more, in: scratch)
      try #require(run.code == 0, "\(run.errors)")
    }
    func model(_ name: String) throws -> Tensor {
      try SafetensorsFile(scratch.path("\(name)/models/gaussians/N0006-trial00.safetensors"))
        .tensor("layers.0.weight")
    }
    let (double, single): ([Double], [Double]) = (
      try model("r").values(), try model("f").values()
    )
    #expect(double.contains { Double(Float($0)) != $0 })
    #expect(single.allSatisfy { Double(Float($0)) == $0 })
    let results = try parseJSON(scratch.bytes("r/results.json")) as? [String: Any]
    let variation = try #require(results?["variation"] as? [String: Any])
    #expect(variation["precision"] as? String == "double")
    let page = try String(contentsOfFile: scratch.path("r/report.html"), encoding: .utf8)
    #expect(page.contains("double precision"))
  }

  @Test func `refuses what makes no sense`() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path("other"), withIntermediateDirectories: false)
    try scratch.write("x", to: "other/file.txt")
    for (arguments, code) in [
      (["reproduce", "-o", "r", "--widths", "1"], 64),
      (["reproduce", "-o", "r", "--only", "x"], 64),
      (["reproduce", "-o", "r", "--trials", "0"], 64), (["reproduce", "-o", "other"], 73),
      (["reproduce", "-o", "r", "--data-dir", "nowhere"], 66),
      (["reproduce", "-o", "r", "--preset", "huge"], 64),
      (["reproduce", "-o", "r", "--precision", "half"], 64), (["reproduce", "-o", "-"], 73),
    ] {
      let run = try Tool.run(arguments, in: scratch)
      #expect(run.code == Int32(code), "\(arguments)")
      #expect(!scratch.exists("r"))
    }
    let run = try Tool.run("reproduce", "-o", "r", "--only", "mnist", in: scratch)
    #expect(run.code == 64 && run.errors.contains("--data-dir"), "\(run.errors)")
  }
}

let hasGnuplot = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
  .contains { FileManager.default.isExecutableFile(atPath: $0 + "/gnuplot") }
