internal import LinearAlgebra

/// A network with dropped neurons.
public struct DropoutEvaluation: Sendable, Equatable, Codable {
  /// L_S
  public var loss: Double
  /// The 0-1 error; `nil` when targets are no classes.
  public var error: Double?
  /// E‖ŷ_S − ŷ‖², the distance to the outputs of the whole network: Q of docs/theory.md §3.
  public var outputDistance: Double

  /// - Parameters:
  ///   - error: in 0 … 1.
  ///   - outputDistance: Q ≥ 0.
  public init(loss: Double, error: Double?, outputDistance: Double) {
    (self.loss, self.error, self.outputDistance) = (loss, error, outputDistance)
  }
}

/// Two disjoint halves of the last hidden layer.
public struct AntitheticPair: Sendable, Equatable, Codable {
  /// The half that was given.
  public var half: DropoutEvaluation
  /// The other half.
  public var complement: DropoutEvaluation

  /// (L_S + L_{Sᶜ})/2: for squared loss and even N equal to L_N + E‖f_S − f‖² (E3), free of the linear
  /// term that makes L_S itself noisy.
  public var meanLoss: Double { (half.loss + complement.loss) / 2 }
}

/// The losses of all choices of one half per hidden layer.
public struct AntitheticAverage: Sendable, Equatable, Codable {
  /// 2^L evaluations, in the order of ``KeptNeurons/halvings(of:)``.
  public var evaluations: [DropoutEvaluation]

  /// The mean of the 2^L losses: the linear terms of L_S − L_N cancel in it (docs/theory.md §3).
  public var meanLoss: Double {
    evaluations.reduce(0) { $0 + $1.loss } / Double(evaluations.count)
  }
}

extension Network {
  /// Pairs of a half S of the last hidden layer and its complement.
  ///
  /// - Parameter halves: sets of ⌊N/2⌋ neurons. For odd N the complement leaves out its first neuron,
  ///   so that it has as many.
  public func antitheticPairs(
    halves: [[Int]], on risk: some DropoutRisk<Scalar>
  ) -> [AntitheticPair] {
    let width = lastHiddenWidth
    precondition(width >= 2, "a layer of one neuron has no halves")
    let both = dropoutEvaluations(
      keepingLast: halves + halves.map { otherHalf(of: $0, width: width) }, on: risk)
    return halves.indices.map {
      AntitheticPair(half: both[$0], complement: both[halves.count + $0])
    }
  }

  /// Dropout with every choice of a half or the other half in each hidden layer.
  ///
  /// - Parameter halves: ⌊N_ℓ/2⌋ ≥ 1 neurons of every hidden layer. For odd N_ℓ the other half leaves
  ///   out one neuron, see ``antitheticPairs(halves:on:)``.
  /// - Complexity: 2^L evaluations of a network of half the width.
  public func antitheticAverage(
    halves: KeptNeurons, on risk: some DropoutRisk<Scalar>
  ) -> AntitheticAverage {
    checkKept(halves)
    return AntitheticAverage(
      evaluations: dropoutEvaluations(keeping: halves.halvings(of: hiddenWidths), on: risk))
  }
}
