public import Artifacts
public import Landbridge
public import LinearAlgebra

/// One of the paper's experiments, as data: networks of several widths, trained several times.
public struct Experiment: Codable, Sendable, Equatable {
  /// Names files: lower case, digits and dashes.
  public var name: String
  public var title: String
  /// What a reader must know about data and setting, in one or two sentences; nothing that follows
  /// from widths, trials or steps.
  public var note: String
  /// What must be said wherever results are shown, because the name of the data may promise more.
  public var caveat: String?
  public var data: DataSpecification
  /// N of every hidden layer, one network shape after another.
  public var widths: [Int]
  /// L
  public var hiddenLayers: Int
  public var activation: Activation
  public var bias: Bool
  public var loss: Loss
  public var trained: TrainedLayers
  /// Laws of the initial middle and output weights; those of ``Architecture`` unless given.
  public var middleLaw: WeightLaw?
  public var outputLaw: WeightLaw?
  public var stepSize: StepSize
  /// Steps of a trial; see ``steps(ofTrial:)``: paths join solutions from different numbers of steps.
  public var steps: Int
  /// The time t at which the change in loss counts as early.
  public var earlyTime: Double
  /// How many times a network is measured during training.
  public var measurements: Int
  /// Independent trials of every width: different initial weights and samples.
  public var trials: Int
  public var seed: UInt64
  /// Of networks and samples.
  public var precision: Precision
  /// The paths that are built between pairs of trials.
  public var methods: [PathMethodName]

  public init(
    name: String, title: String, note: String, caveat: String? = nil, data: DataSpecification,
    widths: [Int],
    hiddenLayers: Int = 1, activation: Activation = .tanh, bias: Bool = false,
    loss: Loss = .squared, trained: TrainedLayers = .all, middleLaw: WeightLaw? = nil,
    outputLaw: WeightLaw? = nil,
    stepSize: StepSize, steps: Int,
    earlyTime: Double, measurements: Int = 24, trials: Int, seed: UInt64 = 1,
    precision: Precision = .float, methods: [PathMethodName] = PathMethodName.all
  ) {
    self.name = name
    self.title = title
    self.note = note
    self.caveat = caveat
    self.data = data
    self.widths = widths
    self.hiddenLayers = hiddenLayers
    self.activation = activation
    self.bias = bias
    self.loss = loss
    self.trained = trained
    self.middleLaw = middleLaw
    self.outputLaw = outputLaw
    self.stepSize = stepSize
    self.steps = steps
    self.earlyTime = earlyTime
    self.measurements = measurements
    self.trials = trials
    self.seed = seed
    self.precision = precision
    self.methods = methods
  }

  /// The step whose time is the first to reach ``earlyTime``.
  public var earlyStep: Int {
    var (k, time) = (0, 0.0)
    while time < earlyTime && k < steps {
      time += stepSize(k)
      k += 1
    }
    return k
  }

  /// t = Σ α_k after `step` steps.
  public func time(atStep step: Int) -> Double {
    (0..<step).reduce(0) { $0 + stepSize($1) }
  }

  /// Steps of a trial: every second one takes a quarter more.
  public func steps(ofTrial trial: Int) -> Int {
    trial.isMultiple(of: 2) ? steps : steps + steps / 4
  }

  /// Where networks are measured: 0, then evenly in log k, with the early step among them.
  public var measuredSteps: [Int] {
    Set(logSpacedSteps(max(measurements - 1, 2), until: steps) + [earlyStep]).sorted()
  }

  /// The plan of trial number `trial` at one width.
  public func plan(width: Int, trial: Int) -> TrainingPlan {
    TrainingPlan(
      data: data,
      architecture: Architecture(
        hidden: Array(repeating: width, count: hiddenLayers), activation: activation, bias: bias,
        middleLaw: middleLaw, outputLaw: outputLaw),
      loss: loss, trained: trained, stepSize: stepSize,
      steps: steps(ofTrial: trial), measuredSteps: measuredSteps, precision: precision,
      seed: seed, trial: trial)
  }

  /// The plan of the paths between two trials of one width.
  func pathPlan(width: Int, from: Int, to: Int) -> PathPlan {
    PathPlan(
      from: plan(width: width, trial: from), to: plan(width: width, trial: to), methods: methods)
  }

  /// Trials that paths join: 0 with 1, 2 with 3, …, so that paths are independent.
  public var pairs: [(Int, Int)] { stride(from: 0, to: trials - 1, by: 2).map { ($0, $0 + 1) } }
}
