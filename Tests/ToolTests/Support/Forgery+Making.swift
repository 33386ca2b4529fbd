import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// The files of a certified path between two small networks, made once.
let honestCertificate = Result { try Forgery.connect(data: gaussians) }

func honestForgery() throws -> Forgery { try Forgery(honestCertificate.get(), data: gaussians) }

extension Forgery {
  /// The files of an honest certificate.
  ///
  /// - Parameter prepare: writes models or data; unless it does, models are trained.
  static func connect(
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
  static func writeModels(
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
  static func writeSamples(
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

  /// Expects `verify` to fail with one of the codes, and to say all of the words.
  func refuses(
    _ more: String..., codes: Set<Int32> = [1], saying words: String...,
    at location: SourceLocation = #_sourceLocation
  ) throws {
    let run = try Tool.run(["verify", Forgery.certificate, "--data", data] + more, in: scratch)
    #expect(
      run.isOrderly && codes.contains(run.code), "\(run.output) \(run.errors)",
      sourceLocation: location)
    for word in words {
      #expect(
        (run.output + run.errors).contains(word), "\(word): \(run.output) \(run.errors)",
        sourceLocation: location)
    }
  }
}
