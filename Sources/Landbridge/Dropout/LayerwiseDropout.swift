internal import LinearAlgebra

/// Dropout in the hidden layers of a network, one by one and together.
public struct LayerwiseDropout: Sendable, Equatable, Codable {
  /// The whole network.
  public var whole: DropoutEvaluation
  /// Dropout in layer ℓ alone; entry ℓ − 1 belongs to ℓ = 1 … L.
  public var alone: [DropoutEvaluation]
  /// Dropout in layers ℓ … L, likewise. These L losses, with that of the whole network, are the knots
  /// of a path (docs/theory.md §4).
  public var partial: [DropoutEvaluation]

  /// Dropout in every hidden layer.
  public var everyLayer: DropoutEvaluation { partial[0] }

  /// The layer ℓ ∈ 1 … L whose dropout alone gives the largest loss, the lowest of them in a tie; an
  /// undefined loss counts as the largest.
  public var mostCostlyLayer: Int {
    var worst = 0
    for (index, evaluation) in alone.enumerated() where !alone[worst].loss.isNaN {
      if evaluation.loss.isNaN || evaluation.loss > alone[worst].loss { worst = index }
    }
    return worst + 1
  }
}

extension Network {
  /// Dropout of each hidden layer alone and of layers ℓ … L together, for every ℓ, in one forward pass
  /// of the whole network.
  ///
  /// - Parameter kept: the neurons that stay in every hidden layer; ``KeptNeurons/firstHalves(of:)`` is
  ///   the dropout of the paper.
  public func layerwiseDropout(
    keeping kept: KeptNeurons, on risk: some DropoutRisk<Scalar>
  ) -> LayerwiseDropout {
    let count = hiddenLayerCount
    checkKept(kept)
    let whole = KeptNeurons.all(layers: count)
    let alone = (1...count).map { layer in
      kept.layers[layer - 1].map { KeptNeurons.only($0, inLayer: layer, of: count) } ?? whole
    }
    let partial = (1...count).map { kept.droppingOnly(fromLayer: $0) }
    let all = dropoutEvaluations(keeping: [whole] + alone + partial, on: risk)
    return LayerwiseDropout(
      whole: all[0], alone: Array(all[1...count]), partial: Array(all[(count + 1)...]))
  }
}
