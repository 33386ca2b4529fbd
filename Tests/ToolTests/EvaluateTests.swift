import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite struct `Evaluate` {
  @Test func `JSON is that of the library`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    let run = try Tool.run(
      "evaluate", "a.safetensors", "--data", gaussians, "--format", "json", in: scratch)
    #expect(run.code == 0)
    let json = try run.json()
    let network = try ModelFile<Float>(path: scratch.path("a.safetensors")).network
    let samples: Samples<Float> = try DataSpecification(parsing: gaussians).samples()
    let risk = try EmpiricalRisk(samples, loss: .squared)
    let expected = risk.empiricalEvaluation(of: network)
    #expect(json["loss"] as? Double == expected.loss)
    #expect(json["error"] as? Double == expected.error)
    #expect(json["samples"] as? Int == 500)
    let interval = try #require(json["lossInterval"] as? [Double])
    let losses = risk.sampleLosses(of: network).losses
    let mean = SkewedMean(losses, failure: 0.05)
    #expect(interval == [max(0, mean.lower), mean.upper])
    #expect(json["confidence"] as? Double == 0.95)
    let errors = try #require(json["errorInterval"] as? [Double])
    let exact = clopperPearson(successes: expected.errors!, trials: 500, failure: 0.05)
    #expect(errors == [exact.lowerBound, exact.upperBound])
  }

  @Test func `says where the interval of the loss is not to be trusted`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    func evaluate(_ count: Int, _ format: String) throws -> Tool.Run {
      try Tool.run(
        "evaluate", "a.safetensors", "--data", "gaussians:d=6,delta=0.5,mean=0.5,n=\(count)",
        "--format", format,
        in: scratch)
    }
    #expect(try evaluate(30, "json").json()["lossIntervalNote"] is String)
    #expect(try evaluate(30, "text").output.contains("Note: 30 samples"))
    #expect(try evaluate(400, "json").json()["lossIntervalNote"] == nil)
    #expect(!(try evaluate(400, "text").output.contains("Note:")))
  }

  @Test func `reads a state_dict when told the rest`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--scaling", "standard", "--step-size", "0.001")
    // Without metadata it is like a file from elsewhere.
    var bytes = try scratch.bytes("a.safetensors")
    let network = try ModelFile<Float>(path: scratch.path("a.safetensors")).network
    let header = try #require(
      String(bytes: bytes[8..<(8 + Int(bytes[0]) + Int(bytes[1]) * 256)], encoding: .utf8))
    var object = try #require(
      try JSONSerialization.jsonObject(with: Data(header.utf8)) as? [String: Any])
    object["__metadata__"] = nil
    var text = try JSONSerialization.data(withJSONObject: object)
    while !text.count.isMultiple(of: 8) { text.append(UInt8(ascii: " ")) }
    bytes =
      Data((0..<8).map { UInt8(truncatingIfNeeded: text.count >> ($0 * 8)) }) + text
      + bytes.dropFirst(8 + header.utf8.count)
    try scratch.write(bytes, to: "foreign.safetensors")

    func evaluate(_ more: String...) throws -> Tool.Run {
      try Tool.run(
        ["evaluate", "foreign.safetensors", "--data", gaussians, "--format", "json"] + more,
        in: scratch)
    }
    let noActivation = try evaluate()
    #expect(noActivation.code == 65 && noActivation.errors.contains("--activation"))
    let noLoss = try evaluate("--activation", "tanh")
    #expect(noLoss.code == 64 && noLoss.errors.contains("--loss"))
    let run = try evaluate("--activation", "tanh", "--loss", "squared")
    let samples: Samples<Float> = try DataSpecification(parsing: gaussians).samples()
    let risk = try EmpiricalRisk(samples, loss: .squared)
    #expect(try run.json()["loss"] as? Double == network.evaluate(on: risk).loss)
  }

  @Test func `text and CSV carry the same numbers, and go to a file if told`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    let arguments = ["evaluate", "a.safetensors", "--data", gaussians]
    let json = try Tool.run(arguments + ["--format", "json"], in: scratch).json()
    let csv = try Tool.run(arguments + ["--format", "csv"], in: scratch).output
    let rows = csv.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    #expect(rows[0] == ["measure", "value", "lower", "upper", "samples"])
    #expect(Double(rows[1][1]) == json["loss"] as? Double)
    #expect(Double(rows[2][1]) == json["error"] as? Double)
    let silent = try Tool.run(
      arguments + ["--format", "csv", "-o", "result.csv"], in: scratch)
    #expect(silent.code == 0 && silent.output.isEmpty)
    #expect(try scratch.bytes("result.csv") == Data(csv.utf8))
  }

  @Test func `data list and info say what is built in`() throws {
    let scratch = try Scratch()
    let list = try Tool.run("data", "list", in: scratch)
    #expect(list.code == 0 && list.output.contains("digits") && list.output.contains("mnist:DIR"))
    let info = try Tool.run("data", "info", "digits:split=all", "--format", "json", in: scratch)
    let json = try info.json()
    #expect(json["samples"] as? Int == 1797)
    #expect(json["inputs"] as? Int == 64)
    // Published with the data set.
    #expect(json["classes"] as? [Int] == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180])
  }
}
