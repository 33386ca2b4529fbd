import DataFormats
import Artifacts
import Foundation
import Landbridge
import LinearAlgebra

/// Valid input, made by the writers.
enum Seeds {
  static let tensors: [(String, Tensor)] = [
    ("layers.0.weight", Tensor([Float](repeating: 0.5, count: 6), shape: [3, 2])),
    ("layers.0.bias", Tensor([1, 2, Float.infinity])),
    ("layers.10.weight", Tensor([1.5, -2, 3], shape: [1, 3])), ("scalar", Tensor([7.0], shape: [])),
    ("empty", Tensor([UInt8](), shape: [0, 5])), ("n", Tensor([-1, 0, 1])),
  ]

  static let labelled: [(String, Tensor)] = [
    ("x", Tensor([1.0, 2, 3, 4, 5, 6, 7, 8], shape: [4, 2])), ("y", Tensor([0, 1, 2, 1])),
  ]

  @Sendable static func safetensors() throws -> [Data] {
    [
      try written {
        try writeSafetensors(tensors, metadata: ["format": "pt", "é\n": "\""], to: $0)
      },
      try written { try writeSafetensors([], to: $0) },
    ]
  }

  @Sendable static func safetensorsHeaders() throws -> [Data] {
    let body =
      #"{"a\u00e9":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
      + #""b":{"shape":[],"data_offsets":[8,9],"dtype":"BOOL"},"__metadata__":{"k":"\ud834\udd1e"}}"#
    return [Data([9]) + Data(body.utf8)] + (try safetensors().map { $0.dropFirst(7) })
  }

  @Sendable static func npy() throws -> [Data] {
    var seeds = try tensors.map { _, tensor in try written { try writeNpy(tensor, to: $0) } }
    for (descr, order, shape, count) in [
      (">f2", "True", "(2, 3)", 12), ("|b1", "False", "(3,)", 3),
      ("=i4", "True", "(1, 2, 1, 3)", 24),
    ] {
      let header = "{'descr': '\(descr)', 'fortran_order': \(order), 'shape': \(shape), }\n"
      seeds.append(
        Data([0x93] + Array("NUMPY".utf8) + [2, 0, UInt8(header.utf8.count), 0, 0, 0])
          + Data(header.utf8) + Data(count: count))
    }
    return seeds
  }

  @Sendable static func npz() throws -> [Data] {
    try [false, true].map { compressed in
      try written { try writeNpz(Array(tensors.prefix(3)), to: $0, compressed: compressed) }
    }
  }

  @Sendable static func idx() throws -> [Data] {
    try plainAndGzip([
      written { try writeIDX(Tensor([UInt8](0..<12), shape: [3, 2, 2]), to: $0) },
      written { try writeIDX(Tensor([1.5, 2]), to: $0) },
    ])
  }

  @Sendable static func cifar10() throws -> [Data] {
    let images = Tensor([UInt8](repeating: 3, count: 2 * 3072), shape: [2, 3, 32, 32])
    return try plainAndGzip([
      written { try writeCIFAR10(LabelledImages(images: images, labels: [9, 0]), to: $0) }
    ])
  }

  @Sendable static func csv() throws -> [Data] {
    plainAndGzip(
      [
        "a,b,\"c\"\"d\"\n# note\n1,2.5,-3e2\r\n4,\"5\",6\n", "1;2\r3;4", " 1  2\n3 4\n\n",
        "\u{FEFF}x\ty\n1\t0\n2\t1\n3\t-0.25e-3\n", "1,0\n2,1\n3,2\n", "nan,inf\n1,2",
      ].map { Data($0.utf8) })
  }

  @Sendable static func gzip() throws -> [Data] {
    let content = Data((0..<600).map { UInt8(truncatingIfNeeded: $0 * $0 / 7) })
    return [
      DataFormats.gzip(content), DataFormats.gzip(content, level: 1), DataFormats.gzip(Data()),
      DataFormats.gzip(content) + DataFormats.gzip(content) + Data(count: 8),
      DataFormats.gzip(Data(count: 100_000)),
    ]
  }

  @Sendable static func models() throws -> [Data] {
    let stream = RandomStream(seed: 1, purpose: .initialization)
    let networks: [Network<Float>] = [[3], [3, 2]].map { hidden in
      Architecture(hidden: hidden, activation: .tanh, scaling: .standard)
        .network(inputs: 2, outputs: 1, stream: stream)
    }
    return try networks.map { network in
      try written { try ModelFile(network: network).write(to: $0) }
    } + foreignModels() + safetensors()
  }

  /// Models of other tools: names whose numbers and words are to be understood, two networks in one
  /// file, shared tensors.
  @Sendable static func foreignModels() throws -> [Data] {
    let weight = Tensor(Matrix<Float>(rows: 2, columns: 2, [1, 2, 3, 4]))
    let lists: [([String], [String: String])] = [
      (["fc1.weight", "fc2.weight", "out.weight"], [:]), (["a.weight", "b.weight"], [:]),
      (["dense/kernel:0", "dense_1/kernel:0", "mlp/~/linear_0/w"], [:]),
      (["ema.0.weight", "ema.2.weight", "net.0.weight", "net.2.weight"], [:]),
      (["module.0.weight", "module.2.weight", "0.weight"], [:]), (["coefs_0", "coefs_1"], [:]),
      (["f.weight_0", "f.weight_1", "g.weight_0", "g.weight_1"], [:]),
      (["0.weight", "4.weight"], ["2.weight": "3.weight", "3.weight": "0.weight"]),
      (
        ["b.weight", "a.weight"],
        [
          "landbridge.version": "0.1.0", "activation": "tanh",
          "landbridge.layers": "[\"b.weight\",\"a.weight\"]",
        ]
      ),
    ]
    return try lists.map { names, metadata in
      try written { try writeSafetensors(names.map { ($0, weight) }, metadata: metadata, to: $0) }
    }
  }

  @Sendable static func indices() throws -> [Data] {
    [
      "{\"metadata\":{\"total_size\":1},\"weight_map\":{\"0.weight\":\"file.safetensors\"}}",
      "{\"weight_map\":{\"0.weight\":\"a-00001-of-00002.safetensors\",\"b\":\"../c\"}}", "{}",
    ].map { Data($0.utf8) }
  }

  @Sendable static func npzModels() throws -> [Data] {
    let network: Network<Float> = Architecture(hidden: [3], activation: .tanh, scaling: .standard)
      .network(
        inputs: 2, outputs: 1, stream: RandomStream(seed: 1, purpose: .initialization))
    return try LayerNames.allCases.map { names in
      try written(ending: ".npz") { try ModelFile(network: network).write(to: $0, names: names) }
    } + npz()
  }

  @Sendable static func labelledNpz() throws -> [Data] {
    try [false, true].map { compressed in
      try written { try writeNpz(labelled, to: $0, compressed: compressed) }
    }
  }

  @Sendable static func labelledSafetensors() throws -> [Data] {
    [try written { try writeSafetensors(labelled, to: $0) }]
  }

  @Sendable static func specifications() throws -> [Data] {
    [
      "gaussians:d=32,delta=0.5,n=100", "teacher:d=16,outputs=2,activation=tanh", "digits:limit=5",
      "mnist:DIR,split=train,standardize", "a/b.csv:label=first,heldout=3,classes=4", "x.npz",
    ].map { Data($0.utf8) }
  }

  /// A path of one affine segment: with and without population statements, rescaled and refitted.
  @Sendable static func certificates() throws -> [Data] {
    let digest = String(repeating: "0123456789abcdef", count: 4)
    let tensors =
      #"[{"weight":"layers.0.weight","bias":"layers.0.bias","isTransposed":false},"#
      + #"{"weight":"layers.1.weight","isTransposed":false}]"#
    func knot(_ file: String) -> String {
      #"{"file":"\#(file)","sha256":"\#(digest)","tensors":\#(tensors),"loss":0.25,"#
        + #""lossError":1e-15,"errors":[3,4]}"#
    }
    let selections = [
      #"{"neurons":"first","kept":[4],"outputWeights":"rescaled"}"#,
      #"{"neurons":"first","kept":[4],"outputWeights":"refitted","fitting":"#
        + #"{"samples":9,"sha256":"\#(digest)","shared":2}}"#,
    ]
    let populations = [
      #""population":{"delta":0.05,"statements":9,"assumptions":["a"],"repeatsAreDraws":false,"#
        + #""inputRange":[0,1],"targetRange":[-1,1],"plateaus":[{"knots":[0],"lossBound":4,"#
        + #""lossInterval":[0,1],"errorInterval":[0,0.5],"overStart":[-1,1],"overEnd":[-1,1]},"#
        + #"{"knots":[1]}],"segments":[{"segment":0,"errorInterval":[0,0.5]}],"#
        + #""maximumLoss":[0,1],"barrier":[0,1],"barrierAlone":[0,0.5],"errorBound":0.5,"#
        + #""noLoss":"none","clipped":{"clip":2,"maximumLoss":1,"barrier":0.5,"segments":"#
        + #"[{"segment":0,"lossBound":1,"overStart":0.5,"overEnd":0.5}]}}"#,
      #""noPopulation":"output weights were fitted on certifying samples""#,
    ]
    return zip(selections, populations).map { selection, population in
      Data(
        (#"{"format":"landbridge certificate","version":2,"toolVersion":"0.1.0","models":"#
          + #"[{"file":"a.safetensors","sha256":"\#(digest)","layers":["fc1","fc2"]},"#
          + #"{"file":"b.safetensors","sha256":"\#(digest)","layers":["fc1","fc2"]}],"#
          + #""network":{"sizes":[3,8,1],"activations":["tanh"],"scaling":"mean-field","#
          + #""biases":[true,false]},"data":{"specification":"digits","dtype":"F32","#
          + #""samples":40,"distinct":40,"inputs":3,"outputs":1,"classes":true,"#
          + #""sha256":"f\#(digest.dropFirst())"},"selection":\#(selection),"loss":"squared","#
          + #""convexity":"‖y − ŷ‖² is a convex quadratic function of ŷ","#
          + #""knots":[\#(knot("knots/0.safetensors")),\#(knot("knots/1.safetensors"))],"#
          + #""segments":[{"from":0,"to":1,"kind":"affine","moving":["layers.1.weight"],"idle":"#
          + #"[{"layer":1,"count":2,"ranges":[[0,1]]}],"identicalNeurons":false,"#
          + #""outputDistance":0.125,"outputDistanceError":1e-16,"errorBound":0.25}],"#
          + #""endpointLosses":[0.25,0.25],"endpointLossErrors":[1e-15,1e-15],"#
          + #""maximumLoss":0.25,"maximumLossError":1e-15,"barrier":0,"barrierError":2e-15,"#
          + #""errorBound":0.1,"barrierBound":{"value":1,"spread":7,"spreadError":1e-15,"#
          + #""endSpread":6,"endSpreadError":1e-15,"width":8},\#(population)}"#).utf8)
    }
  }

  private static func plainAndGzip(_ seeds: [Data]) -> [Data] {
    seeds + seeds.map { DataFormats.gzip($0) }
  }

  private static func written(
    ending: String = "", _ write: (String) throws -> Void
  ) throws -> Data {
    let url = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString + ending)
    defer { try? FileManager.default.removeItem(at: url) }
    try write(url.path(percentEncoded: false))
    return try Data(contentsOf: url)
  }
}
