public import Artifacts
public import Landbridge

/// Everything that determines one trained network and what is measured on the way, except the
/// number of the trial.
///
/// A trial is a pure function of this and of its number: equal ones give equal bytes.
public struct TrialConfiguration: Codable, Sendable, Equatable {
  public var data: DataSpecification
  public var architecture: Architecture
  public var loss: Loss
  public var trained: TrainedLayers
  public var stepSize: StepSize
  /// Steps after which the network is measured, increasing; 0 is the initial network.
  public var measuredSteps: [Int]
  /// Steps after which training ends; at least the last measured one.
  public var steps: Int
  /// Names the random streams together with the number of the trial.
  public var seed: UInt64

  public init(
    data: DataSpecification, architecture: Architecture, loss: Loss, trained: TrainedLayers,
    stepSize: StepSize, measuredSteps: [Int], steps: Int, seed: UInt64
  ) {
    precondition(steps >= measuredSteps.last ?? 0, "measured after the last step")
    self.data = data
    self.architecture = architecture
    self.loss = loss
    self.trained = trained
    self.stepSize = stepSize
    self.measuredSteps = measuredSteps
    self.steps = steps
    self.seed = seed
  }
}

/// One measurement of a network in training, on held-out samples.
public struct TrialMeasurement: Codable, Sendable, Equatable {
  public var step: Int
  /// t = Σ α_k
  public var time: Double
  /// L_N and the 0-1 error of the whole network.
  public var loss: Double
  public var error: Double?
  /// The network of the first ⌊N/2⌋ neurons of every hidden layer, rescaled.
  public var dropoutLoss: Double
  public var dropoutError: Double?
  /// Mean of L_S − L_N over the 2^L ways to keep the first or the last ⌊N/2⌋ neurons of each layer.
  public var antitheticChange: Double
  /// The same for the 0-1 error.
  public var antitheticErrorChange: Double?
  /// For one hidden layer and squared loss the exact mean of L_S − L_N over all subsets of half of
  /// the neurons, γV (E1); V/(N − 1) for even N. An upper bound for cross-entropy (E6). For more
  /// layers that of dropout in the last hidden layer alone.
  public var expectedChange: Double
}

/// What one trial leaves behind: numbers, and its network in a file of its own.
public struct TrialResult: Codable, Sendable, Equatable {
  public var configuration: TrialConfiguration
  public var trial: Int
  /// `finished` or `diverged`.
  public var outcome: String
  /// Where training diverged.
  public var divergedAt: Int?
  public var measurements: [TrialMeasurement]
  /// t at the end of training.
  public var time: Double
}
