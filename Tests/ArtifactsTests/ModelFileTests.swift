import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// A directory that lives as long as the call.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let url = URL.temporaryDirectory.appending(path: "landbridge-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path(percentEncoded: false))
}

/// Small numbers, different for every `item`.
func numbers(_ rows: Int, _ columns: Int, _ item: UInt64 = 0) -> Matrix<Double> {
  .normal(
    rows: rows, columns: columns, stream: RandomStream(seed: 2, purpose: .initialization),
    item: item)
}

@Suite("Model files: exact") struct ModelFileTests {
  private func network<Scalar: MatrixScalar>(_ scaling: Scaling, bias: Bool = true) -> Network<
    Scalar
  > {
    var network: Network<Scalar> = Architecture(hidden: [5, 4, 3], scaling: scaling, bias: bias)
      .network(inputs: 3, outputs: 2, stream: RandomStream(seed: 1, purpose: .initialization))
    for index in network.layers.indices {
      network.layers[index].bias = network.layers[index].bias?.indices.map {
        Scalar($0) / 7 - Scalar(index) / 3
      }
    }
    network.layers[1].activation = .relu
    network.layers[2].activation = .saturatingRamp
    return network
  }

  private func roundTrip<Scalar: MatrixScalar>(_ type: Scalar.Type) throws {
    for scaling in Scaling.allCases {
      for bias in [false, true] {
        for names in LayerNames.allCases {
          for suffix in ["safetensors", "npz"] {
            let network: Network<Scalar> = network(scaling, bias: bias)
            try withTemporaryDirectory { directory in
              let path = directory + "/m." + suffix
              try ModelFile(network: network, metadata: ["note": "kept ü \"\n"])
                .write(to: path, names: names)
              let read = try ModelFile<Scalar>(path: path)
              #expect(read.network == network, "\(scaling) \(names) \(suffix)")
              #expect(read.metadata["note"] == "kept ü \"\n")
              let first = try Data(contentsOf: URL(filePath: path))
              try read.write(to: path, names: names)
              #expect(try Data(contentsOf: URL(filePath: path)) == first)
            }
          }
        }
      }
    }
  }

  @Test("a network is read back bit by bit, whatever the names, the scaling and the format")
  func roundTrip() throws {
    try roundTrip(Float.self)
    try roundTrip(Double.self)
  }

  @Test("names that are written are those of nn.Sequential and of Flax")
  func names() throws {
    try withTemporaryDirectory { directory in
      let network: Network<Double> = network(.standard)
      let path = directory + "/m.safetensors"
      try ModelFile(network: network).write(to: path, names: .sequential)
      let sequential = try SafetensorsFile(path)
      #expect(
        sequential.namesInNaturalOrder == [0, 2, 4, 6].flatMap { ["\($0).bias", "\($0).weight"] })
      #expect(
        try sequential.tensor("2.weight").matrix(of: Double.self) == network.layers[1].weights)
      try ModelFile(network: network).write(to: path, names: .flax)
      let flax = try SafetensorsFile(path)
      #expect(
        flax.namesInNaturalOrder
          == (0...3).flatMap { ["params/Dense_\($0)/bias", "params/Dense_\($0)/kernel"] })
      let kernel = try flax.tensor("params/Dense_1/kernel")
      #expect(kernel.shape == [5, 4])
      #expect(try kernel.matrix(of: Double.self) == network.layers[1].weights.transposed)
      #expect(flax.metadata["format"] == "flax")
    }
  }

  @Test("standard scaling has the factors 1/N in the weights; exact for powers of two")
  func fold() {
    let network: Network<Double> = network(.meanField)
    let folded = network.inStandardScaling
    #expect(folded.scaling == .standard && folded.inStandardScaling == folded)
    #expect(folded.layers[0] == network.layers[0])
    // Layer 2 has 4 inputs, layer 1 has 5.
    #expect(folded.layers[2].weights == network.layers[2].weights.map { $0 * 0.25 })
    let inputs = numbers(7, 3)
    for (a, b) in zip(folded.outputs(inputs).elements, network.outputs(inputs).elements) {
      #expect(abs(a - b) < 1e-15)
    }
  }

  /// Names of the layers 0, 1, 2 in manners of PyTorch, Flax and JAX.
  private static let manners:
    [(weight: @Sendable (Int) -> String, bias: @Sendable (Int) -> String)] =
      [
        ({ "\(2 * $0).weight" }, { "\(2 * $0).bias" }),
        ({ "fc\($0 + 9).weight" }, { "fc\($0 + 9).bias" }),
        ({ "layers.\($0 + 9).linear.weight" }, { "layers.\($0 + 9).linear.bias" }),
        ({ "module.\($0).weight" }, { "module.\($0).bias" }),
        ({ "_orig_mod.module.net.\($0).weight" }, { "_orig_mod.module.net.\($0).bias" }),
        ({ "params/Dense_\($0 + 9)/kernel" }, { "params/Dense_\($0 + 9)/bias" }),
        ({ "params.Dense_\($0 + 9).kernel" }, { "params.Dense_\($0 + 9).bias" }),
        ({ "['params']['Dense_\($0)']['kernel']" }, { "['params']['Dense_\($0)']['bias']" }),
        ({ ["fc1", "fc2", "out"][$0] + ".weight" }, { ["fc1", "fc2", "out"][$0] + ".bias" }),
      ]

  @Test("files from elsewhere: any names, both orientations, natural order, both formats")
  func foreign() throws {
    let weights = [numbers(4, 3, 0), numbers(5, 4, 1), numbers(2, 5, 2)]
    let biases = weights.map { (0..<$0.rows).map { Double($0) + 0.5 } }
    for (weight, bias) in Self.manners {
      var tensors: [(String, Tensor)] = []
      // Not in their order in the file; the middle layer has no bias.
      for index in [2, 0, 1] {
        let isKernel = weight(index).contains("kernel")
        tensors.append(
          (weight(index), Tensor(isKernel ? weights[index].transposed : weights[index])))
        if index != 1 { tensors.append((bias(index), Tensor(biases[index]))) }
      }
      try withTemporaryDirectory { directory in
        try writeSafetensors(tensors, metadata: [:], to: directory + "/m.safetensors")
        try writeNpz(tensors, to: directory + "/m.npz", compressed: true)
        for name in ["/m.safetensors", "/m.npz"] {
          let read = try ModelFile<Double>(path: directory + name, activations: [.relu, .tanh])
          let network = read.network
          #expect(network.layers.map(\.weights) == weights, "\(weight(0))")
          #expect(network.layers.map(\.bias) == [biases[0], nil, biases[2]])
          #expect(network.layers.map(\.activation) == [.relu, .tanh, .identity])
          #expect(network.scaling == .standard && read.metadata == [:])
          let other = try ModelFile<Double>(
            path: directory + name, activations: [.relu], scaling: .meanField)
          #expect(other.network.scaling == .meanField)
        }
      }
    }
  }

  @Test("half precision, bfloat16 and float are read exactly, also mixed")
  func precisions() throws {
    let values = Matrix<Float>(rows: 2, columns: 2, [1.5, -2, 0.25, 3])
    // bfloat16 is the upper half of a float.
    let brain = Data(
      values.elements.flatMap { value -> [UInt8] in
        let bits = value.bitPattern >> 16
        return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
      })
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      try writeSafetensors(
        [
          ("0.weight", Tensor(halfPrecision: values)),
          ("1.weight", Tensor(shape: [2, 2], dtype: .bf16, bytes: brain)),
          ("2.weight", Tensor(values)), ("3.weight", Tensor(Matrix<Double>(scalars: values))),
        ], metadata: [:], to: path)
      let double = try ModelFile<Double>(path: path, activations: [.tanh]).network
      let float = try ModelFile<Float>(path: path, activations: [.tanh]).network
      #expect(double.layers.allSatisfy { $0.weights == Matrix(scalars: values) })
      #expect(float.layers.allSatisfy { $0.weights == values })
    }
  }

  @Test("--layers selects a head, below a prefix or layer by layer in the order given")
  func selection() throws {
    let (first, second) = (numbers(4, 3, 0), numbers(2, 4, 1))
    let tensors: [(String, Tensor)] = [
      ("module.features.0.weight", Tensor([Double](repeating: 1, count: 8), shape: [2, 2, 2])),
      ("module.features.1.running_mean", Tensor([1.0, 2])),
      ("module.z_in.weight", Tensor(first)), ("module.a_out.weight", Tensor(second)),
      ("module.head.0.weight", Tensor(first)), ("module.head.3.weight", Tensor(second)),
      ("module.head.3.bias", Tensor([1.0, 2])),
    ]
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      try writeSafetensors(tensors, metadata: [:], to: path)
      func read(_ layers: [String]) throws -> Network<Double> {
        try ModelFile<Double>(path: path, activations: [.relu], layers: layers).network
      }
      #expect(throws: FormatError.self) { try read(["module"]) }
      for prefix in ["head", "module.head", "head."] {
        #expect(try read([prefix]).layers.map(\.weights) == [first, second])
        #expect(try read([prefix]).layers.map(\.bias) == [nil, [1, 2]])
      }
      #expect(try read(["z_in", "a_out"]).layers.map(\.bias) == [nil, nil])
      #expect(try read(["head.0", "a_out"]).layers.map(\.weights) == [first, second])
      // Prefixes end at dots: nothing is called "hea".
      expectError("\(path)", "--layers hea:", "no tensor below it", "\"head.0\"") {
        try read(["hea"])
      }
      expectError("--layers head.0", "selected already") { try read(["head", "head.0"]) }
      // Without a selection the whole file is refused, and the selections are named.
      expectError("\"features.0\": convolution", "\"features.1\": batch norm", "--layers head") {
        try ModelFile<Double>(path: path, activations: [.relu])
      }
      let structure = try ModelStructure(ModelTensors(path))
      #expect(!structure.isNetwork && structure.suggestions == ["head"])
      #expect(structure.layers.map(\.name) == ["a_out", "head.0", "head.3", "z_in"])
    }
  }
}

/// Checks that `body` fails with a `FormatError` on one line that contains each of `words`.
func expectError(
  _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
  _ body: () throws -> some Any
) {
  do {
    _ = try body()
    Issue.record("accepted; expected an error with \(words)", sourceLocation: sourceLocation)
  } catch let error as FormatError {
    let message = "\(error)"
    #expect(!message.contains { $0.isNewline }, "\(message)", sourceLocation: sourceLocation)
    for word in words {
      #expect(message.contains(word), "\(word): \(message)", sourceLocation: sourceLocation)
    }
  } catch {
    Issue.record("\(error) is no FormatError", sourceLocation: sourceLocation)
  }
}
