import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite struct `Model formats` {
  @Test(arguments: LayerNames.allCases)
  func `train and connect write the names asked for, with the same numbers`(
    _ names: LayerNames
  ) throws {
    let scratch = try Scratch()
    let name =
      names == .landbridge || names == .original
      ? "layers.1.weight"
      : names == .flax
        ? "params/Dense_1/kernel" : "2.weight"
    for suffix in ["safetensors", "npz"] {
      for (model, seed) in [("a", "1"), ("b", "2")] {
        let file = "\(model).\(suffix)"
        try scratch.train("plain-\(file)", "--seed", seed, "--bias", "--precision", "double")
        try scratch.train(
          file, "--seed", seed, "--bias", "--precision", "double", "--names", names.rawValue)
        let read = try ModelFile<Double>(path: scratch.path(file))
        let plain = try ModelFile<Double>(path: scratch.path("plain-" + file))
        #expect(read.network == plain.network)
        let found =
          suffix == "npz"
          ? try NpzFile(scratch.path(file)).names : try SafetensorsFile(scratch.path(file)).names
        #expect(found.contains(name), "\(found)")
      }
      let run = try Tool.run(
        "connect", "a.\(suffix)", "b.\(suffix)", "--data", gaussians, "--names", names.rawValue,
        "-o", "path", in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      // Weights as they are: that they lack their 1/N is said, once.
      #expect(run.errors.contains("--fold-scaling") == (names == .sequential || names == .flax))
      let knots = try FileManager.default.contentsOfDirectory(atPath: scratch.path("path/knots"))
      #expect(knots.count == 6)
      for knot in knots {
        #expect(try SafetensorsFile(scratch.path("path/knots/" + knot)).names.contains(name))
      }
      let first = try ModelFile<Double>(path: scratch.path("path/knots/00-theta.safetensors"))
      #expect(try first.network == ModelFile<Double>(path: scratch.path("a.\(suffix)")).network)
    }
  }

  @Test func `folded scaling gives the same loss`() throws {
    let scratch = try Scratch()
    let options = ["--precision", "double", "--hidden", "8,6"]
    func loss(_ file: String, _ more: String...) throws -> Double {
      let run = try Tool.run(
        [
          "train", "--data", gaussians, "--steps", "300", "--quiet", "-o", file,
        ] + options + more, in: scratch)
      #expect(run.code == 0 && run.errors.isEmpty, "\(run.errors)")
      let evaluation = try Tool.run(
        "evaluate", file, "--data", gaussians, "--format", "json", in: scratch)
      return try #require(try evaluation.json()["loss"] as? Double)
    }
    let plain = try loss("a.safetensors")
    #expect(abs(try loss("b.safetensors", "--fold-scaling", "--names", "flax") - plain) < 1e-13)
    let folded = try ModelFile<Double>(path: scratch.path("b.safetensors"))
    #expect(folded.network.scaling == .standard)
    let trained = try ModelFile<Double>(path: scratch.path("a.safetensors"))
    #expect(folded.network == trained.network.inStandardScaling)
  }

  @Test func `a stopped training to npz is resumed to npz`() throws {
    let scratch = try Scratch()
    let running = try Tool.start(
      [
        "train", "--data", "gaussians:d=40,n=50", "--hidden", "300", "--steps", "100000",
        "--step-size", "0.001", "--checkpoint-every", "1000", "-o", "model.npz",
      ], in: scratch)
    try #require(running.wait { scratch.exists("model.npz.checkpoint.safetensors") })
    running.send(SIGKILL)
    _ = try running.finish()
    #expect(!scratch.exists("model.npz"))
    let resumed = try Tool.run(
      "train", "--resume", "model.npz.checkpoint.safetensors", "--names", "flax", in: scratch)
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try scratch.contents.filter { !$0.hasPrefix(".") } == ["model.npz"])
    #expect(try NpzFile(scratch.path("model.npz")).names.contains("params/Dense_1/kernel"))
  }

  @Test func `curves are arrays`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--hidden", "8,6", "--seed", "1")
    try scratch.train("b.safetensors", "--hidden", "8,6", "--seed", "2")
    let arguments = [
      "dropout", "a.safetensors", "--data", gaussians, "--select", "random", "--layer", "2",
    ]
    let json = try Tool.run(arguments + ["--format", "json"], in: scratch).json()
    let curve = try #require(json["curve"] as? [[String: Any]])
    #expect(try Tool.run(arguments + ["-o", "curve.npz"], in: scratch).code == 0)
    let arrays = try NpzFile(scratch.path("curve.npz"))
    #expect(try arrays.tensor("kept").integers() == curve.compactMap { $0["kept"] as? Int })
    for name in ["expectedLoss", "standardDeviation", "lossOfFirst", "errorOfFirst"] {
      #expect(
        try arrays.tensor(name).values(as: Double.self) == curve.compactMap { $0[name] as? Double })
    }
    #expect(arrays.names.contains("sampledLossMean") && !arrays.names.contains("refitLoss"))
    let layers = try Tool.run(
      "dropout", "a.safetensors", "--data", gaussians, "-o", "layers.npz", in: scratch)
    #expect(layers.code == 0)
    #expect(try NpzFile(scratch.path("layers.npz")).names.contains("layers/2/expectedLoss"))

    let run = try Tool.run(
      "connect", "a.safetensors", "b.safetensors", "--data", gaussians, "-o", "path", in: scratch)
    #expect(run.code == 0)
    let rows = String(decoding: try scratch.bytes("path/profile.csv"), as: UTF8.self)
      .split(separator: "\n").dropFirst().map { $0.split(separator: ",").map(String.init) }
    let profile = try NpzFile(scratch.path("path/profile.npz"))
    for way in ["dropout", "linear"] {
      let rows = rows.filter { $0[0] == way }
      for (column, name) in [(1, "position"), (2, "segment"), (3, "t"), (5, "loss"), (6, "error")] {
        #expect(
          try profile.tensor("\(way)/\(name)").values(as: Double.self)
            == rows.compactMap { Double($0[column]) })
      }
    }
  }

  private let foreign: [(String, Tensor)] = [
    ("features.0.weight", Tensor([Float](repeating: 1, count: 36), shape: [4, 1, 3, 3])),
    ("features.0.bias", Tensor([Float](repeating: 1, count: 4))),
    ("classifier.0.weight", Tensor(Matrix<Float>(rows: 5, columns: 6))),
    ("classifier.0.bias", Tensor([Float](repeating: 1, count: 5))),
    ("classifier.3.weight", Tensor(Matrix<Float>(rows: 2, columns: 5))),
  ]

  @Test(arguments: ["safetensors", "npz"])
  func `data info lists layers, what is none, and what --layers selects`(_ format: String) throws {
    let scratch = try Scratch()
    let file = "m.\(format)"
    if format == "npz" {
      try writeNpz(foreign, to: scratch.path(file))
    } else {
      try writeSafetensors(foreign, metadata: ["note": "by hand"], to: scratch.path(file))
    }
    let run = try Tool.run("data", "info", file, "--format", "json", in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    let json = try run.json()
    #expect(json["format"] as? String == format)
    #expect(json["isNetwork"] as? Bool == false)
    let layers = try #require(json["layers"] as? [[String: Any]])
    #expect(layers.map { $0["name"] as? String } == ["classifier.0", "classifier.3"])
    #expect(layers.map { $0["inputs"] as? Int } == [6, 5])
    #expect(layers.map { $0["outputs"] as? Int } == [5, 2])
    #expect(layers.map { $0["parameters"] as? Int } == [35, 10])
    #expect(layers.map { $0["dtype"] as? String } == ["F32", "F32"])
    #expect(layers[0]["bias"] as? String == "classifier.0.bias" && layers[1]["bias"] == nil)
    let rest = try #require(json["notUnderstood"] as? [[String: Any]])
    #expect(rest.map { $0["name"] as? String } == ["features.0.bias", "features.0.weight"])
    #expect(rest.allSatisfy { $0["reason"] as? String == "convolution" })
    #expect(json["selections"] as? [String] == ["classifier"])
    if format == "safetensors" {
      #expect(json["metadata"] as? [String: String] == ["note": "by hand"])
    }
    let text = try Tool.run("data", "info", file, in: scratch).output
    #expect(text.contains("--layers classifier") && text.contains("convolution"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })

    let head = try Tool.run(
      "data", "info", file, "--layers", "classifier", "--format", "json", in: scratch
    ).json()
    #expect(head["isNetwork"] as? Bool == true && head["parameters"] as? Int == 45)
  }

  @Test func `data info tells models from data`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors")
    let own = try Tool.run("data", "info", "a.safetensors", in: scratch).output
    #expect(own.contains("6 → 8 → 1") && own.contains("\"activation\": \"tanh\""))
    try writeNpz(
      [("x", Tensor(Matrix<Float>(rows: 4, columns: 2))), ("y", Tensor([0, 1, 2, 1]))],
      to: scratch.path("d.npz"))
    let data = try Tool.run("data", "info", "d.npz", "--format", "json", in: scratch).json()
    #expect(data["classes"] as? [Int] == [1, 2, 1])
    for arguments in [["d.npz", "--layers", "head"], ["digits", "--layers", "head"]] {
      let run = try Tool.run(["data", "info"] + arguments, in: scratch)
      #expect(run.code == 64 && run.errors.contains("is no model"), "\(run.errors)")
    }
    let none = try Tool.run("data", "info", "a.safetensors", "--layers", "head", in: scratch)
    #expect(none.code == 65 && none.errors.contains("no tensor below it"))
    let missing = try Tool.run("data", "info", "none.safetensors", in: scratch)
    #expect(missing.code == 66)
  }

  @Test func `--layers reaches every command that reads models`() throws {
    let scratch = try Scratch()
    try writeSafetensors(foreign, to: scratch.path("m.safetensors"))
    let data = "x.npz"
    try writeNpz(
      [
        ("x", Tensor(Matrix<Float>(rows: 4, columns: 6))), ("y", Tensor([0, 1, 1, 0])),
      ], to: scratch.path(data))
    for command in [["evaluate"], ["dropout"], ["connect", "m.safetensors"]] {
      let arguments =
        command + [
          "m.safetensors", "--data", data, "--activation", "relu", "--loss", "cross-entropy",
        ]
      let refused = try Tool.run(arguments, in: scratch)
      #expect(refused.code == 65 && refused.errors.contains("--layers classifier"))
      let run = try Tool.run(arguments + ["--layers", "classifier"], in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      let empty = try Tool.run(arguments + ["--layers", "a,,b"], in: scratch)
      #expect(empty.code == 64 && empty.errors.contains("--layers"))
    }
  }
}
