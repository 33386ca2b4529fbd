internal import DataFormats

/// Tensors of one module of a model file that are no linear layer.
package struct Obstacle: Sendable {
  package struct Item: Sendable {
    /// As in the file.
    package let name: String
    package let shape: [Int]
    /// As in the file.
    package let dtype: String
  }

  /// Why, as far as names and shapes tell.
  package enum Reason: String, Sendable, CaseIterable {
    case batchNorm = "batch norm"
    case normalization = "layer norm or another layer of one weight per unit"
    case convolution
    case embedding
    case attention
    case recurrent = "recurrent layer"
    case reparametrized = "reparametrised weight"
    case lowRank = "low-rank adapter"
    case quantized = "weight of integers"
    case loneBias = "bias without a weight"
    case empty = "empty weight"
    case unread = "a type that is not read"
    case duplicate = "two tensors that are the same to a layer"
    case lost = "said to be stored under another name, which is not in the file"
    case counter = "a single number"
    case unknown = "no weight, kernel or bias of a linear layer"
  }

  /// The module, as it can be given to `--layers`.
  package let module: String
  package let items: [Item]
  package let reason: Reason
}

extension Obstacle.Reason {
  /// What can be done about it.
  package var advice: String? {
    switch self {
    case .batchNorm:
      "fold batch norm into the linear layer before it (W ← sW, b ← s(b − running_mean) + bias, "
        + "s = weight/√(running_var + eps); PyTorch: torch.nn.utils.fusion.fuse_linear_bn_eval)"
    case .normalization:
      "layer norm depends on the sample and cannot be folded: measure what follows it, on the "
        + "features that it gives (--layers)"
    case .convolution, .embedding, .attention, .recurrent:
      "of networks with a fully connected head select the head with --layers and give its features "
        + "as --data"
    case .reparametrized:
      "make it a plain weight first (PyTorch: torch.nn.utils.parametrize.remove_parametrizations, "
        + "remove_weight_norm, prune.remove)"
    case .lowRank: "merge adapters into the weights first (merge_and_unload)"
    case .quantized: "save the weights as floating-point numbers"
    case .loneBias, .empty, .unread: nil
    case .counter: "leave counters out: select the layers with --layers"
    case .duplicate: "name the layers apart"
    case .lost: "save with safetensors.torch.save_model anew, or merge the shards"
    case .unknown:
      "rename what is a layer to NAME.weight [out, in] or NAME.kernel [in, out], and NAME.bias"
    }
  }
}

extension Obstacle {
  /// What can be done about it, of types that are not read too.
  package var allAdvice: [String] {
    guard reason == .unread else { return reason.advice.map { [$0] } ?? [] }
    return items.map { UnreadType($0.dtype).advice }
  }

  /// Why these are no linear layer.
  package var what: String {
    reason == .unread ? UnreadType(items[0].dtype).what : reason.rawValue
  }

  /// `"1" is a batch norm (bias [8], weight [8], …)`
  var summary: String {
    let list = items.prefix(5).map {
      "\(quoted($0.name)) \($0.shape)" + (reason == .unread ? " \($0.dtype)" : "")
    }
    return "\(quoted(module)): \(what) (\(list.joined(separator: ", "))"
      + "\(items.count > 5 ? ", …" : ""))"
  }
}

/// One module of a model file: its tensors by what they are to it.
struct TensorModule {
  /// Below the selected prefix: names above it say nothing about the layer.
  let path: [String]
  /// Leaf, shape, whether of floating-point numbers.
  let tensors: [(leaf: String, shape: [Int], isFloat: Bool)]

  private func has(_ leaves: String...) -> Bool {
    tensors.contains { leaves.contains($0.leaf) }
  }

  /// Why this is no linear layer; `nil` for a weight or kernel of two dimensions, perhaps with bias.
  var reason: Obstacle.Reason? {
    let last = path.last?.lowercased() ?? ""
    let weight = tensors.first { $0.leaf == "weight" || $0.leaf == "kernel" }
    if has("running_mean", "running_var", "num_batches_tracked", "moving_mean", "moving_variance")
      || path.contains("batch_stats")
      || last.contains("batchnorm")
    {
      return .batchNorm
    }
    if tensors.contains(where: { $0.leaf.starts(with: /(weight|bias)_(ih|hh)/) }) {
      return .recurrent
    }
    if has("weight_g", "weight_v", "weight_orig", "weight_u", "weight_mask")
      || path.contains("parametrizations")
    {
      return .reparametrized
    }
    if isAttention { return .attention }
    if path.contains(where: { $0.lowercased().hasPrefix("lora") }) || has("lora_A", "lora_B") {
      return .lowRank
    }
    if has("recurrent_kernel") { return .recurrent }
    if has("embedding", "embeddings")
      || (last.contains("embed") || ["wte", "wpe"].contains(last)) && !has("bias")
    {
      return .embedding
    }
    if has("scale", "gamma") { return .normalization }
    guard let weight else {
      if has("bias") { return .loneBias }
      return tensors.allSatisfy { $0.shape.isEmpty } ? .counter : .unknown
    }
    if weight.shape.count > 2 { return .convolution }
    if weight.shape.count == 1 { return .normalization }
    if weight.shape.count != 2 { return .unknown }
    if !weight.isFloat { return .quantized }
    return weight.shape.contains(0) ? .empty : nil
  }

  private var isAttention: Bool {
    let words: Set = [
      "attn", "attention", "self_attn", "self_attention", "cross_attn", "multihead_attn", "mha",
    ]
    let parts: Set = ["q_proj", "k_proj", "v_proj", "qkv", "to_q", "to_k", "to_v"]
    return has("in_proj_weight", "in_proj_bias", "q_proj_weight")
      || path.contains { words.contains($0) || $0.contains("Attention") }
      || parts.contains(path.last ?? "")
  }
}
