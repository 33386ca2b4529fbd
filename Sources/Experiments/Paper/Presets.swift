internal import Artifacts
internal import Landbridge

extension Reproduction {
  /// How much of the paper is run.
  public enum Preset: String, Sendable, CaseIterable {
    /// A few minutes on two cores.
    case quick
    /// More widths, more trials, longer training: hours.
    case full
  }

  /// The experiments of a preset.
  ///
  /// - Parameter originals: original files. Without MNIST's its experiment is left out; features of
  ///   CIFAR-10's are used by ``Preset/full``, the built-in part without them.
  public init(preset: Preset, originals: OriginalData, seed: UInt64) {
    let isFull = preset == .full
    let widths =
      isFull ? [100, 200, 400, 800, 1600, 3200, 6400] : [100, 200, 400, 800, 1600, 3200]
    let trials = isFull ? 20 : 10
    var experiments = [
      Experiment(
        name: "gaussians", title: "Isotropic Gaussians, two layers",
        note: """
          Two classes that differ in scale only: y = ±1, x | y ~ N(0, (1 + yΔ)² I) with d = 32 and \
          Δ = 0.5, fresh samples at every step. Squared loss, tanh with biases, all parameters \
          trained.
          """,
        data: DataSpecification(kind: .gaussians, options: DataOptions(d: 32, delta: 0.5)),
        widths: widths, bias: true, stepSize: StepSize(0.01), steps: isFull ? 20_000 : 8000,
        earlyTime: 1, trials: trials, seed: seed),
      Experiment(
        name: "digits", title: "UCI digits, two layers",
        note: """
          Images of 8 × 8 pixels, ten classes, one-hot targets, inputs standardised. A fixed random \
          fifth is held out; training passes over the rest in random order. Squared loss, tanh with \
          biases, all parameters trained.
          """,
        data: DataSpecification(kind: .digits, options: DataOptions(standardize: true)),
        widths: widths, bias: true, stepSize: StepSize(0.05), steps: isFull ? 40_000 : 20_000,
        earlyTime: 1, trials: trials, seed: seed),
    ]
    experiments += multilayer(isFull: isFull, features: originals.features, seed: seed)
    if let directory = originals.mnist {
      experiments.append(
        Experiment(
          name: "mnist", title: "MNIST, two layers",
          note: """
            28 × 28 pixels, ten classes, one-hot targets. Training passes over the training images \
            in random order; measured on test images. Squared loss, \
            tanh with biases, all parameters trained.
            """,
          data: DataSpecification(
            kind: .mnist, location: directory, options: DataOptions(heldOut: isFull ? nil : 2000)),
          widths: isFull ? [100, 200, 400, 800, 1600, 3200] : [100, 200, 400, 800], bias: true,
          stepSize: StepSize(0.02), steps: isFull ? 60_000 : 20_000, earlyTime: 1,
          trials: isFull ? 10 : 6, seed: seed))
    }
    self.init(preset: preset.rawValue, experiments: experiments)
  }
}

/// Three layers on CIFAR-10 features, three and four on digits.
private func multilayer(
  isFull: Bool, features: DataSpecification?, seed: UInt64
) -> [Experiment] {
  let original = isFull ? features : nil
  let source =
    original == nil
    ? """
    The part of them that is built in: the first 5000 images of each of data_batch_1 … 4 to train \
    on, the first \(isFull ? 5000 : 1000) of data_batch_5 held out\
    \(isFull ? "; --data-dir with the original files takes all" : "").
    """
    : """
    Computed by this program from the original files: all images of data_batch_1 … 4 to train on, \
    all of data_batch_5 held out.
    """
  let note = """
    Ten classes of CIFAR-10 images through pretrained VGG-16 (pool5): 512 standardised numbers. \
    \(source) Both are training images of CIFAR-10: the errors are not the standard test errors. \
    Softmax cross-entropy, tanh with biases, two hidden layers of N neurons
    """
  var data = DataSpecification(kind: .cifar10VGG, options: DataOptions(standardize: true))
  let caveat = data.caveat
  if !isFull { data.options.heldOut = 1000 }
  if let original { data = original }
  let widths = isFull ? [100, 200, 400, 800, 1600, 3200] : [50, 100, 200, 400, 800]
  let trials = isFull ? 10 : 6
  // In full two passes over the images to train on.
  let steps = !isFull ? 16_000 : original == nil ? 40_000 : 80_000
  return [
    Experiment(
      name: "cifar10-fixed-ends", title: "CIFAR-10 features, three layers, ends fixed",
      note: note
        + """
         (three weight matrices); the first and the last keep their random initial values, as in \
        the paper's theorem.
        """,
      caveat: caveat, data: data, widths: widths, hiddenLayers: 2, bias: true,
      loss: .crossEntropy, trained: .middle, outputLaw: .uniform(10), stepSize: StepSize(0.02),
      steps: steps, earlyTime: 1, measurements: isFull ? 24 : 14, trials: trials, seed: seed),
    Experiment(
      name: "cifar10-all-trained", title: "CIFAR-10 features, three layers, all trained",
      note: note + " (three weight matrices), all of them trained.", caveat: caveat, data: data,
      widths: widths, hiddenLayers: 2, bias: true, loss: .crossEntropy, outputLaw: .uniform(4),
      stepSize: StepSize(0.02), steps: steps, earlyTime: 1, measurements: isFull ? 24 : 14,
      trials: trials, seed: seed),
  ] + digits(isFull: isFull, trials: trials, seed: seed)
}

/// Three layers with fixed ends, and four layers all trained, on digits.
private func digits(isFull: Bool, trials: Int, seed: UInt64) -> [Experiment] {
  let note = """
    Images of 8 × 8 pixels, ten classes, inputs standardised, a fixed random fifth held out. \
    Softmax cross-entropy, tanh with biases,
    """
  let data = DataSpecification(kind: .digits, options: DataOptions(standardize: true))
  let widths = isFull ? [100, 200, 400, 800, 1600] : [50, 100, 200, 400]
  return [
    Experiment(
      name: "digits-three-layers", title: "UCI digits, three layers, ends fixed",
      note: note
        + " two hidden layers of N neurons; first and last layer keep their random values.",
      data: data, widths: widths, hiddenLayers: 2, bias: true, loss: .crossEntropy,
      trained: .middle, outputLaw: .uniform(10), stepSize: StepSize(0.02),
      steps: isFull ? 20_000 : 8000, earlyTime: 1, measurements: isFull ? 24 : 14,
      trials: trials, seed: seed),
    Experiment(
      name: "digits-four-layers", title: "UCI digits, four layers",
      note: note + " three hidden layers of N neurons, all trained.", data: data, widths: widths,
      hiddenLayers: 3,
      bias: true, loss: .crossEntropy, middleLaw: .gaussian(3), outputLaw: .uniform(4),
      stepSize: StepSize(0.05), steps: isFull ? 20_000 : 8000, earlyTime: 1,
      measurements: isFull ? 24 : 14, trials: trials, seed: seed),
  ]
}
