import DataFormats
import Foundation
import LinearAlgebra
import Testing

@Suite struct `Features` {
  /// Random weights of the first block, and images with labels.
  private func prepare(_ scratch: Scratch) throws {
    let stream = RandomStream(seed: 1, purpose: .initialization)
    func tensor(_ shape: [Int], _ item: UInt64) -> Tensor {
      let count = shape.reduce(1, *)
      let values = Matrix<Float>.normal(
        rows: 1, columns: count, scale: 0.1, stream: stream, item: item)
      return Tensor(values.elements, shape: shape)
    }
    try writeSafetensors(
      [
        ("features.0.weight", tensor([64, 3, 3, 3], 0)), ("features.0.bias", tensor([64], 1)),
        ("features.2.weight", tensor([64, 64, 3, 3], 2)), ("features.2.bias", tensor([64], 3)),
      ], metadata: [:], to: scratch.path("w.safetensors"))
    var generator = stream.generator(item: 4)
    let pixels = (0..<(700 * 3 * 8 * 8)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    try writeNpz(
      [
        ("images", Tensor(pixels, shape: [700, 3, 8, 8])),
        ("labels", Tensor((0..<700).map { $0 % 10 })),
      ], to: scratch.path("i.npz"))
  }

  private func arguments(_ output: String, _ more: String...) -> [String] {
    [
      "features", "vgg16", "--weights", "w.safetensors", "--images", "i.npz", "--upto", "pool1",
      "--average-pool", "2", "--batch", "100", "-o", output,
    ] + more
  }

  @Test func `writes what --data reads, the same for any number of threads`() throws {
    let scratch = try Scratch()
    try prepare(scratch)
    for (name, threads) in [("a.safetensors", "1"), ("b.safetensors", "2")] {
      let run = try Tool.run(arguments(name, "--threads", threads), in: scratch)
      #expect(run.code == 0, "\(run.errors)")
    }
    #expect(try scratch.bytes("a.safetensors") == scratch.bytes("b.safetensors"))
    let file = try SafetensorsFile(scratch.path("a.safetensors"))
    #expect(try file.tensor("x").shape == [700, 256])
    #expect(try file.tensor("y").integers() == (0..<700).map { $0 % 10 })
    let half = try Tool.run(arguments("h.npz", "--dtype", "float16"), in: scratch)
    #expect(half.code == 0)
    let single: [Float] = try file.tensor("x").values()
    let rounded: [Float] = try NpzFile(scratch.path("h.npz")).tensor("x").values()
    #expect(zip(single, rounded).allSatisfy { abs($0 - $1) <= 0.0005 * abs($0) + 1e-7 })
    #expect(try scratch.contents.allSatisfy { !$0.contains("partial") })
    let info = try Tool.run("data", "info", "a.safetensors", "--format", "json", in: scratch)
    #expect(try info.json()["inputs"] as? Int == 256)
  }

  @Test func `goes on after an interruption to the same bytes`() throws {
    let scratch = try Scratch()
    try prepare(scratch)
    #expect(try Tool.run(arguments("whole.safetensors"), in: scratch).code == 0)
    let running = try RunningTool(arguments("x.safetensors", "--threads", "1"), in: scratch)
    let began = running.wait {
      ((try? scratch.bytes(".x.safetensors.partial").count) ?? 0) > 100 * 256 * 4
    }
    running.send(SIGKILL)
    _ = try running.finish()
    // The machine may have been faster than the look at the file.
    if began && !scratch.exists("x.safetensors") {
      #expect(scratch.exists(".x.safetensors.partial"))
    }
    #expect(try Tool.run(arguments("x.safetensors"), in: scratch).code == 0)
    #expect(try scratch.bytes("x.safetensors") == scratch.bytes("whole.safetensors"))
    #expect(!scratch.exists(".x.safetensors.partial"))
  }

  @Test func `lists missing tensors, and refuses what is no image`() throws {
    let scratch = try Scratch()
    try prepare(scratch)
    var deeper = arguments("x.safetensors")
    deeper[deeper.firstIndex(of: "pool1")!] = "pool2"
    let missing = try Tool.run(deeper, in: scratch)
    #expect(missing.code == 65)
    for name in ["w.safetensors", "features.5.weight", "features.7.bias"] {
      #expect(missing.errors.contains(name), "\(name)")
    }
    try writeNpz(
      [("images", Tensor([Float](repeating: 0, count: 48), shape: [1, 3, 4, 4]))],
      to: scratch.path("i.npz"))
    let floats = try Tool.run(arguments("x.safetensors"), in: scratch)
    #expect(floats.code == 65 && floats.errors.contains("i.npz"))
    try scratch.write(Data(repeating: 1, count: 3073 * 2 + 5), to: "batch.bin")
    let cut = try Tool.run(
      "features", "vgg16", "--weights", "w.safetensors", "--images", "batch.bin", "--upto",
      "pool1", "-o", "x.npz", in: scratch)
    #expect(cut.code == 65 && cut.errors.contains("record 2"), "\(cut.errors)")
    try prepare(scratch)
    let absent = try Tool.run(
      "features", "vgg16", "--weights", "none", "--images", "i.npz", "-o", "x.npz", in: scratch)
    #expect(absent.code == 66 && absent.errors.contains("none"), "\(absent.errors)")
    #expect(!scratch.exists("x.npz") && !scratch.exists("x.safetensors"))
  }
}
