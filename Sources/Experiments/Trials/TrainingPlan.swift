public import Artifacts
public import Landbridge
public import LinearAlgebra

/// Everything that determines one trained network and what is measured on the way.
///
/// A training is a pure function of this: equal plans give equal bytes, whatever the threads and
/// however often it was interrupted.
public struct TrainingPlan: Codable, Sendable, Equatable {
  public var data: DataSpecification
  public var architecture: Architecture
  public var loss: Loss
  public var trained: TrainedLayers
  public var stepSize: StepSize
  /// Steps after which training ends; at least the last measured one.
  public var steps: Int
  /// Steps after which the network is measured, increasing; 0 is the initial network.
  public var measuredSteps: [Int]
  /// What is measured then.
  public var quantities: [QuantityName]
  public var method: SGDMethod
  /// How a block of samples is cut; chosen from the network's shape unless given.
  public var blockSize: Int?
  public var subBlockSize: Int?
  public var pieceSize: Int?
  public var precision: Precision
  /// Names the random streams together with the number of the trial: initial weights and samples.
  public var seed: UInt64
  public var trial: Int

  public init(
    data: DataSpecification, architecture: Architecture, loss: Loss = .squared,
    trained: TrainedLayers = .all, stepSize: StepSize, steps: Int, measuredSteps: [Int],
    quantities: [QuantityName] = QuantityName.ofTrials, method: SGDMethod = .blocked,
    blockSize: Int? = nil, subBlockSize: Int? = nil, pieceSize: Int? = nil,
    precision: Precision = .float, seed: UInt64, trial: Int = 0
  ) {
    precondition(steps >= measuredSteps.last ?? 0, "measured after the last step")
    self.data = data
    self.architecture = architecture
    self.loss = loss
    self.trained = trained
    self.stepSize = stepSize
    self.steps = steps
    self.measuredSteps = measuredSteps
    self.quantities = quantities
    self.method = method
    (self.blockSize, self.subBlockSize, self.pieceSize) = (blockSize, subBlockSize, pieceSize)
    self.precision = precision
    (self.seed, self.trial) = (seed, trial)
  }

  /// The network before the first step, for d inputs and K outputs.
  public func initialNetwork<Scalar: MatrixScalar>(inputs: Int, outputs: Int) -> Network<Scalar> {
    architecture.network(
      inputs: inputs, outputs: outputs,
      stream: RandomStream(seed: seed, purpose: .initialization, trial: trial))
  }
}

extension TrainingPlan {
  /// Names of what differs, as `train` calls its options.
  public func differences(from other: TrainingPlan) -> [String] {
    var names: [String] = []
    func compare(_ name: String, _ path: KeyPath<TrainingPlan, some Equatable>) {
      if self[keyPath: path] != other[keyPath: path] { names.append(name) }
    }
    compare("data", \.data)
    compare("hidden", \.architecture.hidden)
    compare("activation", \.architecture.activations)
    compare("scaling", \.architecture.scaling)
    compare("bias", \.architecture.bias)
    compare("first-law", \.architecture.firstLaw)
    compare("middle-law", \.architecture.middleLaw)
    compare("output-law", \.architecture.outputLaw)
    compare("loss", \.loss)
    compare("step-size", \.stepSize.initial)
    compare("schedule", \.stepSize.schedule)
    compare("steps", \.steps)
    compare("trained", \.trained)
    compare("method", \.method)
    compare("block-size", \.blockSize)
    compare("sub-block-size", \.subBlockSize)
    compare("piece-size", \.pieceSize)
    compare("evaluations", \.measuredSteps)
    compare("quantities", \.quantities)
    compare("seed", \.seed)
    compare("trial", \.trial)
    compare("precision", \.precision)
    return names
  }

  /// Whether these are numbers that a plan can have; one that was read from a file need not.
  var isSound: Bool {
    let architecture = architecture
    return !architecture.hidden.isEmpty
      && architecture.hidden.allSatisfy { (1...(1 << 24)).contains($0) }
      && architecture.activations.count == architecture.hidden.count
      && zip(measuredSteps, measuredSteps.dropFirst()).allSatisfy { $0 < $1 }
      && measuredSteps.first ?? 0 >= 0 && steps >= measuredSteps.last ?? 0
      && Set(quantities).count == quantities.count
      && stepSize.initial > 0 && stepSize.initial.isFinite
      && (trained == .all || architecture.hidden.count > 1)
      && (1...(1 << 14)).contains(blockSize ?? 1) && (1...(1 << 14)).contains(subBlockSize ?? 1)
      && pieceSize ?? 1 > 0 && trial >= 0
  }
}
