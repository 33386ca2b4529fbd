/// How the tensors of a model are named in a file that is written.
public enum LayerNames: String, CaseIterable, Sendable {
  /// `layers.0.weight` [out, in], `layers.0.bias`, `layers.1.weight`, …
  case landbridge
  /// Those of a PyTorch `nn.Sequential` with activations between the linear layers: `0.weight`
  /// [out, in], `0.bias`, `2.weight`, …
  case sequential
  /// Those of a Flax module, joined by slashes: `params/Dense_0/kernel` [in, out],
  /// `params/Dense_0/bias`, `params/Dense_1/kernel`, …
  case flax
  /// Those that the model came with, in their orientation: ``ModelFile/tensorNames``.
  case original

  /// Of layers with or without bias; `nil` for ``original``, which no rule gives.
  func tensors(biases: [Bool]) -> [LayerTensors]? {
    guard self != .original else { return nil }
    return biases.enumerated().map { index, hasBias in
      LayerTensors(
        weight: module(index) + (self == .flax ? "kernel" : "weight"),
        bias: hasBias ? module(index) + "bias" : nil, isTransposed: self == .flax)
    }
  }

  private func module(_ index: Int) -> String {
    switch self {
    case .landbridge, .original: "layers.\(index)."
    case .sequential: "\(2 * index)."
    case .flax: "params/Dense_\(index)/"
    }
  }
}

/// Under which names a layer lies in a file, and how.
public struct LayerTensors: Hashable, Codable, Sendable {
  /// `fc1.weight`, exactly as in the file, with prefixes such as `module.`.
  public var weight: String
  /// `fc1.bias`; `nil` for a layer without.
  public var bias: String?
  /// Whether the weight is stored as [in, out], as Flax, Keras and Haiku do, not as [out, in].
  public var isTransposed: Bool

  /// Names of a layer's tensors, and whether its weights are stored [in, out].
  public init(weight: String, bias: String?, isTransposed: Bool) {
    (self.weight, self.bias, self.isTransposed) = (weight, bias, isTransposed)
  }
}
