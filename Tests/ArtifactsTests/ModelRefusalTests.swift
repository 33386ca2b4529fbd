import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// Every message of the reader of models.
@Suite("Model files: refusals") struct ModelRefusalTests {
  private func tensor(_ shape: Int..., dtype: DType = .f64) -> Tensor {
    let count = shape.reduce(1, *)
    if dtype == .i64 { return Tensor([Int](repeating: 1, count: count), shape: shape) }
    return Tensor([Double](repeating: 1, count: count), shape: shape)
  }

  /// Tensors beside two linear layers `a` and `z`, by the reason they are refused for.
  private var obstacles: [(Obstacle.Reason, [(String, Tensor)])] {
    [
      (
        .batchNorm,
        [
          ("m.weight", tensor(4)), ("m.bias", tensor(4)), ("m.running_mean", tensor(4)),
          ("m.running_var", tensor(4)), ("m.num_batches_tracked", tensor(dtype: .i64)),
        ]
      ),
      (.batchNorm, [("params/BatchNorm_0/scale", tensor(4))]),
      (.batchNorm, [("batch_stats/N_0/mean", tensor(4)), ("batch_stats/N_0/var", tensor(4))]),
      (.normalization, [("m.weight", tensor(4)), ("m.bias", tensor(4))]),
      (.normalization, [("params/LayerNorm_0/scale", tensor(4))]),
      (.normalization, [("prelu.weight", tensor(1))]),
      (.convolution, [("m.weight", tensor(4, 4, 3, 3)), ("m.bias", tensor(4))]),
      (.convolution, [("params/Conv_0/kernel", tensor(3, 4, 4))]),
      (.embedding, [("tok_embeddings.weight", tensor(4, 4))]),
      (.embedding, [("wte.weight", tensor(4, 4))]),
      (.embedding, [("params/Embed_0/embedding", tensor(4, 4))]),
      (.attention, [("m.in_proj_weight", tensor(12, 4)), ("m.in_proj_bias", tensor(12))]),
      (.attention, [("m.attn.proj.weight", tensor(4, 4))]),
      (.attention, [("encoder.attention.self.query.weight", tensor(4, 4))]),
      (.attention, [("m.q_proj.weight", tensor(4, 4))]),
      (.recurrent, [("m.weight_ih_l0", tensor(4, 4)), ("m.bias_hh_l0", tensor(4))]),
      (.reparametrized, [("m.weight_g", tensor(4, 1)), ("m.weight_v", tensor(4, 4))]),
      (.reparametrized, [("m.parametrizations.weight.original0", tensor(4, 1))]),
      (.reparametrized, [("m.weight_orig", tensor(4, 4)), ("m.weight_mask", tensor(4, 4))]),
      (.lowRank, [("m.lora_A.weight", tensor(4, 4))]),
      (.quantized, [("m.weight", tensor(4, 4, dtype: .i64)), ("m.bias", tensor(4))]),
      (.loneBias, [("m.bias", tensor(4))]),
      (.empty, [("m.weight", tensor(4, 0))]),
      (.unknown, [("m.W", tensor(4, 4))]),
      (.unknown, [("m.weight", tensor())]),
      (.unknown, [("a.slope", tensor(4))]),
      (.counter, [("step", tensor(dtype: .i64))]),
      (.unknown, [("optimizer.state.0.exp_avg", tensor(4, 4))]),
    ]
  }

  @Test("what is no linear layer is named, with its reason and the advice there is")
  func everyObstacle() throws {
    // Those have tests of their own: ModelReadingTests.
    let others: Set<Obstacle.Reason> = [.unread, .lost, .duplicate]
    #expect(Set(obstacles.map(\.0)).union(others) == Set(Obstacle.Reason.allCases))
    for (reason, tensors) in obstacles {
      try withTemporaryDirectory { directory in
        for path in [directory + "/m.safetensors", directory + "/m.npz"] {
          let all = [("a.weight", tensor(4, 3)), ("z.weight", tensor(2, 4))] + tensors
          if path.hasSuffix("npz") {
            try writeNpz(all, to: path)
          } else {
            try writeSafetensors(all, metadata: [:], to: path)
          }
          let advice = reason.advice ?? reason.rawValue
          for (name, tensor) in tensors {
            expectError(path, "\"\(name)\" \(tensor.shape)", reason.rawValue, advice) {
              try ModelFile<Double>(path: path, activations: [.relu])
            }
          }
          let structure = try ModelStructure(ModelTensors(path))
          #expect(structure.obstacles.map(\.reason) == [reason], "\(tensors[0].0)")
          #expect(structure.obstacles[0].items.map(\.name).sorted() == tensors.map(\.0).sorted())
          // Whatever it is, the layers about it can be selected.
          if tensors[0].0 == "a.slope" { continue }
          let selected = try ModelStructure(ModelTensors(path), selecting: ["a", "z"])
          #expect(selected.isNetwork)
        }
      }
    }
  }

  private func expectRefusal(
    of tensors: [(String, Tensor)], metadata: [String: String] = [:],
    activations: [Activation]? = [.relu], _ words: String...,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      try writeSafetensors(tensors, metadata: metadata, to: path)
      for word in [path] + words {
        expectError(word, sourceLocation: sourceLocation) {
          try ModelFile<Double>(path: path, activations: activations)
        }
      }
    }
  }

  @Test("layers that do not follow each other are named with their shapes")
  func chain() throws {
    try expectRefusal(
      of: [
        ("fc1.weight", tensor(4, 3)), ("fc2.weight", tensor(2, 5)), ("fc10.weight", tensor(7, 2)),
      ],
      "\"fc1.weight\" [4, 3] has 4 outputs, \"fc2.weight\" [2, 5] takes 5 inputs",
      "--layers NAME,NAME")
    try expectRefusal(
      of: [("Dense_0/kernel", tensor(3, 4)), ("Dense_1/kernel", tensor(5, 2))],
      "\"Dense_0/kernel\" [3, 4] has 4 outputs, \"Dense_1/kernel\" [5, 2] takes 5 inputs")
    // The numbers are wrong, and sizes tell the right order.
    try expectRefusal(
      of: [
        ("fc1.weight", tensor(6, 5)), ("fc2.weight", tensor(5, 4)), ("out.weight", tensor(3, 6)),
      ],
      "\"fc1.weight\" [6, 5] has 6 outputs, \"fc2.weight\" [5, 4] takes 4 inputs",
      "--layers fc2,fc1,out")
    // Stored the other way round, under the wrong name.
    try expectRefusal(
      of: [("0.weight", tensor(3, 4)), ("1.weight", tensor(4, 2))], "[in, out]: name them kernel")
    try expectRefusal(
      of: [("0.weight", tensor(4, 3)), ("0.bias", tensor(3)), ("1.weight", tensor(2, 4))],
      "\"0.bias\" [3] (F64) beside \"0.weight\" [4, 3], which has 4 outputs")
    try expectRefusal(
      of: [
        ("0.weight", tensor(4, 3)), ("0.bias", tensor(4, dtype: .i64)), ("1.weight", tensor(2, 4)),
      ], "\"0.bias\" [4] (I64)")
    try expectRefusal(
      of: [("0.weight", tensor(4, 3)), ("0.kernel", tensor(3, 4)), ("1.weight", tensor(2, 4))],
      "\"0.weight\" [4, 3]", Obstacle.Reason.unknown.rawValue)
    // Both with and without the wrapper: which one counts?
    try expectRefusal(
      of: [
        ("0.weight", tensor(4, 3)), ("module.0.weight", tensor(4, 3)), ("1.weight", tensor(2, 4)),
      ],
      "\"module.0.weight\" [4, 3]")
  }

  @Test("a network has a hidden layer")
  func tooFew() throws {
    try expectRefusal(of: [], "0 linear layers", "at least 2")
    try expectRefusal(of: [("weight", tensor(2, 3))], "1 linear layer,", "at least 2")
  }

  @Test("many obstacles are counted")
  func many() throws {
    let norms = (0..<9).map { ("n\($0).weight", tensor(4)) }
    try expectRefusal(of: norms, "\"n5.weight\"", "3 more")
  }

  @Test("names with line breaks and control characters make no second line")
  func names() throws {
    for name in ["a\nb", "\u{1B}[31mred", "ü.\u{202E}x", "'", ".", ""] {
      try expectRefusal(
        of: [
          (name + "conv.weight", tensor(2, 2, 2)), (name + "0.weight", tensor(4, 3)),
          (name + "1.weight", tensor(2, 4)), (name + "9.weight", tensor(2, 7)),
        ], "convolution", "takes 7 inputs")
    }
  }

  @Test("activations: one, or as many as hidden layers; known ones")
  func activations() throws {
    let tensors = [
      ("0.weight", tensor(4, 3)), ("1.weight", tensor(4, 4)), ("2.weight", tensor(4, 4)),
      ("3.weight", tensor(2, 4)),
    ]
    try expectRefusal(
      of: tensors, activations: [.relu, .tanh], "activation: found 2 (relu,tanh)",
      "one for each of the 3 hidden layers")
    try expectRefusal(of: tensors, activations: nil, "no activation", "--activation (tanh")
    // The texts of other tools say nothing.
    try expectRefusal(
      of: tensors, metadata: ["activation": "relu"], activations: nil, "no activation")
    let own = ["landbridge.version": "0.1.0"]
    try expectRefusal(
      of: tensors, metadata: own.merging(["activation": "gulu\n"]) { $1 }, activations: nil,
      "metadata key activation", "gulu", "gelu? known", "softplus")
    try expectRefusal(
      of: tensors, metadata: own.merging(["activation": "relu", "scaling": "ntk"]) { $1 },
      activations: nil,
      "metadata key scaling", "ntk", "mean-field or standard")
    let list = [Activation.relu, .ramp(low: -1, high: 1, from: 0, to: 2), .tanh]
    #expect(try parseActivations(describe(list)) == list)
    #expect(try parseActivations("tanh") == [.tanh])
    #expect(
      try parseActivations("ReLU, LeakyReLU(negative_slope=0.2),gelu_tanh")
        == [.relu, .leakyReLU(slope: 0.2), .geluTanh])
    #expect(throws: UnknownActivation.self) { try parseActivations("tanh,nonsense") }
  }

  @Test("weights that are not finite, or beyond the range of float, are refused with their layer")
  func notFinite() throws {
    for bad in [Double.nan, .infinity, 1e300] {
      for place in ["0.weight", "1.weight", "1.bias"] {
        var tensors = [
          ("0.weight", tensor(4, 3)), ("1.weight", tensor(2, 4)), ("1.bias", tensor(2)),
        ]
        let index = try #require(tensors.firstIndex { $0.0 == place })
        let count = tensors[index].1.count
        tensors[index].1 = Tensor(
          [Double](repeating: 0, count: count - 1) + [bad], shape: tensors[index].1.shape)
        try withTemporaryDirectory { directory in
          let path = directory + "/m.safetensors"
          try writeSafetensors(tensors, metadata: [:], to: path)
          expectError(path, "layer \"\(place.prefix(1))\"", "not finite", "range of float") {
            try ModelFile<Float>(path: path, activations: [.relu])
          }
          if bad == 1e300 {
            _ = try ModelFile<Double>(path: path, activations: [.relu])
          } else {
            expectError(path, "not finite") {
              try ModelFile<Double>(path: path, activations: [.relu])
            }
          }
        }
      }
    }
  }

  @Test("files of other kinds are recognised, with what to do")
  func otherFormats() throws {
    let kinds: [(start: [UInt8], words: [String])] = [
      (Array("PK\u{3}\u{4}".utf8), ["a zip file"]),
      ([0x80, 0x02], ["pickle", "safetensors.torch.save_file"]),
      ([0x89] + Array("HDF".utf8), ["HDF5"]),
      ([0x93] + Array("NUMPY".utf8), ["single NumPy array", "numpy.savez"]),
    ]
    for (start, words) in kinds {
      try withTemporaryDirectory { directory in
        let path = directory + "/m.safetensors"
        try (Data(start) + Data(repeating: 7, count: 100)).write(to: URL(filePath: path))
        for word in words { expectError(path, word) { try ModelTensors(path) } }
      }
    }
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      try Data("text, not tensors".utf8).write(to: URL(filePath: path))
      expectError(path, "not a safetensors file") { try ModelTensors(path) }
      try Data("text, not tensors".utf8).write(to: URL(filePath: directory + "/m.npz"))
      expectError("m.npz", "no end of a zip archive") { try ModelTensors(directory + "/m.npz") }
      expectError("none.npz", "No such file") { try ModelTensors(directory + "/none.npz") }
    }
  }

  @Test("texts of archives are JSON objects of strings")
  func archiveMetadata() throws {
    for bad in [Tensor([1.0]), Tensor([UInt8]("[1]".utf8)), Tensor([UInt8]("{\"a\":1}".utf8))] {
      try withTemporaryDirectory { directory in
        let path = directory + "/m.npz"
        try writeNpz([(ModelTensors.metadataKey, bad)], to: path)
        expectError(path, "array __metadata__", "JSON object of strings") { try ModelTensors(path) }
      }
    }
  }
}
