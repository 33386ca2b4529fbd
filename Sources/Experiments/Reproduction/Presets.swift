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
  /// - Parameter dataDirectory: where `mnist/` is, for the experiment that needs it; without it
  ///   that experiment is left out.
  public init(preset: Preset, dataDirectory: String?, seed: UInt64) {
    let isFull = preset == .full
    let widths =
      isFull ? [100, 200, 400, 800, 1600, 3200, 6400] : [100, 200, 400, 800, 1600, 3200]
    let trials = isFull ? 20 : 10
    var experiments = [
      Experiment(
        name: "gaussians", title: "Isotropic Gaussians, two layers",
        note: """
          Two classes that differ in scale only: y = ±1, x | y ~ N(0, (1 + yΔ)² I) with d = 32 and \
          Δ = 0.5. Fresh samples at every step; measured on 10 000 held-out samples. Squared \
          loss, tanh with biases, all parameters trained.
          """,
        data: DataSpecification(kind: .gaussians, options: ["d": "32", "delta": "0.5"]),
        widths: widths, bias: true, stepSize: StepSize(0.01), steps: isFull ? 20_000 : 8000,
        earlyTime: 1, trials: trials, seed: seed),
      Experiment(
        name: "digits", title: "UCI digits, two layers",
        note: """
          1797 images of 8 × 8 pixels, ten classes, one-hot targets, inputs standardised. A fixed \
          random fifth (359 images) is held out; training passes over the rest in random order \
          (fourteen passes, so samples are seen again). Squared loss, tanh with biases, all \
          parameters trained.
          """,
        data: DataSpecification(kind: .digits, options: ["standardize": "true"]),
        widths: widths, bias: true, stepSize: StepSize(0.05), steps: isFull ? 40_000 : 20_000,
        earlyTime: 1, trials: trials, seed: seed),
    ]
    if let dataDirectory {
      experiments.append(
        Experiment(
          name: "mnist", title: "MNIST, two layers",
          note: """
            28 × 28 pixels, ten classes, one-hot targets, one pass over the 60 000 training \
            images; measured on the first 2000 test images. Squared loss, tanh with biases, all \
            parameters trained.
            """,
          data: DataSpecification(
            kind: .mnist, location: dataDirectory + "/mnist",
            options: isFull ? [:] : ["limit": "2000"]),
          widths: isFull ? [100, 200, 400, 800, 1600, 3200] : [100, 200, 400, 800], bias: true,
          stepSize: StepSize(0.02), steps: isFull ? 60_000 : 20_000, earlyTime: 1,
          trials: isFull ? 10 : 6, seed: seed))
    }
    self.init(preset: preset.rawValue, experiments: experiments)
  }
}
