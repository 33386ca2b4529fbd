package import LinearAlgebra

/// Losses and errors of n samples one by one.
package struct SampleLosses: Sendable {
  /// ℓ(ŷ, y), n of them.
  package var losses: [Double]
  /// `nil` when targets are no classes.
  package var misclassified: [Bool]?

  init(losses: [Double], misclassified: [Bool]?) {
    (self.losses, self.misclassified) = (losses, misclassified)
  }

  /// Of given outputs ŷ (n × K), for targets that pass ``Samples/requireTargets(for:)``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package init<Scalar: MatrixScalar>(outputs: Matrix<Scalar>, samples: Samples<Scalar>, loss: Loss)
  {
    let (n, k) = (samples.count, samples.outputDimension)
    precondition(
      outputs.rows == n && outputs.columns == k,
      "outputs of \(outputs.rows) × \(outputs.columns) for targets of \(n) × \(k)")
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

  /// The samples of all parts, one after the other.
  init(_ parts: [SampleLosses]) {
    losses = []
    losses.reserveCapacity(parts.reduce(0) { $0 + $1.losses.count })
    for part in parts { append(part) }
  }

  mutating func append(_ part: SampleLosses) {
    losses += part.losses
    guard let flags = part.misclassified else { return }
    if misclassified == nil { misclassified = flags } else { misclassified! += flags }
  }

  /// Mean, variance and largest of the losses, and the number of errors.
  package var evaluation: EmpiricalEvaluation {
    let n = losses.count
    precondition(n > 0, "no samples to evaluate on")
    let mean = losses.reduce(0, +) / Double(n)
    let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return EmpiricalEvaluation(
      loss: mean, lossVariance: n > 1 ? squares / Double(n - 1) : 0,
      largestLoss: losses.max()!, errors: misclassified?.count { $0 }, samples: n)
  }
}
