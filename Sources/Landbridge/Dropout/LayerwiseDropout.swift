internal import LinearAlgebra

extension KeptNeurons {
  /// Neurons dropped from hidden layer `layer` (1 … `layers`) alone.
  public static func only(_ indices: [Int], inLayer layer: Int, of layers: Int) -> KeptNeurons {
    precondition((1...layers).contains(layer), "hidden layer \(layer) of \(layers)")
    var kept = [[Int]?](repeating: nil, count: layers)
    kept[layer - 1] = indices
    return KeptNeurons(layers: kept)
  }

  /// The first ⌊N_ℓ/2⌋ neurons of every hidden layer.
  public static func firstHalves(of widths: [Int]) -> KeptNeurons { .first(widths.map { $0 / 2 }) }

  /// The same sets in layers ℓ … L, everything below layer ℓ = `layer`: partial dropout, the knot
  /// θ^{(ℓ)} of docs/theory.md §4.
  public func droppingOnly(fromLayer layer: Int) -> KeptNeurons {
    precondition((1...layers.count).contains(layer), "hidden layer \(layer) of \(layers.count)")
    return KeptNeurons(
      layers: layers.enumerated().map { $0.offset + 1 < layer ? nil : $0.element })
  }
}

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

/// The losses of all choices of one half per hidden layer.
public struct AntitheticAverage: Sendable, Equatable, Codable {
  /// 2^L evaluations; bit ℓ − 1 of the index tells whether layer ℓ keeps its other half.
  public var evaluations: [DropoutEvaluation]

  /// The mean of the 2^L losses: the linear terms of L_S − L_N cancel in it (docs/theory.md §3).
  public var meanLoss: Double {
    evaluations.reduce(0) { $0 + $1.loss } / Double(evaluations.count)
  }
}

extension Network {
  /// Dropout of each hidden layer alone and of layers ℓ … L together, for every ℓ, in one forward pass
  /// of the whole network.
  ///
  /// - Parameter kept: the neurons that stay in every hidden layer; ``KeptNeurons/firstHalves(of:)`` is
  ///   the dropout of the paper.
  public func layerwiseDropout(
    keeping kept: KeptNeurons, on samples: Samples<Scalar>, loss: Loss, threads: Int = 1
  ) -> LayerwiseDropout {
    let count = hiddenLayerCount
    checkKept(kept)
    let whole = KeptNeurons(layers: Array(repeating: nil, count: count))
    let alone = (1...count).map { layer in
      kept.layers[layer - 1].map { KeptNeurons.only($0, inLayer: layer, of: count) } ?? whole
    }
    let partial = (1...count).map { kept.droppingOnly(fromLayer: $0) }
    let all = dropoutEvaluations(
      keeping: [whole] + alone + partial, on: samples, loss: loss, threads: threads)
    return LayerwiseDropout(
      whole: all[0], alone: Array(all[1...count]), partial: Array(all[(count + 1)...]))
  }

  /// Dropout with every choice of a half or the other half in each hidden layer.
  ///
  /// - Parameter halves: ⌊N_ℓ/2⌋ ≥ 1 neurons of every hidden layer. For odd N_ℓ the other half leaves
  ///   out one neuron, see ``antitheticPairs(halves:on:loss:threads:)``.
  /// - Complexity: 2^L evaluations of a network of half the width.
  public func antitheticAverage(
    halves: KeptNeurons, on samples: Samples<Scalar>, loss: Loss, threads: Int = 1
  ) -> AntitheticAverage {
    precondition(hiddenLayerCount <= 16, "2^L averages of \(hiddenLayerCount) layers")
    checkKept(halves)
    let pairs = zip(halves.layers, hiddenWidths).map { half, width in
      guard let half else { preconditionFailure("a half of every hidden layer is needed") }
      return [half, otherHalf(of: half, width: width)]
    }
    let choices = (0..<(1 << pairs.count)).map { bits in
      KeptNeurons(layers: pairs.enumerated().map { $0.element[bits >> $0.offset & 1] })
    }
    return AntitheticAverage(
      evaluations: dropoutEvaluations(keeping: choices, on: samples, loss: loss, threads: threads))
  }
}
