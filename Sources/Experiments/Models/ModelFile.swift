internal import DataFormats
internal import Foundation
public import Landbridge
public import LinearAlgebra

/// The version of Landbridge, written into its files.
public let landbridgeVersion = "0.1.0"

/// A network in a file: safetensors or, where the name ends in `.npz`, a NumPy archive.
///
/// Landbridge's own files say in their metadata what is not in the tensors (`landbridge.version`,
/// `scaling`, `activation` and further keys); of files from elsewhere the caller says it. What
/// tensors are understood is told by ``LayerNames`` and docs/models.md.
public struct ModelFile<Scalar: Real>: Sendable {
  public var network: Network<Scalar>
  /// What the file says about itself beyond the network.
  public var metadata: [String: String]

  public init(network: Network<Scalar>, metadata: [String: String] = [:]) {
    self.network = network
    self.metadata = metadata
  }

  /// Reads a model.
  ///
  /// Of a safetensors file only the tensors of the network are read, once, into their place.
  ///
  /// - Parameters:
  ///   - activations: overrides what the file says; one for all hidden layers or one each.
  ///     Required for files without metadata.
  ///   - scaling: overrides what the file says; `standard` for files without metadata.
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
          weights: try layer.isKernel ? layer.weight.transposedMatrix() : layer.weight.matrix(),
          bias: layer.bias?.values(),
          activation: isOutput ? .identity : known.count == 1 ? known[0] : known[index])
      }, scaling: scaling)
    for (layer, read) in zip(structure.layers, network.layers) where !read.isFinite {
      throw FormatError(
        path: path, place: "layer \(quoted(layer.name))", found: "weights that are not finite",
        expected: "numbers" + (Scalar.self == Float.self ? " within the range of float" : ""))
    }
  }

  private static func scaling(in file: ModelTensors) throws -> Scaling? {
    guard let text = file.metadata["scaling"] else { return nil }
    guard let scaling = Scaling(rawValue: text) else {
      throw FormatError(
        path: file.path, place: "metadata key scaling", found: quoted(text),
        expected: Scaling.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return scaling
  }

  private static func activations(in file: ModelTensors) throws -> [Activation] {
    let names = Activation.allNames.joined(separator: ", ")
    guard let text = file.metadata["activation"] else {
      throw FormatError(
        path: file.path, place: "metadata", found: "no activation",
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
    metadata["format"] = names.framework
    metadata["landbridge.version"] = landbridgeVersion
    metadata["scaling"] = network.scaling.rawValue
    metadata["activation"] = describe(network.layers.dropLast().map(\.activation))
    var tensors: [(String, Tensor)] = []
    for (index, layer) in network.layers.enumerated() {
      let weights = names.isTransposed ? layer.weights.transposed : layer.weights
      tensors.append((names.weight(index), Tensor(weights)))
      if let bias = layer.bias { tensors.append((names.bias(index), Tensor(bias))) }
    }
    guard ModelTensors.isArchive(path) else {
      return try writeSafetensors(tensors, metadata: metadata, to: path)
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let texts = [UInt8](try encoder.encode(metadata))
    try writeNpz(tensors + [(ModelTensors.metadataKey, Tensor(texts))], to: path)
  }
}
