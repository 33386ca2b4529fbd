public import LinearAlgebra

/// The mean of a loss over n samples.
///
/// Loss and targets are known to fit. Results are the same bytes for any number of threads.
public struct EmpiricalRisk<Scalar: MatrixScalar>: Risk {
  /// n × d inputs, n × K targets.
  public let samples: Samples<Scalar>
  /// ℓ, which can be taken of every target.
  public let loss: Loss
  /// How many share the work of whatever is computed on this risk.
  public let threads: Int

  /// - Throws: ``UnfitTarget`` where the loss cannot be taken of a target, see
  ///   ``Samples/requireTargets(for:)``.
  /// - Complexity: O(nK)
  public init(
    _ samples: Samples<Scalar>, loss: Loss, threads: Int = 1
  ) throws(UnfitTarget) {
    precondition(threads >= 1, "\(threads) threads")
    try samples.requireTargets(for: loss)
    (self.samples, self.loss, self.threads) = (samples, loss, threads)
  }

  /// The squared distance to other targets (n × K), over the same inputs.
  func squared(to targets: Matrix<Scalar>) -> EmpiricalRisk {
    EmpiricalRisk(
      checked: Samples(inputs: samples.inputs, targets: targets, isClassification: false),
      loss: .squared, threads: threads)
  }

  private init(checked samples: Samples<Scalar>, loss: Loss, threads: Int) {
    (self.samples, self.loss, self.threads) = (samples, loss, threads)
  }

  /// Mean loss and 0-1 error, accumulated in Double.
  ///
  /// - Precondition: at least one sample, of the network's dimensions.
  /// - Complexity: one forward pass; activations of at most about 2 million entries at a time per
  ///   thread.
  public func evaluate(_ network: Network<Scalar>) -> Evaluation {
    empiricalEvaluation(of: network).evaluation
  }

  /// The same with what else the samples say: variance and largest of the losses, and counts.
  public func empiricalEvaluation(of network: Network<Scalar>) -> EmpiricalEvaluation {
    sampleLosses(of: network).evaluation
  }

  /// ℓ(ŷ, y) and whether the class is wrong, sample by sample.
  package func sampleLosses(of network: Network<Scalar>) -> SampleLosses {
    SampleLosses(
      pass(of: network).map { block in
        SampleLosses(outputs: network.outputs(block.inputs), samples: block, loss: loss)
      })
  }

  /// E‖ŷ − ŷ′‖² over the inputs, accumulated in Double.
  ///
  /// - Complexity: a forward pass of both.
  public func outputDistance(_ network: Network<Scalar>, _ other: Network<Scalar>) -> Double {
    precondition(
      network.outputDimension == other.outputDimension,
      "outputs of dimension \(network.outputDimension) and \(other.outputDimension)")
    precondition(samples.count > 0, "no samples")
    let sums = pass(of: network).map { block in
      Double(block.count)
        * meanSquaredDistance(
          network.outputs(block.inputs), other.outputs(block.inputs), threads: 1)
    }
    return sums.reduce(0, +) / Double(samples.count)
  }

  /// A pass of `network` over the samples.
  func pass(of network: Network<Scalar>) -> BlockPass<Scalar> {
    BlockPass(of: network, over: samples, threads: threads)
  }
}
