import Artifacts
import Landbridge
import LinearAlgebra

/// All that determines the bytes of a trained network.
struct TrainingPlan: Codable, Equatable {
  var data: DataSpecification
  var hidden: [Int]
  /// One per hidden layer.
  var activations: [Activation]
  var scaling: Scaling
  var bias: Bool
  var firstLaw: WeightLaw
  var middleLaw: WeightLaw
  var outputLaw: WeightLaw
  var loss: Loss
  var stepSize: StepSize
  var steps: Int
  var trained: TrainedLayers
  var method: SGDMethod
  var blockSize: Int?
  var subBlockSize: Int?
  var pieceSize: Int?
  /// Steps after which the network is measured, increasing, the last step among them.
  var measuredSteps: [Int]
  var seed: UInt64
  var precision: Precision

  /// The network before the first step.
  func initialNetwork<Scalar: Real>(inputs: Int, outputs: Int) -> Network<Scalar> {
    var network: Network<Scalar> = Architecture(
      hidden: hidden, activation: activations[0], scaling: scaling, bias: bias,
      firstLaw: firstLaw, middleLaw: middleLaw, outputLaw: outputLaw
    ).network(
      inputs: inputs, outputs: outputs,
      stream: RandomStream(seed: seed, purpose: .initialization))
    for (index, activation) in activations.enumerated() {
      network.layers[index].activation = activation
    }
    return network
  }

  /// Names of what differs, as JSON calls it.
  func differences(from other: TrainingPlan) -> [String] {
    var names: [String] = []
    func compare(_ name: String, _ path: KeyPath<TrainingPlan, some Equatable>) {
      if self[keyPath: path] != other[keyPath: path] { names.append(name) }
    }
    compare("data", \.data)
    compare("hidden", \.hidden)
    compare("activation", \.activations)
    compare("scaling", \.scaling)
    compare("bias", \.bias)
    compare("first-law", \.firstLaw)
    compare("middle-law", \.middleLaw)
    compare("output-law", \.outputLaw)
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
    compare("seed", \.seed)
    compare("precision", \.precision)
    return names
  }
}

/// How far a training is, and what was measured on the way.
struct TrainingRecord: Codable, Equatable {
  var plan: TrainingPlan
  /// `running` in checkpoints, else how it ended.
  var outcome: String
  var step: Int
  /// t = Σ α_k
  var time: Double
  /// Of the samples seen since the last measurement, each before its step.
  var lossSum: Double
  var lossCount: Int
  var trajectory: [TrainingMeasurement]
}

/// Losses at one step.
struct TrainingMeasurement: Codable, Equatable {
  var step: Int
  var time: Double
  /// Mean over the steps since the last measurement, each before its step.
  var loss: Double?
  /// On held-out samples.
  var testLoss: Double?
  var testError: Double?
  /// Of the first ⌊N/2⌋ neurons of every hidden layer, rescaled.
  var dropoutLoss: Double?
  var dropoutError: Double?
}
