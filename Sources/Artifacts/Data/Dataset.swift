public import Landbridge
public import LinearAlgebra

/// Samples to train on and samples held out, as a specification asks.
public struct Dataset<Scalar: MatrixScalar>: Sendable {
  /// Where training takes its samples from.
  public enum Training: Sendable {
    /// A law, from which every seed and trial draws its own samples.
    case stream(@Sendable (RandomStream) -> any SampleSource<Scalar>)
    /// A finite set, which every seed and trial visits in its own order.
    case finite(Samples<Scalar>)
  }

  /// Where training takes its samples from.
  public var training: Training
  /// What networks are measured on in training.
  public var heldOut: Samples<Scalar>
  /// Which samples those of training are, for the file of the model.
  public var record: SampleRecord
  /// Which rows are held out; `seen` of them are trained on too (`split=all`).
  public var heldOutRows: SampleRows
  /// What the targets were taken for.
  public var targets: TargetMeaning
  /// What was taken for what, where the file left it open.
  public var note: String?

  /// d
  public var inputDimension: Int { heldOut.inputDimension }
  /// K
  public var outputDimension: Int { heldOut.outputDimension }

  /// How many samples one pass has; `nil` for fresh samples.
  public var trainingCount: Int? {
    if case .finite(let samples) = training { samples.count } else { nil }
  }

  /// The samples that training with this seed sees, step after step.
  public func source(seed: UInt64, trial: Int = 0) -> any SampleSource<Scalar> {
    switch training {
    case .stream(let make):
      make(RandomStream(seed: seed, purpose: .trainingSamples, trial: trial))
    case .finite(let samples):
      ShuffledPasses(samples, stream: RandomStream(seed: seed, purpose: .shuffle, trial: trial))
    }
  }
}

/// Samples, and which rows of their data set they are.
public struct SelectedSamples<Scalar: MatrixScalar>: Sendable {
  /// n × d inputs, n × K targets.
  public var samples: Samples<Scalar>
  /// Which rows of their data set they are.
  public var rows: SampleRows
  /// What the targets were taken for.
  public var targets: TargetMeaning
  /// For the file of a model that is fitted on these samples.
  public var record: SampleRecord
  /// What was taken for what, where the file left it open.
  public var note: String?
  /// By which a row is known again; of finite data.
  let digests: SampleDigests?

  /// How many of these rows are among those of `other`.
  public func shared(with other: SelectedSamples) -> Int {
    guard let digests, let others = other.digests else { return 0 }
    return digests.shared(with: others)
  }
}

/// What decides how samples are read: the networks that they are for, and the loss.
public struct DataUse: Sendable {
  /// What is measured or trained with, where that is known.
  public var loss: Loss?
  /// K of the networks, if there is one yet.
  public var outputs: Int?
  /// What each of them has seen.
  public var models: [SeenSamples]

  /// A use of the given loss and networks.
  public init(loss: Loss? = nil, outputs: Int? = nil, models: [SeenSamples] = []) {
    (self.loss, self.outputs, self.models) = (loss, outputs, models)
  }

  /// What targets were in the training of all models, if their files say the same.
  var recorded: TargetKind? {
    let kinds = Set(models.map(\.targets))
    return kinds.count == 1 ? kinds.first! : nil
  }
}
