import ArgumentParser
import Artifacts
import Landbridge
import LinearAlgebra

/// What `train` can be told. Everything is optional, so that `--resume` can tell what was said.
struct TrainOptions: ParsableArguments {
  @Option(help: dataHelp, transform: { try DataSpecification(parsing: $0) })
  var data: DataSpecification?

  @Option(
    help: ArgumentHelp("Neurons of the hidden layers: 800 or 800,400.", valueName: "N,…"),
    transform: parseWidths)
  var hidden: [Int]?

  @Option(
    help: ArgumentHelp(
      "One, or one per layer: \(Activation.allNames.joined(separator: ", ")). Default tanh.",
      valueName: "name,…"),
    transform: parseActivationOption)
  var activation: [Activation]?

  @Option(help: "Default squared.")
  var loss: Loss?

  @Option(
    help: ArgumentHelp(
      "α > 0. A mean-field step moves every weight by about α, whatever the width. Default 0.02.",
      valueName: "α"))
  var stepSize: Double?

  @Option(
    help: ArgumentHelp(
      "constant, cosine, or power:EXPONENT[,DELAY]: α(1 + k/DELAY)^-EXPONENT. Default constant.",
      valueName: "name"),
    transform: ScheduleName.init)
  var schedule: ScheduleName?

  @Option(help: ArgumentHelp("How long: so many steps, one sample each.", valueName: "k"))
  var steps: Int?

  @Option(help: ArgumentHelp("How long: passes over finite data.", valueName: "count"))
  var passes: Double?

  @Option(help: ArgumentHelp("How long: until t = Σ α reaches T.", valueName: "T"))
  var time: Double?

  @Option(help: "Which layers move; middle: first and last stay as drawn. Default all.")
  var trained: TrainedLayers?

  @Option(help: "Mean-field divides by N in every layer, as the theory does. Default mean-field.")
  var scaling: Scaling?

  @Flag(inversion: .prefixedNo, help: "Biases of the hidden units and the output. Default no.")
  var bias: Bool?

  @Option(
    help: ArgumentHelp(
      "Initial weights: gaussian(s), scaled-gaussian(s), uniform(b), he, glorot, constant(c).",
      valueName: "law"),
    transform: parseLaw)
  var firstLaw: WeightLaw?

  @Option(
    help: ArgumentHelp("The same for the layers between.", valueName: "law"), transform: parseLaw)
  var middleLaw: WeightLaw?

  @Option(
    help: ArgumentHelp("The same for the output layer.", valueName: "law"), transform: parseLaw)
  var outputLaw: WeightLaw?

  @Option(help: "The same iterates, fast or by the definition. Default blocked.")
  var method: SGDMethod?

  @Option(help: ArgumentHelp("Samples per block. Default: by shape.", valueName: "count"))
  var blockSize: Int?

  @Option(
    help: ArgumentHelp(
      "Samples between two corrections within a block. Default 16.", valueName: "count"))
  var subBlockSize: Int?

  @Option(
    help: ArgumentHelp(
      "Neurons that a thread works on at a time. Default up to 1024.", valueName: "count"))
  var pieceSize: Int?

  @Option(
    help: ArgumentHelp(
      "Measurements on held-out samples, evenly in log k. Default 12.", valueName: "count"))
  var evaluations: Int?

  @Option(help: ArgumentHelp("Or measure after every so many steps.", valueName: "steps"))
  var evaluateEvery: Int?

  func validate() throws {
    try positive("--step-size", stepSize)
    try positive("--steps", steps)
    try positive("--passes", passes)
    try positive("--time", time)
    try positive("--block-size", blockSize, atMost: 1 << 14)
    try positive("--sub-block-size", subBlockSize, atMost: 1 << 14)
    try positive("--piece-size", pieceSize)
    try positive("--evaluations", evaluations, atMost: 100_000)
    try positive("--evaluate-every", evaluateEvery)
    if [steps != nil, passes != nil, time != nil].count(where: { $0 }) > 1 {
      throw ValidationError("--steps, --passes and --time exclude each other")
    }
    if evaluations != nil && evaluateEvery != nil {
      throw ValidationError("--evaluations and --evaluate-every exclude each other")
    }
  }
}

/// A schedule before the number of steps is known.
struct ScheduleName: Sendable {
  private enum Kind: Sendable {
    case constant, cosine
    case power(exponent: Double, delay: Double)
  }
  private let kind: Kind

  @Sendable init(_ text: String) throws {
    let parts = text.split(separator: ":", maxSplits: 1)
    switch parts.first {
    case "constant" where parts.count == 1: kind = .constant
    case "cosine" where parts.count == 1: kind = .cosine
    case "power" where parts.count == 2:
      let numbers = parts[1].split(separator: ",").map { Double($0) ?? .nan }
      guard (1...2).contains(numbers.count), numbers.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw ValidationError("expected power:EXPONENT or power:EXPONENT,DELAY, both positive")
      }
      kind = .power(exponent: numbers[0], delay: numbers.count > 1 ? numbers[1] : 1)
    default: throw ValidationError("expected constant, cosine or power:EXPONENT[,DELAY]")
    }
  }

  var isCosine: Bool { if case .cosine = kind { true } else { false } }

  func schedule(steps: Int) -> StepSize.Schedule {
    switch kind {
    case .constant: .constant
    case .cosine: .cosine(steps: steps)
    case .power(let exponent, let delay): .power(exponent: exponent, delay: delay)
    }
  }
}

@Sendable private func parseWidths(_ text: String) throws -> [Int] {
  let widths = text.split(separator: ",", omittingEmptySubsequences: false).map {
    Int($0) ?? 0
  }
  guard widths.count <= 16, widths.allSatisfy({ (1...(1 << 24)).contains($0) }) else {
    throw ValidationError("expected widths from 1 to \(1 << 24), separated by commas, at most 16")
  }
  return widths
}

@Sendable private func parseLaw(_ text: String) throws -> WeightLaw {
  guard let law = WeightLaw(text) else {
    throw ValidationError(
      "expected gaussian(s), scaled-gaussian(s), uniform(b), he, glorot or constant(c)")
  }
  return law
}
