import Foundation
import Testing

@Suite struct `Connect` {
  private func twoModels(_ more: String...) throws -> Scratch {
    let scratch = try Scratch()
    for (name, seed) in [("a", "1"), ("b", "2")] {
      let run = try Tool.run(
        [
          "train", "--data", gaussians, "--steps", "800", "--precision", "double", "--seed",
          seed, "-o", "\(name).safetensors",
        ] + (more.contains("--hidden") ? [] : ["--hidden", "9"]) + more, in: scratch)
      try #require(run.code == 0, "\(run.errors)")
    }
    return scratch
  }

  private func evaluate(_ model: String, in scratch: Scratch) throws -> Double {
    let run = try Tool.run(
      "evaluate", model, "--data", gaussians, "--format", "json", in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    return try #require(try run.json()["loss"] as? Double)
  }

  @Test(arguments: [
    (hidden: "9", loss: "squared", more: [String](), segments: 5),
    (hidden: "9", loss: "cross-entropy", more: ["--overlapping"], segments: 7),
    (hidden: "8,7", loss: "squared", more: ["--refit"], segments: 9),
  ])
  func `barrier is that of the knots in the files`(
    _ hidden: String, _ loss: String, _ more: [String], _ segments: Int
  ) throws {
    let scratch = try twoModels("--hidden", hidden, "--loss", loss)
    let run = try Tool.run(
      ["connect", "a.safetensors", "b.safetensors", "--data", gaussians, "-o", "path"] + more,
      in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    let json = try #require(
      try parseJSON(scratch.bytes("path/path.json")) as? [String: Any])
    for key in [
      "method", "exact", "barrier", "maximumLoss", "endpointLosses", "barrierChord",
      "barrierMidpoint", "knots", "segments", "errorMaximum",
    ] {
      #expect(json[key] != nil, "\(key)")
    }
    #expect(json["exact"] as? Bool == true)
    let list = try #require(json["segments"] as? [[String: Any]])
    #expect(list.count == segments)
    #expect(list.allSatisfy { ["constant", "affine"].contains($0["kind"] as? String) })
    #expect(list.allSatisfy { $0["outputDistance"] is Double })

    let knots = try #require(json["knots"] as? [[String: Any]])
    #expect(knots.count == segments + 1)
    var losses: [Double] = []
    for knot in knots {
      let file = try #require(knot["file"] as? String)
      let found = try evaluate("path/\(file)", in: scratch)
      #expect(abs(found - (knot["loss"] as? Double ?? .nan)) < 1e-12)
      losses.append(found)
    }
    let ends = [
      try evaluate("a.safetensors", in: scratch), try evaluate("b.safetensors", in: scratch),
    ]
    #expect(losses.first == ends[0] && losses.last == ends[1])
    #expect(
      abs((json["barrier"] as? Double ?? .nan) - (losses.max()! - ends.max()!)) < 1e-12)

    let line = try #require(json["straightLine"] as? [String: Any])
    #expect(line["exact"] as? Bool == false)
    let profile = String(decoding: try scratch.bytes("path/profile.csv"), as: UTF8.self)
    #expect(profile.hasPrefix("path,position,segment,t,kind,loss,error\n"))
    let rows = profile.split(separator: "\n").dropFirst().map { $0.split(separator: ",") }
    #expect(rows.filter { $0[0] == "linear" }.allSatisfy { $0[4] == "sampled" })
    let highest = rows.filter { $0[0] == "dropout" }.compactMap { Double($0[5]) }.max()
    #expect(try #require(highest) <= losses.max()! + 1e-12)
    #expect(scratch.exists("path/path.gp"))
    #expect(try scratch.contents == ["a.safetensors", "b.safetensors", "path"])
  }

  @Test func `the straight line says that it is sampled`() throws {
    let scratch = try twoModels()
    let run = try Tool.run(
      "connect", "a.safetensors", "b.safetensors", "--data", gaussians, "--method", "linear",
      "--format", "json", in: scratch)
    let json = try run.json()
    #expect(json["method"] as? String == "linear")
    #expect(json["exact"] as? Bool == false)
    let segments = try #require(json["segments"] as? [[String: Any]])
    #expect(segments.map { $0["kind"] as? String } == ["sampled"])
    #expect((segments[0]["grid"] as? [Double])?.count ?? 0 > 20)
  }

  @Test func `the bound for any parameters is left out where the path does better`() throws {
    var shown: Set<Bool> = []
    for more in [["--loss", "squared"], ["--loss", "cross-entropy"]] {
      let scratch = try twoModels(more[0], more[1])
      let run = try Tool.run(
        "connect", "a.safetensors", "b.safetensors", "--data", gaussians, "-o", "path",
        in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      let json = try #require(try parseJSON(scratch.bytes("path/path.json")) as? [String: Any])
      let barrier = try #require(json["barrier"] as? Double)
      let bound = try #require(json["barrierBound"] as? Double)
      #expect(run.output.contains("For the best choice of halves") == (bound <= barrier))
      shown.insert(bound <= barrier)
    }
    #expect(shown.contains(false), "a bound above the barrier was met")
  }

  @Test func `replaces an earlier result and nothing else`() throws {
    let scratch = try twoModels()
    let arguments = ["connect", "a.safetensors", "b.safetensors", "--data", gaussians, "-q"]
    #expect(try Tool.run(arguments + ["-o", "path"], in: scratch).code == 0)
    let first = try scratch.bytes("path/path.json")
    #expect(try Tool.run(arguments + ["-o", "path"], in: scratch).code == 0)
    #expect(try scratch.bytes("path/path.json") == first)

    try scratch.write("precious", to: "path/notes.txt")
    let refused = try Tool.run(arguments + ["-o", "path"], in: scratch)
    #expect(refused.code == 73 && refused.errors.contains("notes.txt"))
    #expect(scratch.exists("path/notes.txt"))
    for place in [".", "a.safetensors", "/dev/null/path"] {
      let run = try Tool.run(arguments + ["-o", place], in: scratch)
      #expect(run.code == 73, "\(place)")
    }
    #expect(try scratch.contents == ["a.safetensors", "b.safetensors", "path"])
  }

  @Test func `refuses networks that do not match, naming both files`() throws {
    let scratch = try twoModels()
    try scratch.train("wide.safetensors", "--hidden", "10")
    try scratch.train("deep.safetensors", "--hidden", "9,9")
    try scratch.train("narrow.safetensors", "--hidden", "1")
    try scratch.train("biased.safetensors", "--hidden", "9", "--bias")
    for other in ["wide", "deep", "biased"] {
      let run = try Tool.run(
        "connect", "a.safetensors", "\(other).safetensors", "--data", gaussians, "-o", "path",
        in: scratch)
      #expect(run.code == 65)
      #expect(
        run.errors.contains("\(other).safetensors does not have the shape of a.safetensors"),
        "\(run.errors)")
    }
    let one = try Tool.run(
      "connect", "narrow.safetensors", "narrow.safetensors", "--data", gaussians, in: scratch)
    #expect(one.code == 65 && one.errors.contains("at least 2"))
    #expect(!scratch.exists("path"))
  }
}
