public import LinearAlgebra

/// How training ended. Divergence is an outcome, not an error.
public enum TrainingOutcome: Sendable, Equatable {
  case finished
  /// Asked to stop; every step so far is complete.
  case stopped
  /// At this step (counted from 0) the loss was not finite, or beyond 10¹². The network is the one
  /// before that step.
  case diverged(step: Int)
}

/// Online stochastic gradient descent: one sample per step (docs/theory.md §2).
///
///     θ_i ← θ_i − α_k N ∇_i ℓ(ŷ(x_k), y_k)      (mean-field scaling, two layers)
///
/// Steps are taken in blocks that begin at multiples of ``blockSize``, counted from step 0 of the
/// run, and end at the next multiple or where ``run(until:shouldStop:shouldGiveUp:)`` is told to
/// end. A run that is stopped and continued from the same state with the same goals takes the same
/// blocks and gives the same bytes as one that was never stopped.
public final class OnlineSGD<Scalar: MatrixScalar> {
  private let kernel: any SGDKernel<Scalar>
  private var source: any SampleSource<Scalar>
  private let stepSize: StepSize
  private let inputs: Buffer<Scalar>
  private let targets: Buffer<Scalar>

  /// Steps taken since the beginning.
  public private(set) var step: Int
  /// t = Σ α_k over the steps taken.
  public private(set) var time: Double
  /// Sum and number of the losses seen by ``run(until:shouldStop:shouldGiveUp:)``, each before its
  /// step, since ``resetLosses()``.
  public private(set) var lossSum = 0.0
  /// How many losses that is the sum of.
  public private(set) var lossCount = 0

  /// - Parameters:
  ///   - network: where to begin, or where an earlier run ended.
  ///   - source: sample k is that of step k.
  ///   - trained: which layers move; `.middle` needs at least two hidden layers.
  ///   - blockSize: samples per block; chosen from the network's shape unless given.
  ///   - subBlockSize: samples that pass between two corrections by earlier ones of the block.
  ///   - pieceSize: neurons, at most, that a thread works on at a time.
  ///   - threads: how many threads share the products of a block. Results do not depend on it.
  ///   - step: steps taken before, when a run goes on.
  ///   - time: t reached before.
  public init(
    network: Network<Scalar>, source: any SampleSource<Scalar>, loss: Loss, stepSize: StepSize,
    trained: TrainedLayers = .all, method: SGDMethod = .blocked, blockSize: Int? = nil,
    subBlockSize: Int? = nil, pieceSize: Int? = nil, threads: Int = 1, continuingAt step: Int = 0,
    time: Double = 0
  ) {
    precondition(
      source.inputDimension == network.inputDimension
        && source.outputDimension == network.outputDimension,
      """
      samples of dimension \(source.inputDimension) → \(source.outputDimension) for a network of \
      \(network.inputDimension) → \(network.outputDimension)
      """)
    for size in [blockSize, subBlockSize, pieceSize] {
      precondition(size == nil || size! > 0, "size \(size ?? 0) of a part of a block")
    }
    kernel =
      switch method {
      case .blocked:
        BlockedSGD(
          network: network, loss: loss, trained: trained, blockSize: blockSize,
          subBlockSize: subBlockSize, pieceSize: pieceSize, threads: threads)
      case .stepByStep: StepByStepSGD(network: network, loss: loss, trained: trained)
      }
    self.source = source
    self.stepSize = stepSize
    self.step = step
    self.time = time
    inputs = Buffer(count: kernel.blockSize * network.inputDimension)
    targets = Buffer(count: kernel.blockSize * network.outputDimension)
  }

  /// The network after ``step`` steps.
  public var network: Network<Scalar> { kernel.network }

  /// Steps that are taken together, at most.
  public var blockSize: Int { kernel.blockSize }

  /// Begins a new sum of losses.
  public func resetLosses() { (lossSum, lossCount) = (0, 0) }

  /// Takes steps until `goal` have been taken in all.
  ///
  /// - Parameters:
  ///   - shouldStop: asked before every block.
  ///   - shouldGiveUp: asked in every block, from any thread: one that has begun is given up, and the
  ///     state is that before it.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func run(
    until goal: Int, shouldStop: () -> Bool = { false },
    shouldGiveUp: @Sendable () -> Bool = { false }
  ) -> TrainingOutcome {
    while step < goal {
      if shouldStop() { return .stopped }
      let end = min(goal, (step / blockSize + 1) * blockSize)
      let stepSizes = (step..<end).map { stepSize($0) }
      fill(count: stepSizes.count)
      let result = unsafe kernel.train(
        inputs: inputs.base, targets: targets.base, stepSizes: stepSizes,
        shouldGiveUp: shouldGiveUp)
      guard let result else { return .stopped }
      step += result.steps
      time = stepSizes.prefix(result.steps).reduce(time, +)
      lossSum += result.lossSum
      lossCount += result.steps
      if result.steps < stepSizes.count { return .diverged(step: step) }
    }
    return .finished
  }

  /// The samples of the next `count` steps.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func fill(count: Int) {
    let x = unsafe UnsafeMutableBufferPointer(
      start: inputs.base, count: count * source.inputDimension)
    let y = unsafe UnsafeMutableBufferPointer(
      start: targets.base, count: count * source.outputDimension)
    var inputSpan = unsafe x.mutableSpan
    var targetSpan = unsafe y.mutableSpan
    source.fill(first: step, count: count, inputs: &inputSpan, targets: &targetSpan)
  }
}
