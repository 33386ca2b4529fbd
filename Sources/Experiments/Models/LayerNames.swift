/// How the tensors of a model are named in a file.
public enum LayerNames: String, CaseIterable, Sendable {
  /// `layers.0.weight` [out, in], `layers.0.bias`, `layers.1.weight`, …
  case landbridge
  /// Those of a PyTorch `nn.Sequential` with activations between the linear layers: `0.weight`
  /// [out, in], `0.bias`, `2.weight`, …
  case sequential
  /// Those of a Flax module, joined by slashes: `params/Dense_0/kernel` [in, out],
  /// `params/Dense_0/bias`, `params/Dense_1/kernel`, …
  case flax

  /// Of layer `index` = 0 … L.
  func weight(_ index: Int) -> String { module(index) + (self == .flax ? "kernel" : "weight") }

  func bias(_ index: Int) -> String { module(index) + "bias" }

  /// Whether weights are stored as [in, out].
  var isTransposed: Bool { self == .flax }

  /// What loaders of safetensors look for under `format`.
  var framework: String { self == .flax ? "flax" : "pt" }

  private func module(_ index: Int) -> String {
    switch self {
    case .landbridge: "layers.\(index)."
    case .sequential: "\(2 * index)."
    case .flax: "params/Dense_\(index)/"
    }
  }
}
