import ArgumentParser
import DataFormats
import Foundation
import Landbridge
import LinearAlgebra

/// Landbridge's side of `make bench-peers`: answers the questions of peers/compare.py, one JSON
/// object per line, as the Python peers do.
struct Worker: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer the driver of the comparison with other frameworks.", shouldDisplay: false)

  @Option var threads = 1

  func run() throws {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    var peer: (any PeerWork)?
    while let line = readLine() {
      let question = try decoder.decode(Question.self, from: Data(line.utf8))
      switch question.do {
      case "versions": try answer(["machine": Machine.current])
      case "sgemm": try answer(["rate": sgemmRate(threads: threads, seconds: 0.2).rate])
      case "load":
        peer = try load(question)
        try answer(["form": "blocks"])
      case "run":
        // Whole blocks: a turn that ended within one of Landbridge's own would cut it short.
        let block = peer!.block
        let blocks = (question.steps! + block - 1) / block
        let seconds = try elapsed { try peer!.run(blocks: blocks) }
        try answer(["seconds": seconds, "steps": Double(blocks * block)])
      case "save":
        let results = peer!.results().enumerated().map { ("arr_\($0)", Tensor($1)) }
        try writeNpz(results, to: question.file!)
        try answer([String: Double]())
      default: throw ValidationError("unknown question \(question.do)")
      }
    }
  }

  private func load(_ question: Question) throws -> any PeerWork {
    let (shape, arrays) = (question.case!, try readNpz(question.file!))
    if shape.trained == "features" { return try PeerFeatures(arrays, threads: threads) }
    return try PeerTraining(shape, arrays, threads: threads)
  }

  private func answer(_ value: some Encodable) throws {
    print(String(decoding: try JSONEncoder().encode(value), as: UTF8.self))
    fflush(nil)
  }
}

private struct Question: Decodable {
  var `do`: String
  var `case`: PeerCase?
  var file: String?
  var steps: Int?
}

/// `Case` of peers/cases.py.
private struct PeerCase: Decodable {
  var hidden: [Int]
  var trained: String
  var stepSize: Double
  var block: Int
}

private protocol PeerWork {
  var block: Int { get }
  func run(blocks: Int) throws
  func results() -> [Matrix<Float>]
}

private struct PeerTraining: PeerWork {
  let sgd: OnlineSGD<Float>
  let block: Int

  init(_ shape: PeerCase, _ arrays: NpzFile, threads: Int) throws {
    func matrix(_ name: String) throws -> Matrix<Float> { try arrays.tensor(name).matrix() }
    let samples = Samples(
      inputs: try matrix("x"), targets: try matrix("y"), isClassification: true)
    let last = shape.hidden.count
    let layers = try (0...last).map {
      Layer(weights: try matrix("w\($0)"), activation: $0 == last ? .identity : .tanh)
    }
    sgd = OnlineSGD(
      network: Network(layers: layers, scaling: .meanField), source: Cycled(samples: samples),
      loss: samples.outputDimension == 1 ? .squared : .crossEntropy,
      stepSize: StepSize(shape.stepSize), trained: TrainedLayers(rawValue: shape.trained)!,
      threads: threads)
    block = shape.block
  }

  func run(blocks: Int) throws {
    let outcome = sgd.run(until: sgd.step + blocks * block)
    guard outcome == .finished else { throw ValidationError("training ended: \(outcome)") }
  }

  func results() -> [Matrix<Float>] { sgd.network.layers.map(\.weights) }
}

private final class PeerFeatures: PeerWork {
  let block: Int
  private let network: VGG16Features
  private let pixels: [UInt8]
  private let threads: Int
  private var features = Matrix<Float>(rows: 0, columns: 0)

  init(_ arrays: NpzFile, threads: Int) throws {
    network = try VGG16Features(
      height: 32, width: 32, upTo: .pool5, normalization: .torchvision,
      availableNames: arrays.names
    ) { name in
      // A tensor that cannot be read counts as missing; the error then names it.
      guard let tensor = try? arrays[name] else { return nil }
      return (tensor.shape, tensor.values(as: Float.self))
    }
    let images = try arrays.tensor("images")
    (block, pixels) = (images.shape[0], [UInt8](images.bytes))
    self.threads = threads
  }

  func run(blocks: Int) {
    let pixels = pixels
    for _ in 0..<blocks { features = network.features(images: pixels.span, threads: threads) }
  }

  func results() -> [Matrix<Float>] { [features] }
}
