package import LinearAlgebra

/// The empirical loss and 0-1 error of a network, or of outputs, on n samples.
public struct Evaluation: Sendable, Codable, Equatable {
  /// Mean of ℓ(ŷ, y).
  public var loss: Double
  /// Sample variance of ℓ(ŷ, y), with n − 1; zero for one sample.
  public var lossVariance: Double
  /// The largest ℓ(ŷ, y).
  public var largestLoss: Double
  /// How many samples are misclassified; `nil` when targets are no classes.
  public var errors: Int?
  /// n
  public var samples: Int

  public init(
    loss: Double, lossVariance: Double, largestLoss: Double, errors: Int?, samples: Int
  ) {
    self.loss = loss
    self.lossVariance = lossVariance
    self.largestLoss = largestLoss
    self.errors = errors
    self.samples = samples
  }

  /// The 0-1 error, a fraction.
  public var error: Double? { errors.map { Double($0) / Double(samples) } }
}

/// Losses and errors of n samples one by one.
package struct SampleLosses: Sendable {
  package var losses: [Double]
  package var misclassified: [Bool]?

  /// Of given outputs ŷ (n × K), for targets that pass ``Samples/requireTargets(for:)``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package init<Scalar: Real>(outputs: Matrix<Scalar>, samples: Samples<Scalar>, loss: Loss) {
    let (n, k) = (samples.count, samples.outputDimension)
    precondition(
      outputs.rows == n && outputs.columns == k,
      "outputs of \(outputs.rows) × \(outputs.columns) for targets of \(n) × \(k)")
    if let unfit = samples.firstUnfitTarget(for: loss) { preconditionFailure("\(unfit)") }
    var losses = [Double](repeating: 0, count: n)
    var wrong = [Bool](repeating: false, count: n)
    unsafe outputs.withUnsafeBufferPointer { outputs in
      unsafe samples.targets.withUnsafeBufferPointer { targets in
        guard let ŷ = outputs.baseAddress, let y = targets.baseAddress else { return }
        for i in 0..<n {
          losses[i] = unsafe loss.value(count: k, output: ŷ + i * k, target: y + i * k)
          wrong[i] = unsafe isMisclassified(count: k, output: ŷ + i * k, target: y + i * k)
        }
      }
    }
    self.losses = losses
    self.misclassified = samples.isClassification ? wrong : nil
  }

  /// Of a network, computed in blocks of samples that share out over `threads`.
  package init<Scalar: Real>(
    of network: Network<Scalar>, on samples: Samples<Scalar>, loss: Loss, threads: Int
  ) {
    var losses = [Double](repeating: 0, count: samples.count)
    var wrong: [Bool]? =
      samples.isClassification ? Array(repeating: false, count: samples.count) : nil
    let parts = network.inBlocks(of: samples, threads: threads) { block, _ in
      SampleLosses(outputs: network.outputs(block.inputs), samples: block, loss: loss)
    }
    var start = 0
    for part in parts {
      losses.replaceSubrange(start..<start + part.losses.count, with: part.losses)
      if let flags = part.misclassified {
        wrong!.replaceSubrange(start..<start + flags.count, with: flags)
      }
      start += part.losses.count
    }
    self.losses = losses
    self.misclassified = wrong
  }

  package var evaluation: Evaluation {
    let n = losses.count
    precondition(n > 0, "no samples to evaluate on")
    let mean = losses.reduce(0, +) / Double(n)
    let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return Evaluation(
      loss: mean, lossVariance: n > 1 ? squares / Double(n - 1) : 0,
      largestLoss: losses.max()!, errors: misclassified?.count { $0 }, samples: n)
  }
}

extension Network {
  /// Loss and 0-1 error on `samples`, accumulated in Double.
  ///
  /// - Precondition: targets fit the loss, see ``Samples/requireTargets(for:)``.
  /// - Complexity: one forward pass; activations of at most about 2 million entries at a time per
  ///   thread.
  public func evaluate(
    on samples: Samples<Scalar>, loss: Loss, threads: Int = 1
  ) -> Evaluation {
    SampleLosses(of: self, on: samples, loss: loss, threads: threads).evaluation
  }

  /// E‖ŷ − ŷ′‖² over inputs (n × d), ŷ′ the outputs of `other`, accumulated in Double.
  ///
  /// - Complexity: a forward pass of both.
  public func outputDistance(
    to other: Network, on samples: Samples<Scalar>, threads: Int = 1
  ) -> Double {
    precondition(
      outputDimension == other.outputDimension,
      "outputs of dimension \(outputDimension) and \(other.outputDimension)")
    precondition(samples.count > 0, "no samples")
    let sums = inBlocks(of: samples, threads: threads) { block, _ in
      Double(block.count)
        * meanSquaredDistance(outputs(block.inputs), other.outputs(block.inputs), threads: 1)
    }
    return sums.reduce(0, +) / Double(samples.count)
  }

  /// `body` of consecutive blocks of `samples`, in parallel; results in order. The blocks do not
  /// depend on `threads`.
  package func inBlocks<Result: Sendable>(
    of samples: Samples<Scalar>, threads: Int,
    _ body: (Samples<Scalar>, Range<Int>) -> Result
  ) -> [Result] {
    let widest = hiddenWidths.max()!
    let ranges = chunks(of: samples.count, size: min(512, max(16, (1 << 21) / widest)))
    return concurrentMap(ranges.count, threads: threads) { i in
      body(samples.selecting(ranges[i]), ranges[i])
    }
  }
}
