internal import LinearAlgebra

extension Network {
  /// The narrower network that dropout leaves: neurons outside `kept` are removed and every factor
  /// 1/N becomes 1/|A_ℓ| (mean-field), or outgoing weights are multiplied by N/|A_ℓ| (standard).
  ///
  /// Source: docs/theory.md §3.
  public func keeping(_ kept: KeptNeurons) -> Network {
    checkKept(kept)
    var layers = layers
    for (index, indices) in kept.layers.enumerated() {
      guard let indices else { continue }
      let width = hiddenWidths[index]
      layers[index].weights = layers[index].weights.rows(indices)
      layers[index].bias = layers[index].bias.map { bias in indices.map { bias[$0] } }
      var outgoing = layers[index + 1].weights.columns(indices)
      if scaling == .standard {
        let factor = Scalar(width) / Scalar(indices.count)
        outgoing = outgoing.map { $0 * factor }
      }
      layers[index + 1].weights = outgoing
    }
    return Network(layers: layers, scaling: scaling)
  }

  /// The network of the same width that computes what ``keeping(_:)`` computes: outgoing weights of
  /// dropped neurons are zero and those of kept ones are multiplied by N/|A_ℓ|.
  public func masking(_ kept: KeptNeurons) -> Network {
    checkKept(kept)
    var result = self
    for (index, indices) in kept.layers.enumerated() {
      guard let indices else { continue }
      var factors = [Scalar](repeating: 0, count: hiddenWidths[index])
      for i in indices { factors[i] = Scalar(hiddenWidths[index]) / Scalar(indices.count) }
      result.layers[index + 1].weights.scaleColumns(by: factors)
    }
    return result
  }

  func checkKept(_ kept: KeptNeurons) {
    precondition(
      kept.layers.count == hiddenLayerCount,
      "kept neurons of \(kept.layers.count) layers for \(hiddenLayerCount) hidden layers")
    for (indices, width) in zip(kept.layers, hiddenWidths) {
      guard let indices else { continue }
      precondition(!indices.isEmpty, "no neuron kept")
      precondition(
        Set(indices).count == indices.count && indices.allSatisfy { (0..<width).contains($0) },
        "kept neurons must be distinct and in 0 ..< \(width)")
    }
  }
}
