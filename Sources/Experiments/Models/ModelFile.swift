internal import DataFormats
internal import Foundation
public import Landbridge
public import LinearAlgebra

/// The version of Landbridge, written into its files.
public let landbridgeVersion = "0.1.0"

/// A network in a safetensors file.
///
/// Landbridge's own files hold tensors `layers.0.weight` [out, in], `layers.0.bias` [out], … and
/// metadata `landbridge.version`, `scaling`, `activation` and further keys. In files from
/// elsewhere the 2-D tensors in natural order of their names are the layers, the 1-D tensor with
/// the same prefix is the bias, and the caller says the rest.
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
  /// - Parameters:
  ///   - activations: overrides what the file says; one for all hidden layers or one each.
  ///     Required for files without metadata.
  ///   - scaling: overrides what the file says; `standard` for files without metadata.
  /// - Throws: ``FormatError``: no such file, not safetensors, tensors that are no fully connected
  ///   network (all of them listed), weights that are not finite, an activation that is missing.
  public init(
    path: String, activations: [Activation]? = nil, scaling: Scaling? = nil
  ) throws {
    let file = try SafetensorsFile(path)
    metadata = file.metadata
    let tensors = try LayerTensors.find(in: file)
    let hidden = tensors.count - 1
    let known = try activations ?? ModelFile.activations(in: file)
    guard known.count == 1 || known.count == hidden else {
      throw FormatError(
        path: path, place: "activation", found: "\(known.count) activations",
        expected: "one, or one for each of the \(hidden) hidden layers")
    }
    let layers = try tensors.enumerated().map { index, tensor in
      let isOutput = index == hidden
      return Layer<Scalar>(
        weights: try tensor.weight.matrix(), bias: tensor.bias?.values(),
        activation: isOutput ? .identity : known.count == 1 ? known[0] : known[index])
    }
    let network = Network(
      layers: layers, scaling: try scaling ?? ModelFile.scaling(in: file) ?? .standard)
    guard network.isFinite else {
      throw FormatError(path: path, found: "weights that are not finite", expected: "numbers")
    }
    self.network = network
  }

  private static func scaling(in file: SafetensorsFile) throws -> Scaling? {
    guard let text = file.metadata["scaling"] else { return nil }
    guard let scaling = Scaling(rawValue: text) else {
      throw FormatError(
        path: file.path, place: "metadata key scaling", found: text,
        expected: Scaling.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return scaling
  }

  private static func activations(in file: SafetensorsFile) throws -> [Activation] {
    guard let text = file.metadata["activation"] else {
      throw FormatError(
        path: file.path, place: "metadata", found: "no activation",
        expected:
          "one to be given with --activation (\(Activation.allNames.joined(separator: ", ")))"
      )
    }
    guard let activations = parseActivations(text) else {
      throw FormatError(
        path: file.path, place: "metadata key activation", found: text,
        expected: Activation.allNames.joined(separator: ", "))
    }
    return activations
  }

  /// Writes the model: beside its place first, then renamed. Equal models give equal bytes.
  public func write(to path: String) throws {
    var metadata = metadata
    metadata["format"] = "pt"
    metadata["landbridge.version"] = landbridgeVersion
    metadata["scaling"] = network.scaling.rawValue
    metadata["activation"] = describe(network.layers.dropLast().map(\.activation))
    var tensors: [(String, Tensor)] = []
    for (index, layer) in network.layers.enumerated() {
      tensors.append(("layers.\(index).weight", Tensor(layer.weights)))
      if let bias = layer.bias { tensors.append(("layers.\(index).bias", Tensor(bias))) }
    }
    try writeSafetensors(tensors, metadata: metadata, to: path)
  }
}

/// `tanh`, or `relu,tanh` for one per layer. Commas within parentheses do not separate.
public func parseActivations(_ text: String) -> [Activation]? {
  var (parts, depth) = ([""], 0)
  for character in text {
    if character == "," && depth == 0 {
      parts.append("")
      continue
    }
    if character == "(" { depth += 1 } else if character == ")" { depth -= 1 }
    parts[parts.count - 1].append(character)
  }
  let activations = parts.map { Activation($0.trimmingCharacters(in: .whitespaces)) }
  return activations.contains(nil) ? nil : activations.map { $0! }
}

/// The inverse of ``parseActivations(_:)``: one name if all layers agree.
public func describe(_ activations: [Activation]) -> String {
  Set(activations).count == 1
    ? activations[0].description : activations.map(\.description).joined(separator: ",")
}

/// The weight and the bias of one layer in a file.
struct LayerTensors {
  var weight: Tensor
  var bias: Tensor?

  /// The layers of a fully connected network, input to output.
  static func find(in file: SafetensorsFile) throws -> [LayerTensors] {
    var problems: [String] = []
    var layers: [LayerTensors] = []
    var biases: Set<String> = []
    for name in file.namesInNaturalOrder {
      let tensor = try file.tensor(name)
      guard tensor.shape.count == 2 else { continue }
      let prefix = name.hasSuffix(".weight") ? String(name.dropLast(7)) : nil
      let biasName = prefix.map { $0 + ".bias" }
      var bias: Tensor?
      if let biasName, file.names.contains(biasName) {
        bias = try file.tensor(biasName)
        biases.insert(biasName)
        if bias!.shape != [tensor.shape[0]] {
          problems.append("\(biasName) \(bias!.shape) beside a weight of \(tensor.shape)")
        }
      }
      if tensor.shape.contains(0) { problems.append("\(name) \(tensor.shape) is empty") }
      if let below = layers.last, below.weight.shape[0] != tensor.shape[1] {
        problems.append(
          "\(name) \(tensor.shape) takes \(tensor.shape[1]) inputs after \(below.weight.shape[0]) outputs"
        )
      }
      layers.append(LayerTensors(weight: tensor, bias: bias))
    }
    for name in file.namesInNaturalOrder where !biases.contains(name) {
      let shape = try file.tensor(name).shape
      if shape.count != 2 { problems.append("\(name) \(shape) is no weight and no bias of one") }
    }
    if layers.count < 2 { problems.append("\(layers.count) weight matrices, at least 2 expected") }
    guard problems.isEmpty else {
      throw FormatError(
        path: file.path, place: "tensors", found: problems.joined(separator: "; "),
        expected: "a fully connected network: weights [out, in] and biases [out]")
    }
    return layers
  }
}
