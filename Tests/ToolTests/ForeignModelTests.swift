import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// Files of other tools through the commands that read and write models.
@Suite struct `Models from elsewhere` {
  private func weights(_ rows: Int, _ columns: Int, _ item: UInt64) -> Matrix<Float> {
    .normal(
      rows: rows, columns: columns, stream: RandomStream(seed: 5, purpose: .initialization),
      item: item)
  }

  /// Three layers 6 → 8 → 8 → 3 under their names; kernels are transposed.
  private func tensors(_ names: [LayerTensors], _ seed: UInt64) -> [(String, Tensor)] {
    let sizes = [6, 8, 8, 3]
    return names.enumerated().flatMap { index, name -> [(String, Tensor)] in
      let weight = weights(sizes[index + 1], sizes[index], 10 * seed + UInt64(index))
      let bias = weights(1, sizes[index + 1], 10 * seed + UInt64(index) + 5).elements
      return [(name.weight, Tensor(name.isTransposed ? weight.transposed : weight))]
        + (name.bias.map { [($0, Tensor(bias))] } ?? [])
    }
  }

  private func layers(
    _ modules: [String], _ weight: String = ".weight", _ bias: String? = ".bias"
  ) -> [LayerTensors] {
    modules.map { module in
      LayerTensors(
        weight: module + weight, bias: bias.map { module + $0 }, isTransposed: weight != ".weight")
    }
  }

  private func writeData(_ name: String, shift: Float = 0, _ scratch: Scratch) throws {
    let inputs = weights(30, 6, 99).map { $0 + shift }
    try writeNpz(
      [("x", Tensor(inputs)), ("y", Tensor((0..<30).map { $0 % 3 }))], to: scratch.path(name))
  }

  private let options = ["--data", "d.npz", "--activation", "relu", "--loss", "cross-entropy"]

  private func loss(_ model: String, _ scratch: Scratch, _ more: String...) throws -> Double {
    let run = try Tool.run(
      ["evaluate", model] + options + ["--format", "json"] + more, in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    return try #require(try run.json()["loss"] as? Double)
  }

  @Test func `knots and pruned networks keep the names and orientation they came with`() throws {
    let manners = [
      layers(["0", "3", "6"]), layers(["head.fc1", "head.fc2", "head.out"]),
      layers(["module.net.0", "module.net.2", "module.net.4"]),
      layers(["_orig_mod.fc1", "_orig_mod.fc2", "_orig_mod.fc3"], ".weight", nil),
      layers(["params/Dense_0", "params/Dense_1", "params/Dense_2"], "/kernel", "/bias"),
      layers(["dense", "dense_1", "dense_2"], "/kernel:0", "/bias:0"),
      layers(["net.zeta", "net.eta", "net.theta"]),
    ]
    for names in manners {
      let scratch = try Scratch()
      try writeData("d.npz", scratch)
      try writeData("e.npz", shift: 0.1, scratch)
      // The names of the last manner do not say the order.
      let isOrdered = names[0].weight != "net.zeta.weight"
      let selected = isOrdered ? [] : ["--layers", "net.zeta,net.eta,net.theta"]
      for (file, seed) in [("a", 1), ("b", 2)] {
        let tensors = tensors(names, UInt64(seed))
        try writeSafetensors(tensors, to: scratch.path(file + ".safetensors"))
      }
      let connect = try Tool.run(
        ["connect", "a.safetensors", "b.safetensors", "-o", "path"] + options + selected,
        in: scratch)
      #expect(connect.code == 0, "\(connect.errors)")
      let original = try SafetensorsFile(scratch.path("a.safetensors"))
      let knots = try FileManager.default.contentsOfDirectory(atPath: scratch.path("path/knots"))
      for knot in knots.sorted() {
        let file = try SafetensorsFile(scratch.path("path/knots/" + knot))
        #expect(Set(file.names) == Set(original.names), "\(knot)")
        for name in original.names {
          #expect(file[name]?.shape == original[name]?.shape, "\(name)")
          #expect(file[name]?.dtype == .f32)
          if knot == "00-theta.safetensors" { #expect(file[name] == original[name]) }
        }
        let read = try ModelFile<Double>(path: scratch.path("path/knots/" + knot))
        #expect(read.tensorNames == names)
      }
      let verify = try Tool.run(
        "verify", "path/certificate.json", "--data", "d.npz", in: scratch)
      #expect(verify.code == 0, "\(verify.errors)")
      let first = try Tool.run(
        "evaluate", "path/knots/00-theta.safetensors", "--data", "d.npz", "--format", "json",
        in: scratch)
      #expect(first.code == 0, "\(first.errors)")
      let expected =
        isOrdered
        ? try loss("a.safetensors", scratch)
        : try loss("a.safetensors", scratch, "--layers", "net.zeta,net.eta,net.theta")
      #expect(try first.json()["loss"] as? Double == expected)
      // A pruned network, and one pruned from that.
      for (model, output) in [
        ("a.safetensors", "p.safetensors"), ("p.safetensors", "q.safetensors"),
      ] {
        let own = model == "p.safetensors" ? [] : options.dropFirst(2) + selected
        let prune = try Tool.run(
          ["prune", model, "--data", "d.npz", "--held-out", "e.npz", "--keep", "0.5", "-o", output]
            + own, in: scratch)
        #expect(prune.code == 0, "\(prune.errors)")
        let file = try SafetensorsFile(scratch.path(output))
        #expect(Set(file.names) == Set(original.names))
      }
      #expect(
        try ModelFile<Double>(path: scratch.path("q.safetensors")).network.hiddenWidths == [2, 2])
      let renamed = try Tool.run(
        "prune", "p.safetensors", "--data", "d.npz", "--held-out", "e.npz", "--keep", "1", "-o",
        "r.safetensors", "--names", "landbridge", in: scratch)
      #expect(renamed.code == 0, "\(renamed.errors)")
      #expect(
        try SafetensorsFile(scratch.path("r.safetensors")).names.contains("layers.2.weight"))
    }
  }

  @Test func `an order that the names do not say is said on standard error`() throws {
    let scratch = try Scratch()
    try writeData("d.npz", scratch)
    let named = layers(["fc_one", "fc_two", "fc_three"])
    // An archive in its own order; the same as safetensors; the same, sorted, as JAX does.
    let tensors = tensors(named, 1)
    try writeNpz(tensors, to: scratch.path("m.npz"))
    try writeSafetensors(tensors, to: scratch.path("m.safetensors"))
    let alone = try Tool.run(["evaluate", "m.safetensors"] + options, in: scratch)
    #expect(alone.code == 0 && alone.errors.contains("only order that their sizes allow"))
    #expect(alone.errors.contains("fc_one, fc_two, fc_three"))
    let quiet = try Tool.run(["evaluate", "m.safetensors", "--quiet"] + options, in: scratch)
    #expect(quiet.code == 0 && quiet.errors.isEmpty)
    let info = try Tool.run("data", "info", "m.npz", "--format", "json", in: scratch)
    #expect((try info.json()["decisions"] as? [String])?.count == 1)

    let square = ["in", "mid", "hid", "out"].enumerated().map { index, name in
      (name + ".weight", Tensor(weights(index == 3 ? 3 : 6, 6, UInt64(index))))
    }
    try writeNpz(square, to: scratch.path("s.npz"))
    try writeNpz(square.sorted { $0.0 < $1.0 }, to: scratch.path("j.npz"))
    try writeSafetensors(square, to: scratch.path("s.safetensors"))
    let archived = try Tool.run(["evaluate", "s.npz"] + options, in: scratch)
    #expect(archived.code == 0 && archived.errors.contains("in the order of the archive: in, mid"))
    for file in ["j.npz", "s.safetensors"] {
      let refused = try Tool.run(["evaluate", file] + options, in: scratch)
      #expect(refused.code == 65 && refused.errors.contains("--layers"), "\(refused.errors)")
      let info = try Tool.run("data", "info", file, in: scratch)
      #expect(info.code == 0 && info.output.contains("Not decided"), "\(info.errors)")
    }
    let right = try loss("s.npz", scratch)
    #expect(try loss("s.safetensors", scratch, "--layers", "in,mid,hid,out") == right)
    #expect(try loss("s.safetensors", scratch, "--layers", "in,hid,mid,out") != right)
  }

  @Test func `shards are read through their index by every command`() throws {
    let scratch = try Scratch()
    try writeData("d.npz", scratch)
    let tensors = tensors(layers(["0", "2", "4"]), 1)
    try writeSafetensors(tensors, to: scratch.path("whole.safetensors"))
    var map: [String: String] = [:]
    for (index, part) in [tensors[..<4], tensors[4...]].enumerated() {
      let name = "m-0000\(index + 1)-of-00002.safetensors"
      try writeSafetensors(Array(part), to: scratch.path(name))
      for (tensor, _) in part { map[tensor] = name }
    }
    let index = "m.safetensors.index.json"
    try JSONEncoder().encode(["weight_map": map]).write(to: URL(filePath: scratch.path(index)))
    #expect(try loss(index, scratch) == loss("whole.safetensors", scratch))
    let info = try Tool.run("data", "info", index, in: scratch)
    #expect(info.code == 0 && info.output.contains("6 → 8 → 8 → 3"), "\(info.errors)")
    let shard = try Tool.run(
      ["evaluate", "m-00001-of-00002.safetensors"] + options, in: scratch)
    #expect(shard.code == 65 && shard.errors.contains("shard 1 of 2"))
    #expect(shard.errors.contains(index))
    let connect = try Tool.run(
      ["connect", index, "whole.safetensors", "-o", "path"] + options, in: scratch)
    #expect(connect.code == 0, "\(connect.errors)")
    let verify = ["verify", "path/certificate.json", "--data", "d.npz"]
    #expect(try Tool.run(verify, in: scratch).code == 0)
    // The certificate's hash of an index covers the shards.
    try writeSafetensors(
      Array(tensors[4...]), metadata: ["changed": "yes"],
      to: scratch.path("m-00002-of-00002.safetensors"))
    #expect(try Tool.run(verify, in: scratch).code == 1)
    try FileManager.default.removeItem(atPath: scratch.path("m-00002-of-00002.safetensors"))
    let missing = try Tool.run(["evaluate", index] + options, in: scratch)
    #expect(missing.code == 66 && missing.errors.contains("m-00002-of-00002.safetensors"))
  }

  @Test func `heads on different backbones are not connected`() throws {
    let scratch = try Scratch()
    try writeData("d.npz", scratch)
    try writeData("rounded.npz", shift: 1e-7, scratch)
    try writeData("other.npz", shift: 0.1, scratch)
    let head = layers(["head.0", "head.2", "head.4"])
    func write(_ file: String, _ seed: UInt64, features: Float) throws {
      let backbone = (
        "features.0.weight", Tensor([Float](repeating: features, count: 8), shape: [2, 2, 2])
      )
      try writeSafetensors([backbone] + tensors(head, seed), to: scratch.path(file))
    }
    try write("a.safetensors", 1, features: 1)
    try write("same.safetensors", 2, features: 1)
    try write("other.safetensors", 2, features: 1.0000001)
    func connect(_ end: String, _ more: String...) throws -> Tool.Run {
      try Tool.run(
        ["connect", "a.safetensors", end, "--layers", "head"] + options + more, in: scratch)
    }
    #expect(try connect("same.safetensors").code == 0)
    let refused = try connect("other.safetensors")
    #expect(refused.code == 65 && refused.errors.contains("features.0.weight"), "\(refused.errors)")
    #expect(refused.errors.contains("--data-end"))
    #expect(try connect("other.safetensors", "--data-end", "rounded.npz").code == 0)
    let different = try connect("other.safetensors", "--data-end", "other.npz")
    #expect(different.code == 65 && different.errors.contains("sample 0, input 0"))
    let usage = try Tool.run(
      ["connect", "a.safetensors", "same.safetensors", "--data-end", "d.npz"] + options, in: scratch
    )
    #expect(usage.code == 64 && usage.errors.contains("--layers"))
  }

  @Test func `data info says what a file of any name is`() throws {
    let scratch = try Scratch()
    for (name, bytes, words) in [
      ("m.pt", Data([0x80, 2]) + Data("}q\0.".utf8), "pickle"),
      ("m.safetensors", Data("version https://git-lfs.github.com/spec/v1\noid".utf8), "git lfs"),
      ("m.npz", Data("<!DOCTYPE html><html>".utf8), "HTML"),
      ("m.h5", Data([0x89]) + Data("HDF\r\n\u{1A}\n".utf8), "HDF5"),
      ("m.onnx", Data([8, 8, 0x12, 7]) + Data("pytorch".utf8), "ONNX"),
      ("config.json", Data("{\"hidden\": 3}".utf8), "index of shards"),
      ("d.csv", Data("version https://git-lfs.github.com/spec/v1\noid".utf8), "git lfs"),
      ("d.npy", Data("PAR1\u{15}\u{4}\u{15}\0".utf8), "Parquet"),
    ] {
      try scratch.write(bytes, to: name)
      let run = try Tool.run("data", "info", name, in: scratch)
      #expect(run.code == 65 && run.errors.contains(words), "\(run.errors)")
      #expect(!run.errors.contains("header of"))
    }
  }
}
