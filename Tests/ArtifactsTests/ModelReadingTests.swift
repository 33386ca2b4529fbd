import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// Names, types and cuts of other tools' files.
@Suite("Model files of other tools") struct ModelReadingTests {
  private let w = numbers(5, 4, 0)
  private let b = (0..<5).map { Double($0) / 2 }
  private let v = numbers(3, 5, 1)
  private let c = [1.0, -2, 3]

  /// A network of two layers under names, kernels transposed.
  private func tensors(
    _ first: (String, String), _ second: (String, String), isKernel: Bool = false
  ) -> [(String, Tensor)] {
    [
      (first.0, Tensor(isKernel ? w.transposed : w)), (first.1, Tensor(b)),
      (second.0, Tensor(isKernel ? v.transposed : v)), (second.1, Tensor(c)),
    ]
  }

  private func expectNetwork(
    _ file: ModelFile<Double>, _ what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      file.network.layers.map(\.weights) == [w, v], "\(what)", sourceLocation: sourceLocation)
    #expect(file.network.layers.map(\.bias) == [b, c], "\(what)", sourceLocation: sourceLocation)
  }

  @Test("names of Keras, nnx, Haiku, equinox, scikit-learn, and written again as they were")
  func frameworks() throws {
    let kernels = [
      (("dense/kernel:0", "dense/bias:0"), ("dense_1/kernel:0", "dense_1/bias:0")),
      (
        ("sequential/dense_4/kernel", "sequential/dense_4/bias"),
        ("sequential/dense_5/kernel", "sequential/dense_5/bias")
      ),
      (
        ("['linear1']['kernel'].value", "['linear1']['bias'].value"),
        ("['linear2']['kernel'].value", "['linear2']['bias'].value")
      ),
      (("mlp/~/linear_0/w", "mlp/~/linear_0/b"), ("mlp/~/linear_1/w", "mlp/~/linear_1/b")),
      (
        ("['mlp/~/linear']['w']", "['mlp/~/linear']['b']"),
        ("['mlp/~/linear_1']['w']", "['mlp/~/linear_1']['b']")
      ),
      (("coefs_0", "intercepts_0"), ("coefs_1", "intercepts_1")),
    ]
    let weights = [
      ((".layers[0].weight", ".layers[0].bias"), (".layers[1].weight", ".layers[1].bias")),
      (("module.fc1.weight", "module.fc1.bias"), ("module.fc2.weight", "module.fc2.bias")),
      (
        ("_orig_mod.module.0.weight", "_orig_mod.module.0.bias"),
        ("_orig_mod.module.3.weight", "_orig_mod.module.3.bias")
      ),
      (("fc1.weight_0", "fc1.bias_0"), ("fc2.weight_0", "fc2.bias_0")),
    ]
    for (isKernel, names) in [(true, kernels), (false, weights)] {
      for (first, second) in names {
        try withTemporaryDirectory { directory in
          let tensors = tensors(first, second, isKernel: isKernel)
          try writeNpz(tensors.reversed(), to: directory + "/m.npz")
          try writeSafetensors(tensors, to: directory + "/m.safetensors")
          for path in [directory + "/m.npz", directory + "/m.safetensors"] {
            let read = try ModelFile<Double>(path: path, activations: [.relu])
            expectNetwork(read, first.0)
            #expect(
              read.tensorNames
                == [first, second].map {
                  LayerTensors(weight: $0.0, bias: $0.1, isTransposed: isKernel)
                })
            let copy = directory + "/copy.safetensors"
            try read.write(to: copy, names: .original)
            let file = try SafetensorsFile(copy)
            #expect(Set(file.names) == Set(tensors.map(\.0)))
            for (name, tensor) in tensors { #expect(file[name] == tensor, "\(name)") }
            expectNetwork(try ModelFile<Double>(path: copy), first.0)
          }
        }
      }
    }
    // A w elsewhere may be either way round.
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      try writeSafetensors(tensors(("fc1.w", "fc1.b"), ("fc2.w", "fc2.b")), to: path)
      expectError("NAME.weight [out, in] or NAME.kernel") {
        try ModelFile<Double>(path: path, activations: [.relu])
      }
    }
  }

  @Test("averaged models: what is below module is selected by module, and suggested")
  func averaged() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      try writeSafetensors(
        tensors(("module.0.weight", "module.0.bias"), ("module.2.weight", "module.2.bias"))
          + [("n_averaged", Tensor([7], shape: []))], to: path)
      for layers in [["module"], ["0", "2"], ["module.0", "module.2"]] {
        expectNetwork(
          try ModelFile<Double>(path: path, activations: [.relu], layers: layers), "\(layers)")
      }
      expectError("n_averaged", "--layers module") {
        try ModelFile<Double>(path: path, activations: [.relu])
      }
    }
  }

  @Test("texts of other tools' metadata are no obstacle")
  func foreignMetadata() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      try writeSafetensors(
        tensors(("0.weight", "0.bias"), ("2.weight", "2.bias")),
        metadata: [
          "scaling": "ntk", "activation": "nosuch", "loss": "hinge", "training": "{", "note": "x",
        ], to: path)
      let read = try ModelFile<Double>(path: path, activations: [.relu])
      expectNetwork(read, "foreign")
      #expect(read.network.scaling == .standard && !read.isOwn)
      // Another tool's word for scaling may even be one of ours.
      try writeSafetensors(
        tensors(("0.weight", "0.bias"), ("2.weight", "2.bias")),
        metadata: ["scaling": "mean-field"], to: path)
      #expect(
        try ModelFile<Double>(path: path, activations: [.relu]).network.scaling == .standard)
    }
  }

  @Test("what save_model left out as shared is followed, in the order of the layers")
  func aliases() throws {
    let square = numbers(4, 4, 3)
    func read(_ metadata: [String: String]) throws -> ModelFile<Double> {
      try withTemporaryDirectory { directory in
        let path = directory + "/m.safetensors"
        try writeSafetensors(
          [("0.weight", Tensor(square)), ("4.weight", Tensor(v.columns(0..<4)))],
          metadata: metadata, to: path)
        return try ModelFile<Double>(path: path, activations: [.relu])
      }
    }
    let tied = try read(["format": "pt", "2.weight": "0.weight"])
    #expect(tied.network.layers.map(\.weights) == [square, square, v.columns(0..<4)])
    #expect(tied.tensorNames?.map(\.weight) == ["0.weight", "2.weight", "4.weight"])
    #expect(tied.notes.count == 1 && tied.notes[0].contains("\"2.weight\" is \"0.weight\""))
    // A chain, and other texts.
    let chain = try read(["2.weight": "3.weight", "3.weight": "0.weight", "note": "0"])
    #expect(chain.network.layers.count == 4)
    // Loops, and names that are not there.
    for metadata in [
      ["2.weight": "3.weight", "3.weight": "2.weight"], ["2.weight": "2.weight"],
      ["2.weight": "9.weight"],
    ] {
      expectError("\"2.weight\"", "stored under another name") { try read(metadata) }
    }
    #expect(try read(["a.b": "c.d", "2.weight": "said so"]).network.layers.count == 2)
  }

  @Test("one tensor that cannot be read does not block the file")
  func unread() throws {
    let brain = Data([0x80, 0x3F])
    let layers = tensors(
      ("Dense_0/kernel", "Dense_0/bias"), ("Dense_1/kernel", "Dense_1/bias"), isKernel: true)
    for (type, words) in [
      ("'|O'", "pickled Python objects"), ("'<U2'", "texts"), ("'<V2'", "bfloat16"),
      ("'<c8'", "complex"),
    ] {
      try withTemporaryDirectory { directory in
        for name in ["config", "Dense_1/extra", "other/kernel"] {
          let path = directory + "/m.npz"
          try writeNpz(layers + [(name, Tensor([UInt8](repeating: 0, count: 8)))], to: path)
          try retype("|u1", as: type, of: path)
          expectError("\"\(name)\"", words) {
            try ModelFile<Double>(path: path, activations: [.relu])
          }
          if name == "Dense_1/extra" { continue }
          expectError("--layers Dense_0,Dense_1") {
            try ModelFile<Double>(path: path, activations: [.relu])
          }
          expectNetwork(
            try ModelFile<Double>(
              path: path, activations: [.relu], layers: ["Dense_0", "Dense_1"]), type)
          let structure = try ModelStructure(ModelTensors(path))
          #expect(structure.obstacles.map(\.reason) == [.unread])
        }
        // A layer that is needed.
        let path = directory + "/m.npz"
        try writeNpz(
          [("Dense_0/kernel", Tensor([UInt8](brain), shape: [2])), layers[1], layers[2]], to: path)
        try retype("|u1", as: type, of: path)
        expectError("\"Dense_0\"", words, UnreadType(type.filter { $0 != "'" }).advice) {
          try ModelFile<Double>(path: path, activations: [.relu])
        }
      }
    }
  }

  /// Changes the type of the arrays of an archive, with sizes left as they are: no reader may look
  /// at the elements before it has looked at the type.
  private func retype(_ old: String, as new: String, of path: String) throws {
    var bytes = try Data(contentsOf: URL(filePath: path))
    let from = Data("'descr': '\(old)', 'fortran_order': False".utf8)
    let to = Data("'descr': \(new), 'fortran_order': False".utf8)
    let range = try #require(bytes.range(of: from))
    // The padding behind the header takes up the difference.
    let end = try #require(bytes[range.upperBound...].firstIndex(of: 0x0A))
    var header = to + bytes[range.upperBound..<end]
    while header.count < end - range.lowerBound { header.append(0x20) }
    header.removeLast(header.count - (end - range.lowerBound))
    bytes.replaceSubrange(range.lowerBound..<end, with: header)
    try bytes.write(to: URL(filePath: path))
  }

  @Test("tensors that are the same to a layer are refused")
  func duplicates() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/m.safetensors"
      for (name, other) in [
        ("0.weight", "0/weight"), ("0.weight", "[0].weight"), ("0.weight", "0.weight:0"),
      ] {
        try writeSafetensors(
          tensors((name, "0.bias"), ("2.weight", "2.bias")) + [(other, Tensor(w))], to: path)
        expectError("the same to a layer", "\"\(other)\"") {
          try ModelFile<Double>(path: path, activations: [.relu])
        }
      }
    }
  }
}

@Suite("Models in shards") struct ShardTests {
  private let w = numbers(5, 4, 0)
  private let v = numbers(3, 5, 1)

  /// Two shards and their index.
  private func withShards(
    map: [String: String]? = nil, _ body: (_ directory: String, _ index: String) throws -> Void
  ) throws {
    try withTemporaryDirectory { directory in
      try writeSafetensors(
        [("0.weight", Tensor(w))], metadata: ["format": "pt"],
        to: directory + "/model-00001-of-00002.safetensors")
      try writeSafetensors(
        [("2.weight", Tensor(v))], metadata: ["format": "pt"],
        to: directory + "/model-00002-of-00002.safetensors")
      let map =
        map ?? [
          "0.weight": "model-00001-of-00002.safetensors",
          "2.weight": "model-00002-of-00002.safetensors",
        ]
      let json = try JSONEncoder().encode(["weight_map": map])
      let index = directory + "/model.safetensors.index.json"
      try json.write(to: URL(filePath: index))
      try body(directory, index)
    }
  }

  @Test("an index is the model; its digest covers the shards")
  func index() throws {
    try withShards { directory, index in
      let read = try ModelFile<Double>(path: index, activations: [.relu])
      #expect(read.network.layers.map(\.weights) == [w, v] && !read.isOwn)
      let digest = try sha256(ofModel: index)
      #expect(try digest != sha256(ofFile: index))
      let shard = directory + "/model-00002-of-00002.safetensors"
      try writeSafetensors([("2.weight", Tensor(v.map { $0 + 1 }))], to: shard)
      #expect(try sha256(ofModel: index) != digest)
      #expect(try sha256(ofModel: shard) == sha256(ofFile: shard))
    }
  }

  @Test("a shard alone is named, with its index")
  func alone() throws {
    try withShards { directory, index in
      let shard = directory + "/model-00001-of-00002.safetensors"
      expectError("shard 1 of 2", index) { try ModelTensors(shard) }
      try FileManager.default.removeItem(atPath: index)
      expectError("shard 1 of 2", "which is not there") { try ModelTensors(shard) }
      let whole = directory + "/model-00001-of-00001.safetensors"
      try writeSafetensors([("0.weight", Tensor(w)), ("2.weight", Tensor(v))], to: whole)
      #expect(try ModelFile<Double>(path: whole, activations: [.relu]).network.layers.count == 2)
    }
  }

  @Test("indices that lie, lead elsewhere, or are something else are refused")
  func refusals() throws {
    let (a, b) = ("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors")
    let cases: [([String: String], [String])] = [
      (["0.weight": a, "2.weight": a], ["no tensor", "2.weight"]),
      (["0.weight": a], []),
      (
        ["0.weight": a, "2.weight": "model-00003-of-00002.safetensors"], ["00003", "no such file"]
      ),
      (["0.weight": b, "2.weight": b], ["0.weight"]),
      (["0.weight": a, "2.weight": "../" + b], ["directory"]),
      (["0.weight": a, "2.weight": "/etc/passwd"], ["directory"]), ([:], ["nothing"]),
      (["0.weight": a, "2.weight": b, "4.weight": b], ["4.weight", "no such tensor"]),
    ]
    for (map, words) in cases {
      try withShards(map: map) { _, index in
        if words.isEmpty {
          // The second shard is not named at all: one layer is no network.
          expectError("1 linear layer") { try ModelFile<Double>(path: index, activations: [.relu]) }
        }
        for word in words.dropFirst(words.first == "no tensor" ? 1 : 0) {
          expectError(word) { try ModelTensors(index) }
        }
      }
    }
    try withShards { directory, index in
      // A tensor that the index does not know.
      try writeSafetensors(
        [("2.weight", Tensor(v)), ("9.weight", Tensor(v))], to: directory + "/" + b)
      expectError("9.weight", "does not name") { try ModelTensors(index) }
      // A link out of the directory.
      try withTemporaryDirectory { other in
        try writeSafetensors([("2.weight", Tensor(v))], to: other + "/" + b)
        try FileManager.default.removeItem(atPath: directory + "/" + b)
        try FileManager.default.createSymbolicLink(
          atPath: directory + "/" + b, withDestinationPath: other + "/" + b)
        expectError("a link to another directory") { try ModelTensors(index) }
      }
      for (text, words) in [
        ("{\"weight_map\": 3}", "index of shards"), ("[1, 2]", "index of shards"),
        ("{\"fc1.weight\": [[1]]}", "JSON"), ("{", "the end"), ("", "a value"),
        ("{\"weight_map\":{\"a\":\"x.safetensors\",\"a\":\"y.safetensors\"}}", "second time"),
      ] {
        try Data(text.utf8).write(to: URL(filePath: index))
        expectError(words) { try ModelTensors(index) }
      }
    }
    // As a download cache has them: index and shards are links to one place.
    try withShards { directory, index in
      try withTemporaryDirectory { cache in
        for name in [a, b, "model.safetensors.index.json"] {
          try FileManager.default.createSymbolicLink(
            atPath: cache + "/" + name, withDestinationPath: directory + "/" + name)
        }
        let read = try ModelFile<Double>(
          path: cache + "/model.safetensors.index.json", activations: [.relu])
        #expect(read.network.layers.count == 2)
      }
    }
  }
}

@Suite("Backbones of two heads are compared") struct BackboneTests {
  @Test("what differs outside of the selected layers is named; wrappers and counters do not count")
  func compare() throws {
    try withTemporaryDirectory { directory in
      func write(_ name: String, _ change: (inout [(String, Tensor)]) -> Void) throws -> String {
        var tensors: [(String, Tensor)] = [
          ("features.0.weight", Tensor([Float](repeating: 1, count: 8), shape: [2, 2, 2])),
          ("features.1.num_batches_tracked", Tensor([3], shape: [])),
          ("head.0.weight", Tensor(numbers(3, 2, UInt64(name.count)))),
          ("head.2.weight", Tensor(numbers(2, 3, UInt64(name.count)))),
        ]
        change(&tensors)
        try writeSafetensors(tensors, to: directory + "/" + name)
        return directory + "/" + name
      }
      let a = try write("a.safetensors") { _ in }
      let same = try write("same.safetensors") { tensors in
        tensors = tensors.map { ("module." + $0.0, $0.1) }
        tensors[1].1 = Tensor([9], shape: [])
      }
      #expect(try backboneDifference((a, same), selecting: ["head"]) == nil)
      let changed = try write("changed.safetensors") {
        $0[0].1 = Tensor([Float](repeating: 1, count: 7) + [1.0000001], shape: [2, 2, 2])
      }
      let found = try #require(try backboneDifference((a, changed), selecting: ["head"]))
      #expect(found.name == "features.0.weight" && found.difference == "has other values in each")
      let more = try write("more.safetensors") { $0.append(("features.5.bias", Tensor([1.0]))) }
      #expect(try backboneDifference((a, more), selecting: ["head"])?.name == "features.5.bias")
      let shaped = try write("shaped.safetensors") { $0[0].1 = Tensor([1.0]) }
      let shape = try #require(try backboneDifference((a, shaped), selecting: ["head"]))
      #expect(shape.difference.contains("F32 [2, 2, 2]") && shape.difference.contains("F64 [1]"))
    }
  }

  @Test("a running average beside the selected network makes no features; a trunk does")
  func twins() throws {
    try withTemporaryDirectory { directory in
      func write(_ name: String, _ modules: [String], _ seed: UInt64) throws -> String {
        let tensors = modules.enumerated().flatMap { index, module in
          [
            (module + ".0.weight", Tensor(numbers(3, 2, seed + UInt64(index)))),
            (module + ".2.weight", Tensor(numbers(2, 3, seed + 9))),
          ]
        }
        try writeSafetensors(tensors, to: directory + "/" + name)
        return directory + "/" + name
      }
      let pair = ["ema_model", "online_model"]
      let (a, b) = (try write("a", pair, 1), try write("b", pair, 20))
      #expect(try backboneDifference((a, b), selecting: ["ema_model"]) == nil)
      #expect(try backboneDifference((a, b), selecting: ["ema_model.0"]) != nil)
      let parts = ["trunk", "head"]
      let (c, d) = (try write("c", parts, 1), try write("d", parts, 20))
      #expect(try backboneDifference((c, d), selecting: ["head.0", "head.2"]) != nil)
    }
  }
}
