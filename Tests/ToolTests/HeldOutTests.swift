import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// A file of 600 rows, of which `train` holds out a fifth.
private func ownTable() -> String {
  let noise = RandomStream(seed: 5, purpose: .testSamples)
  var values = [Double](repeating: 0, count: 600 * 9)
  unsafe values.withUnsafeMutableBufferPointer { unsafe noise.fillNormal(item: 0, $0) }
  return "a,b,c,d,e,f,g,h,label\n"
    + (0..<600).map { i in
      let row = values[i * 9..<i * 9 + 9]
      // Much noise, so that a wide network learns its samples by heart.
      let label = row.prefix(2).reduce(0, +) + 1.5 * row.last! > 0 ? 1 : 0
      return row.dropLast().map { "\($0)" }.joined(separator: ",") + ",\(label)\n"
    }.joined()
}

@Suite struct `Samples that were never seen` {
  private let training = [
    "train", "--data", "own.csv", "--hidden", "60", "--passes", "60", "--step-size", "0.1",
    "--format", "json", "--seed",
  ]

  private func json(_ arguments: [String], in scratch: Scratch) throws -> [String: Any] {
    let run = try Tool.run(arguments + ["--format", "json"], in: scratch)
    try #require(run.code == 0, "\(run.errors)")
    return try run.json()
  }

  private func rows(_ json: [String: Any]) throws -> [String: Any] {
    try #require(json["rows"] as? [String: Any])
  }

  @Test func `a model is measured on the fifth that its training held out`() throws {
    let scratch = try Scratch()
    try scratch.write(ownTable(), to: "own.csv")
    let trained = try Tool.run(training + ["1", "-o", "a.safetensors"], in: scratch)
    #expect(trained.code == 0, "\(trained.errors)")
    #expect(trained.errors.contains("own.csv: label column 9, “label”, 8 inputs"))
    let report = try trained.json()
    #expect(report["targets"] as? String == "classes" && report["trainedRows"] as? Int == 480)

    let evaluated = try json(["evaluate", "a.safetensors", "--data", "own.csv"], in: scratch)
    #expect(evaluated["loss"] as? Double == report["testLoss"] as? Double)
    #expect(evaluated["error"] as? Double == report["testError"] as? Double)
    let used = try rows(evaluated)
    #expect(used["count"] as? Int == 120 && used["of"] as? Int == 600)
    #expect(used["part"] as? String == "test" && used["seen"] as? [Int] == [0])
    #expect(evaluated["lossInterval"] != nil && evaluated["errorInterval"] != nil)
    let text = try Tool.run("evaluate", "a.safetensors", "--data", "own.csv", in: scratch)
    #expect(text.output.contains("held out: 120 of 600 rows"))

    let dropped = try json(["dropout", "a.safetensors", "--data", "own.csv"], in: scratch)
    #expect(dropped["loss"] as? Double == evaluated["loss"] as? Double)
    #expect(try rows(dropped)["count"] as? Int == 120)

    // What was leaked before: the training rows look far better than new samples.
    let whole = try json(
      ["evaluate", "a.safetensors", "--data", "own.csv:split=all"], in: scratch)
    let (leaked, honest) = (
      try #require(whole["error"] as? Double), try #require(evaluated["error"] as? Double)
    )
    #expect(leaked < 0.75 * honest, "\(leaked) \(honest)")
    #expect(try rows(whole)["seen"] as? [Int] == [480])
    #expect(whole["lossInterval"] == nil && whole["errorInterval"] == nil)
    let said = try Tool.run(
      "evaluate", "a.safetensors", "--data", "own.csv:split=train", in: scratch)
    #expect(said.output.contains("Seen in training: all by a.safetensors"))
    #expect(said.output.contains("nothing of new samples") && !said.output.contains("Intervals"))
  }

  @Test func `paths are measured, and certified, on what neither model was trained on`() throws {
    let scratch = try Scratch()
    try scratch.write(ownTable(), to: "own.csv")
    for seed in ["1", "2"] {
      #expect(
        try Tool.run(training + [seed, "-o", "\(seed).safetensors"], in: scratch).code == 0)
    }
    let models = ["1.safetensors", "2.safetensors"]
    let path = try json(["connect"] + models + ["--data", "own.csv", "-o", "path"], in: scratch)
    #expect(try rows(path)["count"] as? Int == 120 && rows(path)["seen"] as? [Int] == [0, 0])
    #expect(
      try Tool.run("verify", "path/certificate.json", "--data", "own.csv", in: scratch).code == 0)
    let certificate = try #require(
      try parseJSON(scratch.bytes("path/certificate.json")) as? [String: Any])
    #expect((certificate["data"] as? [String: Any])?["samples"] as? Int == 120)
    #expect(certificate["population"] != nil)

    // On the training part there is a barrier, and nothing on new samples.
    let run = try Tool.run(
      ["connect"] + models + ["--data", "own.csv:split=train", "-o", "seen"], in: scratch)
    #expect(run.code == 0 && run.output.contains("all by 1.safetensors, all by 2.safetensors"))
    let seen = try #require(try parseJSON(scratch.bytes("seen/certificate.json")) as? [String: Any])
    #expect(seen["population"] == nil && seen["noPopulation"] != nil)

    // A fit sees the training part alone, and fits to what is measured are said to be.
    let refitted = try Tool.run(
      ["connect"] + models + ["--data", "own.csv", "--refit", "-o", "refit"], in: scratch)
    #expect(refitted.code == 0 && !refitted.output.contains("were fitted on the"))
    let leaking = try Tool.run(
      ["connect"] + models + ["--data", "own.csv:split=train", "--refit"], in: scratch)
    #expect(leaking.output.contains("fitted on the 480 rows that are measured"))
  }

  @Test func `pruned models remember what they have seen, by other paths and formats`() throws {
    let scratch = try Scratch()
    try scratch.write(ownTable(), to: "own.csv")
    #expect(try Tool.run(training + ["1", "-o", "a.npz"], in: scratch).code == 0)
    let pruned = try json(
      ["prune", "a.npz", "--data", "own.csv", "--keep", "0.5", "--refit", "-o", "s.safetensors"],
      in: scratch)
    #expect((pruned["selectionRows"] as? [String: Any])?["count"] as? Int == 480)
    #expect(try rows(pruned)["count"] as? Int == 120)
    try scratch.write(ownTable(), to: "elsewhere.tsv")
    let evaluated = try json(["evaluate", "s.safetensors", "--data", "elsewhere.tsv"], in: scratch)
    #expect(try rows(evaluated)["count"] as? Int == 120)
    let heldOut = try #require(pruned["heldOut"] as? [String: Any])
    #expect(evaluated["loss"] as? Double == heldOut["prunedLoss"] as? Double)
    // Neurons that were chosen on what is held out.
    try scratch.write(
      ownTable().split(separator: "\n").prefix(101).joined(separator: "\n"), to: "part.csv")
    let overlapping = try Tool.run(
      "prune", "a.npz", "--data", "part.csv", "--held-out", "own.csv:split=all", "--keep", "0.5",
      "-o", "t.safetensors", in: scratch)
    #expect(overlapping.output.contains("Neurons were chosen on 100 of the 600 rows"))
  }

  @Test func `training resumes on the same rows only`() throws {
    let scratch = try Scratch()
    try scratch.write(ownTable(), to: "own.csv")
    let long = training.map { $0 == "60" ? "40000" : $0 }
    let running = try Tool.start(
      long.filter { $0 != "--format" && $0 != "json" } + [
        "1", "--checkpoint-every", "2000", "-o", "a.safetensors",
      ], in: scratch)
    try #require(running.wait { scratch.exists("a.checkpoint.safetensors") })
    running.send(SIGKILL)
    _ = try running.finish()
    try scratch.write(
      ownTable().replacing("label\n", with: "label\n1,2,3,4,5,6,7,8,1\n"), to: "own.csv")
    let run = try Tool.run("train", "--resume", "a.checkpoint.safetensors", in: scratch)
    #expect(run.code == 65 && run.errors.contains("others than the training began with"))
  }

  @Test func `whole numbers for one output are asked about, unless the model knows`() throws {
    let scratch = try Scratch()
    try scratch.write(ownTable(), to: "own.csv")
    #expect(
      try Tool.run(training + ["1", "-o", "a.safetensors", "--names", "sequential"], in: scratch)
        .code == 0)
    // Its own record says ±1; other data too are read so.
    try scratch.write(
      ownTable().split(separator: "\n").dropLast(7).joined(separator: "\n"), to: "other.csv")
    #expect(try Tool.run("evaluate", "a.safetensors", "--data", "other.csv", in: scratch).code == 0)
    let file = try ModelFile<Float>(path: scratch.path("a.safetensors"))
    try ModelFile(network: file.network).write(to: scratch.path("foreign.safetensors"))
    let foreign = ["evaluate", "foreign.safetensors", "--loss", "squared", "--data"]
    let asked = try Tool.run(foreign + ["own.csv"], in: scratch)
    #expect(asked.code == 65 && asked.errors.contains("targets=numbers"))
    #expect(asked.errors.contains("targets=classes (against −1 and 1)"))
    let classes = try json(foreign + ["own.csv:targets=classes"], in: scratch)
    let numbers = try json(foreign + ["own.csv:targets=numbers"], in: scratch)
    #expect(classes["error"] != nil && numbers["error"] == nil)
    #expect(try rows(classes)["count"] as? Int == 600)
    // (ŷ − y)² with y ∈ {0, 1} and ±1: their means differ by those of 2ŷ(2y − 1 − y) + ….
    #expect(classes["loss"] as? Double != numbers["loss"] as? Double)
  }
}
