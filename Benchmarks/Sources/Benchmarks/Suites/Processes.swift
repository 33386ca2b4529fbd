import ArgumentParser
import Foundation
import Landbridge
import LinearAlgebra

private let mebibyte = Double(1 << 20)

/// Trains and says nothing; its memory is what is measured.
struct TrainChild: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-child", abstract: "Train one network of noise.", shouldDisplay: false)

  @Option var width: Int
  @Option var inputs: Int
  @Option var outputs = 1
  @Option var steps = 512
  @Option var threads = 1

  func run() throws {
    let shape = TrainingShape(hidden: [width], inputs: inputs, outputs: outputs)
    let sgd = shape.training(threads: threads)
    guard sgd.run(until: steps) == .finished else { throw ExitCode.failure }
  }
}

/// The parameters of a two-layer network in Float, and the 512 samples it is trained on, in bytes.
func trainingBytes(width: Int, inputs: Int, outputs: Int = 1) -> (parameters: Int, data: Int) {
  (4 * width * (inputs + outputs), 4 * 512 * (inputs + outputs))
}

func peakOfTraining(width: Int, inputs: Int, outputs: Int = 1, threads: Int = 1) throws -> Int {
  try peakMemory(
    of: ownExecutable,
    [
      "train-child", "--width", "\(width)", "--inputs", "\(inputs)", "--outputs", "\(outputs)",
      "--threads", "\(threads)",
    ])
}

/// The largest resident set of training. The limit is 1.5 × parameters + 64 MiB + data.
func memoryRows(_ settings: Settings) throws -> [Row] {
  let (width, inputs, heldOut) = (25_600, 784, 1000)
  let shape = "N=\(width) d=\(inputs)"
  let bytes = trainingBytes(width: width, inputs: inputs)
  let threads = settings.threads.last!
  func row(_ work: String, data: Int, _ measure: () throws -> Int) throws -> Row {
    let peaks = try (0..<3).map { _ in Double(try measure()) }
    let peak = Measurement(peaks)
    let limit = 1.5 * Double(bytes.parameters) + 64 * mebibyte + Double(data)
    return Row(
      suite: "memory", work: work, threads: threads, unit: .mebibytes,
      value: peak.scaled(by: 1 / mebibyte),
      ratios: [
        Ratio(name: "× the parameters", value: peak.median / Double(bytes.parameters)),
        Ratio(
          name: "of the limit", value: peak.median / limit,
          target: .atMost(1)),
      ])
  }
  var rows: [Row] = []
  if settings.wants("memory", "OnlineSGD, \(shape)") {
    rows.append(
      try row("OnlineSGD, \(shape)", data: bytes.data) {
        try peakOfTraining(width: width, inputs: inputs, threads: threads)
      })
  }
  guard settings.wants("memory", "landbridge train, \(shape)") else { return rows }
  guard let tool = settings.landbridge else {
    note("memory of `landbridge train`: skipped, --landbridge names no tool")
    return rows
  }
  let folder = FileManager.default.temporaryDirectory.appending(
    path: "landbridge-bench-\(ProcessInfo.processInfo.processIdentifier)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  let model = folder.appending(path: "model.safetensors").path(percentEncoded: false)
  rows.append(
    try row("landbridge train, \(shape)", data: 4 * heldOut * (inputs + 1)) {
      try peakMemory(
        of: tool,
        [
          "train", "--data", "gaussians:d=\(inputs),delta=0.5,n=\(heldOut)", "--hidden",
          "\(width)", "--steps", "512", "--step-size", "0.0001", "--threads", "\(threads)",
          "--quiet", "-o", model,
        ])
    })
  return rows
}

func startUpRows(_ settings: Settings) throws -> [Row] {
  let name = "landbridge --help"
  guard settings.wants("startup", name) else { return [] }
  guard let tool = settings.landbridge else {
    note("start-up: skipped, --landbridge names no tool")
    return []
  }
  _ = try runChild(tool, ["--help"])
  let times = try (0..<41).map { _ in try runChild(tool, ["--help"]).seconds * 1e3 }
  let time = Measurement(times)
  return [
    Row(
      suite: "startup", work: name, threads: 1, unit: .startUp, value: time,
      ratios: [Ratio(name: "ms", value: time.median, target: .atMost(30))])
  ]
}
