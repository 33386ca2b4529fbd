import Artifacts
import Experiments
import Foundation
import Landbridge
import LinearAlgebra
import Testing

@Suite struct `Train` {
  @Test func `JSON has the documented keys`() throws {
    let scratch = try Scratch()
    let json = try scratch.train("a.safetensors", "--step-size", "0.05").json()
    for key in [
      "steps", "time", "loss", "testLoss", "stepsPerSecond", "outcome", "testError",
      "dropoutLoss", "trajectory", "configuration", "model",
    ] {
      #expect(json[key] != nil, "\(key)")
    }
    #expect(json["outcome"] as? String == "finished")
    #expect(json["steps"] as? Int == 600)
    #expect(abs((json["time"] as? Double ?? 0) - 30) < 1e-9)
    let trajectory = try #require(json["trajectory"] as? [[String: Any]])
    let steps = trajectory.map { $0["step"] as? Int ?? -1 }
    #expect(steps.first == 0 && steps.last == 600)
    #expect(steps == steps.sorted() && Set(steps).count == steps.count)
  }

  @Test func `reports the losses of the network it wrote, and of its first half`() throws {
    let scratch = try Scratch()
    let json = try scratch.train("a.safetensors", "--precision", "double").json()
    let network = try ModelFile<Double>(path: scratch.path("a.safetensors")).network
    let samples: Samples<Double> = try DataSpecification(parsing: gaussians).samples()
    let risk = try EmpiricalRisk(samples, loss: .squared)
    let whole = network.evaluate(on: risk)
    let half = network.keeping(.first([4])).evaluate(on: risk)
    #expect(json["testLoss"] as? Double == whole.loss)
    #expect(json["testError"] as? Double == whole.error)
    #expect(json["dropoutLoss"] as? Double == half.loss)
  }

  @Test func `a model's record is the same kind as that of a trial`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--evaluations", "3", "--hidden", "5,4")
    let reproduce = try Tool.run(
      "reproduce", "--only", "gaussians", "--widths", "10", "--trials", "1", "--steps", "50", "-o",
      "r", in: scratch)
    #expect(reproduce.code == 0, "\(reproduce.errors)")
    for (path, widths, quantities) in [
      ("a.safetensors", [5, 4], QuantityName.ofTraining),
      ("r/models/gaussians/N0010-trial00.safetensors", [10], QuantityName.ofTrials),
    ] {
      let file = try ModelFile<Float>(path: scratch.path(path))
      let record = try #require(try TrainingRecord(metadata: file.metadata, path: path))
      #expect(record.outcome == .finished && record.step == record.plan.steps)
      #expect(record.plan.architecture.hidden == widths && record.plan.precision == .float)
      #expect(record.plan.quantities == quantities)
      for measurement in record.measurements.dropFirst() {
        #expect(Set(measurement.values.keys) == Set(quantities))
      }
      #expect(file.metadata["loss"] == "squared")
      let info = try Tool.run("data", "info", path, in: scratch)
      #expect(
        info.output.replacing("\n ", with: "").contains(
          "finished after \(record.step) steps"), "\(info.output)")
      #expect(try SeenSamples(metadata: file.metadata, path: path).records.count == 1)
    }
  }

  @Test func `writes what the library trains`() throws {
    let scratch = try Scratch()
    try scratch.train(
      "a.safetensors", "--precision", "double", "--evaluations", "1", "--seed", "7",
      "--method", "step-by-step", "--step-size", "0.03")
    let dataset: Dataset<Double> = try DataSpecification(parsing: gaussians).dataset()
    let initial: Network<Double> = Architecture(hidden: [8]).network(
      inputs: 6, outputs: 1, stream: RandomStream(seed: 7, purpose: .initialization))
    let sgd = OnlineSGD(
      network: initial, source: dataset.source(seed: 7), loss: .squared, stepSize: StepSize(0.03),
      method: .stepByStep)
    #expect(sgd.run(until: 600) == .finished)
    let written = try ModelFile<Double>(path: scratch.path("a.safetensors")).network
    #expect(written == sgd.network)
  }

  @Test func `same seed gives the same bytes, whatever the threads`() throws {
    let scratch = try Scratch()
    for (name, threads) in [("one", "1"), ("two", "2")] {
      try scratch.train(
        "\(name).safetensors", "--threads", threads, "--hidden", "700", "--steps", "300",
        "--block-size", "64")
    }
    #expect(try scratch.bytes("one.safetensors") == scratch.bytes("two.safetensors"))
    try scratch.train("three.safetensors", "--hidden", "700", "--steps", "300", "--seed", "1")
    #expect(try scratch.bytes("one.safetensors") != scratch.bytes("three.safetensors"))
  }

  @Test func `trains two hidden layers, leaving the ends alone`() throws {
    let scratch = try Scratch()
    try scratch.train(
      "a.safetensors", "--hidden", "8,6", "--trained", "middle", "--activation", "relu,tanh",
      "--seed", "3")
    let trained = try ModelFile<Float>(path: scratch.path("a.safetensors")).network
    let initial: Network<Float> = Architecture(hidden: [8, 6]).network(
      inputs: 6, outputs: 1, stream: RandomStream(seed: 3, purpose: .initialization))
    #expect(trained.layers.map(\.activation) == [.relu, .tanh, .identity])
    #expect(trained.layers[0].weights == initial.layers[0].weights)
    #expect(trained.layers[1].weights != initial.layers[1].weights)
    #expect(trained.layers[2].weights == initial.layers[2].weights)
  }

  @Test(arguments: [
    ("GELU", Activation.gelu), ("GELU(approximate='tanh')", .geluTanh), ("SiLU", .silu),
    ("LeakyReLU(negative_slope=0.2)", .leakyReLU(slope: 0.2)), ("ELU", .elu), ("SELU", .selu),
    ("Hardtanh", .hardTanh),
  ])
  func `activations are understood as PyTorch spells them, connected and certified`(
    spelling: String, σ: Activation
  ) throws {
    let scratch = try Scratch()
    for seed in ["1", "2"] {
      try scratch.train(
        "\(seed).safetensors", "--activation", spelling, "--seed", seed, "--precision", "double")
    }
    let file = try ModelFile<Double>(path: scratch.path("1.safetensors"))
    #expect(file.network.layers.map(\.activation) == [σ, .identity])
    #expect(file.metadata["activation"] == σ.description)
    let connect = try Tool.run(
      "connect", "1.safetensors", "2.safetensors", "--data", gaussians, "--input-range=-9,9",
      "-o", "path", in: scratch)
    #expect(connect.code == 0, "\(connect.errors)")
    let verify = try Tool.run(
      "verify", "path/certificate.json", "--data", gaussians, in: scratch)
    #expect(verify.code == 0, "\(verify.errors)\(verify.output)")
  }

  @Test func `an activation that is none is refused with the nearest`() throws {
    let scratch = try Scratch()
    for (name, advice) in [
      ("gellu", "gelu? known are tanh"), ("leaky-relu:2", "0 < slope < 1"),
      ("tanh,sylu", "silu? known"),
    ] {
      let run = try Tool.run(
        "train", "--data", gaussians, "--hidden", "8,8", "--activation", name, "-o",
        "a.safetensors", in: scratch)
      #expect(run.code == 64)
      #expect(
        run.errors.replacing("\n", with: " ").contains(advice), "\(name): \(run.errors)")
    }
  }

  @Test func `passes and time say how many steps`() throws {
    let scratch = try Scratch()
    func steps(_ arguments: String...) throws -> Int? {
      let run = try Tool.run(
        [
          "train", "--hidden", "4", "--format", "json", "--evaluations", "1", "-o",
          "a.safetensors",
        ] + arguments, in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      return try run.json()["steps"] as? Int
    }
    // 1797 digits, of which a fifth, rounded down, is held out.
    #expect(try steps("--data", "digits", "--passes", "1.5") == 2157)
    #expect(try steps("--data", gaussians, "--time", "2", "--step-size", "0.1") == 20)
    #expect(
      try steps("--data", gaussians, "--time", "2", "--step-size", "0.1", "--schedule", "cosine")
        == 40)
  }

  @Test func `divergence is an outcome with a hint, and leaves no model`() throws {
    let scratch = try Scratch()
    let run = try Tool.run(
      "train", "--data", "digits", "--hidden", "20", "--steps", "2000", "--step-size", "500",
      "--format", "json", "-o", "a.safetensors", in: scratch)
    #expect(run.code == 1 && run.isOrderly)
    let json = try run.json()
    #expect(json["outcome"] as? String == "diverged")
    let step = try #require(json["divergedAt"] as? Int)
    #expect(json["steps"] as? Int == step)
    #expect(run.errors.contains("diverged at step \(step)"))
    #expect(run.errors.contains("smaller --step-size"))
    #expect(try scratch.contents.isEmpty)
    #expect(!run.output.lowercased().contains("nan") && !run.output.contains("inf"))
  }
}

/// A training that takes some seconds if nothing ends it before.
let longTraining = [
  "train", "--data", "gaussians:d=40,n=50", "--hidden", "300", "--steps", "400000",
  "--step-size", "0.001", "--evaluations", "5", "--threads", "1", "-o", "model.safetensors",
]

@Suite(.serialized) struct `Interrupted training` {
  /// Of a run that nothing interrupted.
  static let reference = Result {
    let scratch = try Scratch()
    let run = try Tool.run(longTraining, in: scratch)
    try #require(run.code == 0, "\(run.errors)")
    return try scratch.bytes("model.safetensors")
  }

  @Test func `killed and resumed gives the same bytes`() throws {
    let scratch = try Scratch()
    let running = try Tool.start(longTraining + ["--checkpoint-every", "3000"], in: scratch)
    try #require(running.wait { scratch.exists("model.checkpoint.safetensors") })
    running.send(SIGKILL)
    #expect(try !running.finish().isOrderly)
    #expect(!scratch.exists("model.safetensors"))

    let resumed = try Tool.run(
      "train", "--resume", "model.checkpoint.safetensors", "--format", "json", in: scratch)
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try scratch.bytes("model.safetensors") == Self.reference.get())
    #expect(!scratch.exists("model.checkpoint.safetensors"))
  }

  @Test(arguments: [SIGINT, SIGTERM, SIGHUP])
  func `stopped by a signal leaves a checkpoint, and resumed gives the same bytes`(
    _ signal: Int32
  ) throws {
    let scratch = try Scratch()
    let running = try Tool.start(longTraining + ["--checkpoint-every", "2000"], in: scratch)
    try #require(running.wait { scratch.exists("model.checkpoint.safetensors") })
    try FileManager.default.removeItem(atPath: scratch.path("model.checkpoint.safetensors"))
    running.send(signal)
    let stopped = try running.finish()
    #expect(stopped.isOrderly && stopped.code == 128 + signal)
    #expect(stopped.output.isEmpty)
    #expect(stopped.errors.contains("--resume model.checkpoint.safetensors"))
    #expect(try scratch.contents == ["model.checkpoint.safetensors"])

    let resumed = try Tool.run(
      "train", "--resume", "model.checkpoint.safetensors", "--step-size", "0.001", in: scratch)
    #expect(resumed.code == 0, "\(resumed.errors)")
    #expect(try scratch.bytes("model.safetensors") == Self.reference.get())
  }

  @Test func `a resumed run keeps its configuration`() throws {
    let scratch = try Scratch()
    let running = try Tool.start(longTraining + ["--checkpoint-every", "2000"], in: scratch)
    try #require(running.wait { scratch.exists("model.checkpoint.safetensors") })
    running.send(SIGKILL)
    _ = try running.finish()
    for (option, value) in [
      ("--step-size", "0.01"), ("--hidden", "20"), ("--seed", "4"), ("--precision", "double"),
      ("--steps", "500000"), ("--loss", "cross-entropy"), ("--schedule", "cosine"),
    ] {
      let run = try Tool.run(
        "train", "--resume", "model.checkpoint.safetensors", option, value, in: scratch)
      #expect(run.code == 64, "\(option)")
      #expect(run.errors.contains(option) && run.errors.contains("contradicts"), "\(run.errors)")
    }
    try scratch.train("finished.safetensors")
    let run = try Tool.run(
      "train", "--resume", "finished.safetensors", "-o", "b.safetensors", in: scratch)
    #expect(run.code == 65)
    #expect(run.errors.contains("a training that has finished"))
  }
}
