import ArgumentParser
import Artifacts
import Experiments
import Foundation
import Landbridge
import LinearAlgebra

extension TrainOptions {
  /// The plan of a fresh run.
  ///
  /// - Parameter passLength: samples of one pass; `nil` for fresh samples.
  func plan(shared: SharedOptions, passLength: Int?) throws -> TrainingPlan {
    let (data, hidden) = try (requiredData(), requiredWidths())
    let (stepSize, steps) = try stepSizeAndSteps(stored: nil, passLength: passLength)
    let plan = TrainingPlan(
      data: data,
      architecture: Architecture(
        hidden: hidden, activations: try activations(for: hidden), scaling: scaling ?? .meanField,
        bias: bias ?? false, firstLaw: firstLaw, middleLaw: middleLaw, outputLaw: outputLaw),
      loss: loss ?? .squared, trained: trained ?? .all, stepSize: stepSize, steps: steps,
      measuredSteps: try measuredSteps(steps: steps), quantities: QuantityName.ofTraining,
      method: method ?? .blocked, blockSize: blockSize, subBlockSize: subBlockSize,
      pieceSize: pieceSize, precision: shared.precision ?? .float, seed: shared.seed ?? 0)
    try check(plan)
    return plan
  }

  /// Refuses a fresh run that lacks what has no default.
  func requireEssentials() throws {
    _ = try (requiredData(), requiredWidths())
    guard steps != nil || passes != nil || time != nil else { throw Self.missingLength }
  }

  func requiredData() throws -> DataSpecification {
    guard let data else { throw ValidationError("missing --data: what to train on") }
    return data
  }

  private func requiredWidths() throws -> [Int] {
    guard let hidden else {
      throw ValidationError("missing --hidden: the width of the hidden layer, for instance 800")
    }
    return hidden
  }

  private static let missingLength = ValidationError("how long? Give --steps, --passes or --time")

  /// Refuses options that say otherwise than the plan of a checkpoint.
  func requireAgreement(
    with stored: TrainingPlan, shared: SharedOptions, passLength: Int?
  ) throws {
    var wanted = stored
    if let data { wanted.data = data }
    if let hidden { wanted.architecture.hidden = hidden }
    if activation != nil {
      wanted.architecture.activations = try activations(for: wanted.architecture.hidden)
    }
    if let loss { wanted.loss = loss }
    if let trained { wanted.trained = trained }
    if let scaling { wanted.architecture.scaling = scaling }
    if let bias { wanted.architecture.bias = bias }
    if let firstLaw { wanted.architecture.firstLaw = firstLaw }
    if let middleLaw { wanted.architecture.middleLaw = middleLaw }
    if let outputLaw { wanted.architecture.outputLaw = outputLaw }
    if let method { wanted.method = method }
    if let blockSize { wanted.blockSize = blockSize }
    if let subBlockSize { wanted.subBlockSize = subBlockSize }
    if let pieceSize { wanted.pieceSize = pieceSize }
    if let seed = shared.seed { wanted.seed = seed }
    if let precision = shared.precision { wanted.precision = precision }
    (wanted.stepSize, wanted.steps) = try stepSizeAndSteps(
      stored: stored, passLength: passLength)
    if evaluations != nil || evaluateEvery != nil {
      wanted.measuredSteps = try measuredSteps(steps: wanted.steps)
    }
    let names = wanted.differences(from: stored)
    guard names.isEmpty else {
      throw ValidationError(
        "\(names.map { "--\($0)" }.joined(separator: ", ")) contradicts the checkpoint: "
          + "a resumed run keeps its configuration")
    }
  }

  private func activations(for hidden: [Int]) throws -> [Activation] {
    let list = activation ?? [.tanh]
    guard list.count == 1 || list.count == hidden.count else {
      throw ValidationError(
        "--activation: found \(list.count), expected one, or one for each of the "
          + "\(hidden.count) hidden layers")
    }
    return list.count == 1 ? Array(repeating: list[0], count: hidden.count) : list
  }

  private func stepSizeAndSteps(
    stored: TrainingPlan?, passLength: Int?
  ) throws -> (StepSize, Int) {
    let α = stepSize ?? stored?.stepSize.initial ?? 0.02
    let steps: Int
    if let given = self.steps {
      steps = given
    } else if let passes {
      guard let passLength else {
        throw ValidationError("--passes: these data are fresh samples, use --steps or --time")
      }
      steps = try wholeSteps(passes * Double(passLength), "--passes \(passes)")
    } else if let time {
      steps = try self.steps(until: time, α, stored: stored)
    } else if let stored {
      steps = stored.steps
    } else {
      throw Self.missingLength
    }
    let schedule = self.schedule?.schedule(steps: steps) ?? stored?.stepSize.schedule ?? .constant
    return (StepSize(α, schedule: schedule), steps)
  }

  private func wholeSteps(_ value: Double, _ option: String) throws -> Int {
    let steps = (value - 1e-6).rounded(.up)
    guard steps < 0x1p40 else { throw ValidationError("\(option): more than 10¹² steps") }
    return max(1, Int(steps))
  }

  /// The first k with Σ_{l<k} α_l ≥ T.
  private func steps(until time: Double, _ α: Double, stored: TrainingPlan?) throws -> Int {
    let isCosine: Bool
    if let schedule {
      isCosine = schedule.isCosine
    } else if case .cosine = stored?.stepSize.schedule {
      isCosine = true
    } else {
      isCosine = false
    }
    // The mean of (1 + cos)/2 over the schedule is 1/2.
    if isCosine { return try wholeSteps(2 * time / α, "--time \(time)") }
    let schedule = self.schedule?.schedule(steps: 0) ?? stored?.stepSize.schedule ?? .constant
    if schedule == .constant { return try wholeSteps(time / α, "--time \(time)") }
    let stepSize = StepSize(α, schedule: schedule)
    var (k, t) = (0, 0.0)
    while t < time {
      t += stepSize(k)
      k += 1
      guard k < 1 << 30 else {
        throw ValidationError("--time \(time): not reached within 10⁹ steps of this schedule")
      }
    }
    return k
  }

  private func measuredSteps(steps: Int) throws -> [Int] {
    if let every = evaluateEvery {
      guard steps / every <= 100_000 else {
        throw ValidationError(
          "--evaluate-every \(every): \(steps / every) measurements, at most 100 000")
      }
      return Set(Array(stride(from: 0, through: steps, by: every)) + [steps]).sorted()
    }
    return logSpacedSteps(max(1, (evaluations ?? 12) - 1), until: steps)
  }

  private func check(_ plan: TrainingPlan) throws {
    if plan.trained == .middle && plan.architecture.hidden.count < 2 {
      throw ValidationError("--trained middle: needs at least two hidden layers (--hidden 800,800)")
    }
    let sizes = [
      ("block-size", plan.blockSize), ("sub-block-size", plan.subBlockSize),
      ("piece-size", plan.pieceSize),
    ]
    for (name, size) in sizes where plan.method == .stepByStep && size != nil {
      throw ValidationError("--\(name): only for --method blocked")
    }
  }
}

extension TrainingPlan {
  /// Refuses networks that do not fit into memory before any is taken.
  func requireMemory(inputs: Int, outputs: Int) throws {
    let hidden = architecture.hidden
    let sizes = [inputs] + hidden + [outputs]
    let parameters = zip(sizes, sizes.dropFirst()).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1)
    }
    // Weights, and the features, preactivations and coefficients of a block.
    let bytes = parameters * (precision == .float ? 4 : 8) * 2
    let memory = Double(ProcessInfo.processInfo.physicalMemory)
    guard bytes < memory else {
      throw ToolFailure(
        ExitStatus.usage,
        "--hidden \(hidden.map(String.init).joined(separator: ",")): a network of "
          + "\(short(parameters)) weights needs \(short(bytes / 0x1p30)) GiB to train, "
          + "this machine has \(short(memory / 0x1p30))")
    }
    try LandbridgeTool.requireMemory(bytes, for: "Training \(short(parameters)) weights")
  }
}
