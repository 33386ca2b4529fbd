internal import DataFormats
internal import Foundation
public import Landbridge
public import LinearAlgebra

/// The version of Landbridge, written into its files.
public let landbridgeVersion = "0.1.0"

/// A network in a file: safetensors, the index of safetensors shards (`.index.json`) or, where the
/// name ends in `.npz`, a NumPy archive.
///
/// Landbridge's own files say in their metadata what is not in the tensors (`landbridge.version`,
/// `scaling`, `activation` and further keys); of files from elsewhere the caller says it. What
/// tensors are understood is told by ``LayerNames`` and docs/models.md.
public struct ModelFile<Scalar: MatrixScalar>: Sendable {
  /// The network that the file holds.
  public var network: Network<Scalar>
  /// What the file says about itself beyond the network.
  public var metadata: [String: String]
  /// The names of the layers' tensors in the file that they were read from, one entry per layer in
  /// the order of the network: what `write(to:names: .original)` writes again. `nil` for a network
  /// that comes from no file.
  public var tensorNames: [LayerTensors]?
  /// What was decided in reading that the names do not say, for whoever uses the network: an order
  /// of layers that sizes or an archive gave, layers that share their weights.
  public private(set) var notes: [String] = []

  /// Whether Landbridge wrote the file, so that its metadata are Landbridge's.
  public var isOwn: Bool { ModelTensors.isOwn(metadata) }

  /// The names under which networks made from this one are written where nobody says otherwise:
  /// those that a file from elsewhere came with, or that were kept before.
  public var usualNames: LayerNames {
    isOwn && metadata[ModelStructure.layersKey] == nil ? .landbridge : .original
  }

  /// - Parameter tensorNames: as ``tensorNames``; one entry per layer.
  public init(
    network: Network<Scalar>, metadata: [String: String] = [:],
    tensorNames: [LayerTensors]? = nil
  ) {
    precondition(tensorNames.map { $0.count == network.layers.count } ?? true)
    self.network = network
    self.metadata = metadata
    self.tensorNames = tensorNames
  }

  /// Reads a model.
  ///
  /// Of a safetensors file only the tensors of the network are read, once, into their place.
  ///
  /// - Parameters:
  ///   - activations: overrides what the file says; one for all hidden layers or one each.
  ///     Required for files that Landbridge has not written, whatever their metadata say.
  ///   - scaling: overrides what the file says; `standard` for files from elsewhere.
  ///   - layers: prefixes of the names of the tensors to look at, in the order of the layers;
  ///     `nil` for all.
  /// - Throws: `FormatError`: no such file, not of its format, tensors that are no fully connected
  ///   network (all of them listed), weights that are not finite, an activation that is missing.
  public init(
    path: String, activations: [Activation]? = nil, scaling: Scaling? = nil,
    layers: [String]? = nil
  ) throws {
    let file = try ModelTensors(path)
    let structure = try ModelStructure(file, selecting: layers)
    try structure.requireNetwork()
    metadata = file.metadata
    notes = structure.notes
    tensorNames = structure.layers.map {
      LayerTensors(weight: $0.weight.name, bias: $0.bias?.name, isTransposed: $0.isKernel)
    }
    let hidden = structure.layers.count - 1
    let known = try activations ?? ModelFile.activations(in: file)
    guard known.count == 1 || known.count == hidden else {
      throw FormatError(
        path: path, place: "activation", found: "\(known.count) (\(describe(known)))",
        expected: "one, or one for each of the \(hidden) hidden layers")
    }
    let scaling = try scaling ?? ModelFile.scaling(in: file) ?? .standard
    network = Network(
      layers: try structure.layers.enumerated().map { index, layer in
        let isOutput = index == hidden
        return Layer(
          weights: try layer.isKernel
            ? file.tensor(layer.weight.name).transposedMatrix()
            : file.tensor(layer.weight.name).matrix(),
          bias: try layer.bias.map { try file.tensor($0.name).values() },
          activation: isOutput ? .identity : known.count == 1 ? known[0] : known[index])
      }, scaling: scaling)
    for (layer, read) in zip(structure.layers, network.layers) where !read.isFinite {
      throw FormatError(
        path: path, place: "layer \(quoted(layer.name))", found: "weights that are not finite",
        expected: "numbers" + (Scalar.self == Float.self ? " within the range of float" : ""))
    }
  }

  private static func scaling(in file: ModelTensors) throws -> Scaling? {
    guard file.isOwn, let text = file.metadata["scaling"] else { return nil }
    guard let scaling = Scaling(rawValue: text) else {
      throw FormatError(
        path: file.path, place: "metadata key scaling", found: quoted(text),
        expected: Scaling.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return scaling
  }

  private static func activations(in file: ModelTensors) throws -> [Activation] {
    let names = Activation.allNames.joined(separator: ", ")
    guard file.isOwn, let text = file.metadata["activation"] else {
      throw FormatError(
        path: file.path, place: "metadata", found: "no activation by Landbridge",
        expected: "one to be given with --activation (\(names))")
    }
    do {
      return try parseActivations(text)
    } catch let error as UnknownActivation {
      throw FormatError(
        path: file.path, place: "metadata key activation", found: quoted(error.text),
        expected: error.advice)
    }
  }

  /// Writes the model: beside its place first, then renamed. Equal models give equal bytes.
  ///
  /// Weights are written as they are, so that reading them back gives the same bits, whatever the
  /// names. Those of a mean-field network are without their factors 1/N; the metadata say
  /// `scaling: mean-field`. ``Network/inStandardScaling`` has the factors in the weights.
  ///
  /// - Throws: `FormatError` if the file cannot be written.
  public func write(to path: String, names: LayerNames = .landbridge) throws {
    var metadata = metadata
    let biases = network.layers.map { $0.bias != nil }
    let layers = tensors(named: names, biases: biases)
    metadata["format"] = layers.contains(where: \.isTransposed) ? "flax" : "pt"
    metadata["landbridge.version"] = landbridgeVersion
    metadata["scaling"] = network.scaling.rawValue
    metadata["activation"] = describe(network.layers.dropLast().map(\.activation))
    metadata[ModelStructure.layersKey] =
      names == .original && layers == tensorNames
        && layers != LayerNames.landbridge.tensors(biases: biases)
      ? try json(layers.map(\.weight)) : nil
    var tensors: [(String, Tensor)] = []
    for (layer, names) in zip(network.layers, layers) {
      tensors.append(
        (names.weight, Tensor(names.isTransposed ? layer.weights.transposed : layer.weights)))
      if let bias = layer.bias { tensors.append((names.bias!, Tensor(bias))) }
    }
    guard ModelTensors.isArchive(path) else {
      return try writeSafetensors(tensors, metadata: metadata, to: path)
    }
    let texts = [UInt8](try json(metadata).utf8)
    try writeNpz(tensors + [(ModelTensors.metadataKey, Tensor(texts))], to: path)
  }

  private func json(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// The names to write under. Landbridge's where there are none, or a layer has got a bias.
  private func tensors(named names: LayerNames, biases: [Bool]) -> [LayerTensors] {
    guard names == .original, let tensorNames, tensorNames.count == biases.count,
      zip(tensorNames, biases).allSatisfy({ $0.bias != nil || !$1 })
    else {
      return (names == .original ? .landbridge : names).tensors(biases: biases)!
    }
    return tensorNames
  }
}
