import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra
import Testing

/// A file of layers that are told apart by their weights.
struct LayerFile {
  /// Names of the weights, outputs × inputs.
  var layers: [(name: String, outputs: Int, inputs: Int)]
  var metadata: [String: String] = [:]
  var others: [(String, Tensor)] = []

  init(_ layers: (String, Int, Int)..., metadata: [String: String] = [:]) {
    self.layers = layers
    self.metadata = metadata
  }

  init(_ layers: [(String, Int, Int)]) { self.layers = layers }

  /// [out, in] for every layer, or the transposed for kernels.
  func weight(_ index: Int) -> Matrix<Double> {
    numbers(layers[index].outputs, layers[index].inputs, UInt64(index))
  }

  private func isKernel(_ name: String) -> Bool {
    name.contains("kernel") || name.hasSuffix("/w") || name.contains("coefs")
  }

  var tensors: [(String, Tensor)] {
    layers.indices.map { index in
      let name = layers[index].name
      return (name, Tensor(isKernel(name) ? weight(index).transposed : weight(index)))
    } + others
  }

  func with<Result>(_ ending: String, _ body: (String) throws -> Result) throws -> Result {
    try withTemporaryDirectory { directory in
      let path = directory + "/m." + ending
      if ending == "npz" {
        try writeNpz(tensors, to: path)
      } else {
        try writeSafetensors(tensors, metadata: metadata, to: path)
      }
      return try body(path)
    }
  }

  /// Reads the file and tells in which order its layers came.
  func order(
    _ ending: String = "safetensors", layers selected: [String]? = nil
  ) throws -> (names: [String], notes: [String]) {
    try with(ending) { path in
      let file = try ModelFile<Double>(path: path, activations: [.relu], layers: selected)
      let names = file.network.layers.map { layer in
        layers[layers.indices.first { weight($0) == layer.weights }!].name
      }
      #expect(names == file.tensorNames?.map(\.weight))
      return (names, file.notes)
    }
  }

  func refuses(
    _ words: String..., ending: String = "safetensors", layers: [String]? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try with(ending) { path in
      for word in words {
        expectError(word, sourceLocation: sourceLocation) {
          try ModelFile<Double>(path: path, activations: [.relu], layers: layers)
        }
      }
      // What it suggests works as typed.
      let structure = try ModelStructure(ModelTensors(path), selecting: layers)
      #expect(!structure.isNetwork, sourceLocation: sourceLocation)
      for text in structure.suggestions {
        let typed = text.trimmingCharacters(in: ["'"]).split(separator: ",").map(String.init)
        #expect(
          try ModelStructure(ModelTensors(path), selecting: typed).isNetwork, "\(text)",
          sourceLocation: sourceLocation)
      }
    }
  }
}

@Suite("The order of layers is never guessed") struct ModelOrderTests {
  private let words = LayerFile(
    ("fc_one.weight", 24, 20), ("fc_two.weight", 24, 24), ("fc_three.weight", 24, 24),
    ("out.weight", 4, 24))

  @Test("words decide nothing: where several orders fit, they are listed")
  func undecided() throws {
    try words.refuses(
      "2 orders", "--layers fc_one,fc_two,fc_three,out", "--layers fc_one,fc_three,fc_two,out")
    let chosen = ["fc_one", "fc_two", "fc_three", "out"]
    #expect(try words.order(layers: chosen).names == chosen.map { $0 + ".weight" })
    try LayerFile(("layer_a.weight", 5, 5), ("layer_b.weight", 5, 5)).refuses("2 orders")
    try LayerFile(("encoder.weight", 3, 6), ("decoder.weight", 6, 3)).refuses(
      "2 orders", "--layers encoder,decoder", "--layers decoder,encoder")
    try LayerFile(
      ("encoder.0.weight", 4, 6), ("encoder.2.weight", 2, 4), ("decoder.0.weight", 4, 2),
      ("decoder.2.weight", 6, 4)
    ).refuses("2 orders", "--layers encoder.0,encoder.2,decoder.0,decoder.2")
    try LayerFile(
      ("fc_i.weight", 8, 8), ("fc_ii.weight", 8, 8), ("fc_iii.weight", 8, 8), ("fc_iv.weight", 8, 8)
    ).refuses("more than one order")
    try LayerFile(("fc1.weight", 8, 8), ("fc2.weight", 8, 8), ("out.weight", 8, 8)).refuses(
      "orders", "--layers fc1,fc2,out", "--layers out,fc1,fc2")
    // The numbers count, but only two of them are numbers of one kind.
    try LayerFile(("l1_in.weight", 6, 6), ("mid_2.weight", 6, 6)).refuses("2 orders")
    // Equal numbers are no order.
    try LayerFile(("fc1.weight", 6, 6), ("fc01.weight", 6, 6)).refuses("2 orders")
  }

  @Test("the only order that sizes allow is taken, and told where names would say another")
  func sizes() throws {
    let named = try LayerFile(
      ("fc1.weight", 5, 4), ("fc2.weight", 6, 5), ("out.weight", 3, 6)
    ).order()
    #expect(named.names == ["fc1.weight", "fc2.weight", "out.weight"] && named.notes == [])
    let plain = try LayerFile(("hidden.weight", 5, 4), ("output.weight", 3, 5)).order()
    #expect(plain.names == ["hidden.weight", "output.weight"] && plain.notes == [])
    for ending in ["safetensors", "npz"] {
      let found = try LayerFile(
        ("input_layer.weight", 5, 4), ("hidden_layer.weight", 6, 5), ("output_layer.weight", 3, 6)
      ).order(ending)
      #expect(
        found.names == ["input_layer.weight", "hidden_layer.weight", "output_layer.weight"])
      #expect(
        found.notes == [
          "layers in the only order that their sizes allow: input_layer, hidden_layer, output_layer"
        ])
    }
    // An embedding of 9 symbols fits behind the output, by its sizes.
    var embedded = LayerFile(("emb.weight", 9, 4), ("fc1.weight", 5, 4), ("fc2.weight", 4, 5))
    embedded.others = [
      ("fc1.bias", Tensor([Double](repeating: 0, count: 5))),
      ("fc2.bias", Tensor([Double](repeating: 0, count: 4))),
    ]
    try embedded.refuses("emb without a bias", "perhaps an embedding", "--layers fc1,fc2,emb")
    let halves = try LayerFile(
      ("features.0.weight", 7, 4), ("features.2.weight", 7, 7), ("classifier.0.weight", 5, 7),
      ("classifier.2.weight", 5, 5)
    ).order()
    #expect(halves.names.first == "features.0.weight" && halves.notes.count == 1)
  }

  @Test("numbers decide first, whatever sizes and archives allow")
  func numbered() throws {
    let manners: [(Int) -> String] = [
      { "\(2 * $0).weight" }, { "fc\($0 + 9).weight" }, { "fc\($0).in_\(9 - $0).weight" },
      { "\($0 + 1)_\(["z", "y", "x"][$0]).weight" }, { "blocks.\($0).lin.weight" },
      { ["dense", "dense_1", "dense_2"][$0] + "/kernel:0" },
      { "mlp/~/" + ["linear", "linear_1", "linear_2"][$0] + "/w" }, { "coefs_\($0)" },
      { "b\($0 / 2)_l\($0 % 2).weight" },
    ]
    for manner in manners {
      let names = (0..<3).map(manner)
      for ending in ["safetensors", "npz"] {
        let shuffled = LayerFile([2, 0, 1].map { (names[$0], 6, 6) })
        let found = try shuffled.order(ending)
        #expect(found.names == names && found.notes == [], "\(ending)")
      }
    }
    // In PyTorch fc without a number is more likely the last than the first.
    try LayerFile(("fc.weight", 6, 6), ("fc_1.weight", 6, 6)).refuses("2 orders")
  }

  @Test("an archive's own order is taken and told, unless it is merely alphabetical")
  func archives() throws {
    let found = try words.order("npz")
    #expect(found.names == words.layers.map(\.name))
    #expect(
      found.notes == ["layers in the order of the archive: fc_one, fc_two, fc_three, out"])
    // JAX sorts its keys.
    let sorted = LayerFile(words.layers.sorted { $0.name < $1.name }.map { ($0.0, $0.1, $0.2) })
    try sorted.refuses("2 orders", ending: "npz")
    // An order against sizes, or against numbers, is none.
    try LayerFile(
      ("out.weight", 4, 24), ("fc_two.weight", 24, 24), ("fc_three.weight", 24, 24),
      ("fc_one.weight", 24, 20)
    ).refuses("2 orders", ending: "npz")
    try LayerFile(
      ("z.weight", 6, 6), ("fc2.weight", 6, 6), ("fc1.weight", 6, 6)
    ).refuses("orders", ending: "npz")
  }

  @Test("many layers that are alike cost no time")
  func bounded() throws {
    let alike = (0..<200).map { ("l\(String(repeating: "i", count: $0)).weight", 2, 2) }
    try LayerFile(alike).refuses("more than one order")
    let many = (0..<600).map { ("l\(String(repeating: "i", count: $0)).weight", 1, 1) }
    try LayerFile(many).refuses("more than one order")
    // A dead end that only a search of all orders would find.
    let trap =
      (0..<24).map { ("p\(String(repeating: "i", count: $0)).weight", 2, 2) }
      + [("a1.weight", 3, 2), ("a2.weight", 2, 2), ("a3.weight", 2, 3)]
    try LayerFile(trap).refuses("layers")
    // Numbers decide at once however many there are.
    try LayerFile((0..<2000).map { ("l.\($0).weight", 1, 1) }).with("safetensors") { path in
      let layers = try ModelStructure(ModelTensors(path)).layers
      #expect(layers.map(\.name) == (0..<2000).map { "l.\($0)" })
    }
  }

  @Test("the order of knots with foreign names is in their metadata")
  func recorded() throws {
    for ending in ["safetensors", "npz"] {
      try words.with(ending) { path in
        var file = try ModelFile<Double>(
          path: path, activations: [.relu], layers: ["fc_one", "fc_two", "fc_three", "out"])
        #expect(file.usualNames == .original && !file.isOwn)
        file.metadata = ["loss": "squared"]
        let copy = path + "-knot." + ending
        try file.write(to: copy, names: .original)
        let read = try ModelFile<Double>(path: copy)
        #expect(read.network == file.network && read.tensorNames == file.tensorNames)
        #expect(read.isOwn && read.usualNames == .original && read.notes == [])
        let first = try Data(contentsOf: URL(filePath: copy))
        try read.write(to: copy, names: read.usualNames)
        #expect(try Data(contentsOf: URL(filePath: copy)) == first)
        try read.write(to: copy)
        let renamed = try ModelFile<Double>(path: copy)
        #expect(renamed.network == read.network && renamed.usualNames == .landbridge)
        #expect(renamed.metadata["landbridge.layers"] == nil)
      }
    }
    // A list that is none, or of other names, is no order.
    for list in ["nonsense", "[\"fc_one.weight\"]", "{}", "[1]"] {
      var file = words
      file.metadata = [
        "landbridge.version": "0.1.0", "activation": "relu", "landbridge.layers": list,
      ]
      try file.refuses("2 orders")
    }
  }
}

@Suite("Networks beside each other are never chained") struct AlternativesTests {
  private func pair(_ first: String, _ second: String, outputs: Int = 5) -> LayerFile {
    LayerFile(
      [first, second].flatMap { [("\($0)0.weight", 7, 5), ("\($0)2.weight", outputs, 7)] })
  }

  @Test("prefixes with the same structure, and names of roles, are alternatives")
  func prefixes() throws {
    let pairs = [
      ("ema_model.", "online_model."), ("ema_model.", "model."), ("policy.", "target."),
      ("student.", "teacher."), ("params/", "ema_params/"), ("model.ema.", "model.online."),
      ("", "exp_avg."), ("", "module."), ("left.", "right."), ("q1.", "q2."),
      ("model1.", "model2."),
      ("models.0.", "models.1."), ("net_a.", "net_b."), ("encoder_q.", "encoder_k."),
      ("actor.", "critic."), ("targetNet.", "net."),
    ]
    for (first, second) in pairs {
      for ending in ["safetensors", "npz"] {
        // With ends that fit and ends that do not.
        for outputs in [5, 3] {
          let file = pair(first, second, outputs: outputs)
          try file.refuses("beside each other", ending: ending)
          let prefix = first == "" ? second : first
          let names = try file.order(ending, layers: [String(prefix.dropLast())]).names
          #expect(names == ["\(prefix)0.weight", "\(prefix)2.weight"])
        }
      }
    }
    try pair("ema_model.", "online_model.").refuses("--layers ema_model", "--layers online_model")
    try pair("model.ema.", "model.online.").refuses("--layers model.ema or --layers model.online")
    // Chained on purpose.
    let chained = try pair("q1.", "q2.").order(layers: ["q1", "q2"]).names
    #expect(chained == ["q1.0.weight", "q1.2.weight", "q2.0.weight", "q2.2.weight"])
  }

  @Test("roles are alternatives whatever their structure")
  func roles() throws {
    // The critic's ends fit behind the actor's, and no other way: still two networks.
    try LayerFile(
      ("actor.0.weight", 8, 4), ("actor.2.weight", 4, 8), ("critic.0.weight", 6, 4),
      ("critic.2.weight", 1, 6)
    ).refuses("beside each other", "--layers actor", "--layers critic")
    try LayerFile(
      ("trunk.0.weight", 6, 4), ("trunk.2.weight", 6, 6), ("policy_head.weight", 6, 6),
      ("value_head.weight", 1, 6)
    ).refuses("beside each other")
    // Moments and averages at the end of names.
    try LayerFile(
      ("fc1.ema.weight", 5, 5), ("fc1.online.weight", 5, 5), ("fc2.ema.weight", 5, 5),
      ("fc2.online.weight", 5, 5)
    ).refuses("beside each other", "--layers fc1.ema,fc2.ema", "--layers fc1.online,fc2.online")
    try LayerFile(
      ("exp_avg.fc1.weight", 5, 5), ("exp_avg.fc2.weight", 5, 5),
      ("exp_avg_sq.fc1.weight", 5, 5), ("exp_avg_sq.fc2.weight", 5, 5), ("fc1.weight", 5, 5),
      ("fc2.weight", 5, 5)
    ).refuses("beside each other", "--layers exp_avg or", "--layers fc1,fc2")
  }

  @Test("blocks that repeat are one network")
  func blocks() throws {
    let blocks = LayerFile(
      (0..<3).flatMap { [("blocks.\($0).fc1.weight", 8, 4), ("blocks.\($0).fc2.weight", 4, 8)] })
    #expect(try blocks.order().names == blocks.layers.map(\.name))
    let alike = LayerFile(
      (0..<12).flatMap { [("net.\($0).fc1.weight", 4, 4), ("net.\($0).fc2.weight", 4, 4)] })
    #expect(try alike.order().names == alike.layers.map(\.name))
    let named = LayerFile(
      ("stem.weight", 4, 3), ("blocks.0.up.weight", 8, 4), ("blocks.0.down.weight", 4, 8),
      ("blocks.1.up.weight", 8, 4), ("blocks.1.down.weight", 4, 8), ("tip.weight", 2, 4))
    #expect(try named.order().names == named.layers.map(\.name))
    let sole = LayerFile(("policy.0.weight", 8, 4), ("policy.2.weight", 4, 8))
    #expect(try sole.order().names == sole.layers.map(\.name))
  }

  @Test("the control points of a curve are networks; one alone is read")
  func curves() throws {
    let one = LayerFile(("net.fc1.weight_0", 5, 4), ("net.fc2.weight_0", 3, 5))
    #expect(try one.order().names == ["net.fc1.weight_0", "net.fc2.weight_0"])
    let two = LayerFile(
      ("net.fc1.weight_0", 5, 4), ("net.fc1.weight_1", 5, 4), ("net.fc2.weight_0", 3, 5),
      ("net.fc2.weight_1", 3, 5))
    try two.refuses(
      "beside each other",
      "--layers net.fc1.weight_0,net.fc2.weight_0 or "
        + "--layers net.fc1.weight_1,net.fc2.weight_1")
    let chosen = try two.order(layers: ["net.fc1.weight_1", "net.fc2.weight_1"]).names
    #expect(chosen == ["net.fc1.weight_1", "net.fc2.weight_1"])
  }
}
