/// The loss and the 0-1 error of a network.
public struct Evaluation: Sendable, Codable, Equatable {
  /// E ℓ(ŷ, y)
  public var loss: Double
  /// The 0-1 error, a fraction; `nil` when targets are no classes.
  public var error: Double?

  /// - Parameter error: in 0 … 1.
  public init(loss: Double, error: Double? = nil) {
    (self.loss, self.error) = (loss, error)
  }
}

/// What n samples say of a network, or of outputs.
public struct EmpiricalEvaluation: Sendable, Codable, Equatable {
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

  /// Of n ≥ 1 samples.
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

  /// Loss and error without the counts.
  public var evaluation: Evaluation { Evaluation(loss: loss, error: error) }
}
