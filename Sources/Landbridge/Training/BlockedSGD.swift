internal import LinearAlgebra
internal import Synchronization

/// Online SGD in blocks of samples: the same iterates as ``StepByStepSGD``, at the speed of
/// matrix multiplication (docs/theory.md §2.1).
///
/// The input of the first trained layer does not change during a block: it is the sample itself, or
/// fixed features of it. ``BlockedLayer`` computes its preactivations for the whole block in one
/// matrix product and its update in another. Layers above it whose input does change keep their
/// rank-one updates as a list until the end of the block (``DelayedLayer``). The output layer is
/// updated in place, one sample late, in the pass that reads it (``Readout``).
///
/// With one output the descent direction of the loss is a number, δ_k. It is kept out of the
/// stored coefficients and folded into the Gram matrix and the inputs, so that a sample is one
/// pass over the neurons.
///
/// A block is one program that the members of a ``ThreadTeam`` run together, each on its own
/// neurons; per sample they meet once for ŷ, and twice more for every delayed layer. The pieces of
/// neurons depend on the network alone: results are the same bytes for any number of threads.
final class BlockedSGD<Scalar: MatrixScalar>: SGDKernel {
  private(set) var network: Network<Scalar>
  private let shape: BlockShape
  private let loss: Loss
  /// The index of the first trained layer.
  private let first: Int
  private let trainsOutput: Bool
  /// The layer below it, if there is one.
  private let fixed: FixedLayer<Scalar>?
  private let layer: BlockedLayer<Scalar>
  private let delayed: [DelayedLayer<Scalar>]
  private let readout: Readout<Scalar>
  private let team: ThreadTeam
  private let members: [Member]
  /// The phase of a block in which it is given up: 0 before the first sample, k + 1 in sample k.
  ///
  /// Set by any member before it arrives at the phase's last barrier, and looked at by all after it:
  /// so all give up together, and whoever is in a later phase already sets a later one.
  private let endPhase = Atomic(Int.max)

  init(
    network: Network<Scalar>, loss: Loss, trained: TrainedLayers, blockSize: Int? = nil,
    subBlockSize: Int? = nil, pieceSize: Int? = nil, threads: Int = 1
  ) {
    let range = network.trainedRange(trained)
    let first = range.lowerBound
    self.first = first
    trainsOutput = range.upperBound == network.hiddenLayerCount
    let shape = BlockShape(
      inputs: network.layers[first].weights.columns,
      hasDelayedLayers: network.hiddenLayerCount > first + 1, blockSize: blockSize,
      subBlockSize: subBlockSize, pieceSize: pieceSize)
    self.shape = shape
    self.network = network
    self.loss = loss
    fixed = first > 0 ? FixedLayer(network: network, index: first - 1, shape: shape) : nil
    layer = BlockedLayer(network: network, index: first, shape: shape)
    delayed = (first + 1..<max(first + 1, network.hiddenLayerCount)).map {
      DelayedLayer(network: network, index: $0, shape: shape)
    }
    let pieces = [layer.pieces] + delayed.map(\.pieces)
    readout = Readout(network: network, pieces: pieces.last!, isTrained: trainsOutput)
    let team = ThreadTeam(count: min(threads, pieces.map(\.count).max()!))
    self.team = team
    let readout = readout
    let widest = pieces.joined().map(\.count).max()!
    members = (0..<team.count).map { index in
      Member(
        shares: pieces.map { team.share(of: Array($0.indices), member: index) },
        shape: shape, scratch: widest, readout: Readout.Member(readout))
    }
  }

  var blockSize: Int { shape.blockSize }

  /// What one member of the team keeps to itself.
  private final class Member {
    /// For every trained hidden layer, which of its pieces are this member's.
    let shares: [ArraySlice<Int>]
    /// e_l: α_l δ_l with one output, else α_l.
    let e: Buffer<Scalar>
    /// Multipliers of earlier updates.
    let g: Buffer<Scalar>
    let scratch: Buffer<Scalar>
    let readout: Readout<Scalar>.Member

    init(
      shares: [ArraySlice<Int>], shape: BlockShape, scratch: Int, readout: Readout<Scalar>.Member
    ) {
      self.shares = shares
      e = Buffer(count: shape.blockSize)
      g = Buffer(count: shape.blockSize * shape.subBlockSize)
      self.scratch = Buffer(count: scratch)
      self.readout = readout
    }
  }

  /// One block: what all members need to know of it.
  @unsafe private struct Block {
    var targets: UnsafePointer<Scalar>
    var stepSizes: [Double]
    /// The weights of the trained hidden layers.
    var weights: [UnsafeMutablePointer<Scalar>]
    var count: Int { unsafe stepSizes.count }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func train(
    inputs: UnsafePointer<Scalar>, targets: UnsafePointer<Scalar>, stepSizes: [Double],
    shouldGiveUp: @Sendable () -> Bool
  ) -> (steps: Int, lossSum: Double)? {
    precondition(
      stepSizes.count <= blockSize, "\(stepSizes.count) samples in a block of \(blockSize)")
    unsafe (fixed?.inputs ?? layer.inputs).update(
      from: inputs, count: stepSizes.count * network.inputDimension)
    // A matrix keeps its numbers at one address while nobody copies it, and the network is this
    // object's own.
    let weights = unsafe ([first] + delayed.map(\.index)).map { index in
      unsafe network.layers[index].weights.withUnsafeMutableBufferPointer { $0.baseAddress! }
    }
    let block = unsafe Block(targets: targets, stepSizes: stepSizes, weights: weights)
    var result: (steps: Int, lossSum: Double)? = nil
    endPhase.store(.max, ordering: .relaxed)
    team.run { index in
      let own = unsafe run(block, index, shouldGiveUp)
      if index == 0 { result = own }
    }
    guard let result else {
      // Only the readout is changed before a block ends.
      readout.restore(from: network.layers.last!, members.map(\.readout))
      return nil
    }
    if trainsOutput {
      readout.store(in: &network.layers[network.layers.count - 1], members[0].readout)
    }
    network.layers[first].bias = layer.biases
    for layer in delayed { network.layers[layer.index].bias = layer.biases }
    return result
  }

  /// The program of one member: its part of every step of a block; `nil` if that was given up.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @unsafe private func run(
    _ block: Block, _ index: Int, _ shouldGiveUp: @Sendable () -> Bool
  ) -> (steps: Int, lossSum: Double)? {
    let member = members[index]
    let count = unsafe block.count
    if let fixed {
      fixed.pack(count, member: index, of: team.count)
      team.barrier()
      for piece in team.share(of: fixed.pieces, member: index) {
        unsafe fixed.forward(count, piece, into: layer.inputs)
      }
      team.barrier()
    }
    layer.pack(count, member: index, of: team.count)
    team.barrier()
    for (position, samples) in chunks(of: count, size: 32).enumerated()
    where position % team.count == index {
      layer.gram(samples, of: count)
    }
    for piece in member.shares[0] {
      guard !giveUp(0, shouldGiveUp) else { break }
      unsafe layer.preactivate(count, layer.pieces[piece], weights: block.weights[0])
    }
    team.barrier()
    guard endPhase.load(ordering: .relaxed) > 0 else { return nil }
    var (done, lossSum) = (0, 0.0)
    samples: for subBlock in chunks(of: count, size: shape.subBlockSize) {
      unsafe layer.multipliers(subBlock, member.e.base, into: member.g.base)
      for piece in member.shares[0] where subBlock.lowerBound > 0 {
        unsafe layer.correct(subBlock, layer.pieces[piece], by: member.g.base)
      }
      for k in subBlock {
        unsafe forward(k, subBlock.lowerBound..<k, block, member)
        if index == 0 { giveUp(k + 1, shouldGiveUp) }
        team.barrier()
        guard endPhase.load(ordering: .relaxed) > k + 1 else { return nil }
        let value = unsafe readout.loss(
          loss, k, target: block.targets + k * network.outputDimension, member.readout)
        guard value.isFinite, value < divergenceLimit else { break samples }
        lossSum += value
        unsafe backward(k, block, member)
        done += 1
      }
    }
    unsafe finish(done, block, index)
    return (done, lossSum)
  }

  /// Asks whether to give the block up, and notes it if so; `true` too if somebody else did.
  @discardableResult
  private func giveUp(_ phase: Int, _ shouldGiveUp: @Sendable () -> Bool) -> Bool {
    guard shouldGiveUp() else { return false }
    _ = endPhase.min(phase, ordering: .relaxed)
    return true
  }

  /// h of every layer for sample `k`, and the member's part of ŷ.
  @unsafe private func forward(
    _ k: Int, _ earlier: Range<Int>, _ block: Block, _ member: Member
  ) {
    let g = unsafe member.g.base
    unsafe layer.multipliers(k, earlier, member.e.base, into: g)
    let h = unsafe delayed.first?.input(k) ?? readout.activations(k)
    for piece in member.shares[0] {
      unsafe layer.forward(k, layer.pieces[piece], from: earlier, multipliers: g, into: h)
    }
    for (position, layer) in delayed.enumerated() {
      team.barrier()
      let h =
        unsafe position + 1 < delayed.count
        ? delayed[position + 1].input(k) : readout.activations(k)
      unsafe layer.multipliers(k, member.e.base, into: g)
      for piece in member.shares[position + 1] {
        unsafe layer.forward(
          k, layer.pieces[piece], weights: block.weights[position + 1], multipliers: g, into: h)
      }
    }
    for piece in member.shares.last! { readout.accumulate(k, piece, member.readout) }
  }

  /// The coefficients of sample `k` in every trained hidden layer.
  @unsafe private func backward(_ k: Int, _ block: Block, _ member: Member) {
    let α = unsafe Scalar(block.stepSizes[k])
    let (e, g) = unsafe (member.e.base, member.g.base)
    unsafe e[k] = readout.isSingle ? α * member.readout.descent.base[0] : α
    for (position, layer) in delayed.enumerated().reversed() {
      for piece in member.shares[position + 1].reversed() {
        let c = unsafe descent(k, position + 1, layer.pieces[piece], member)
        unsafe layer.backward(k, piece, c, weights: block.weights[position + 1])
      }
      team.barrier()
      unsafe layer.backwardMultipliers(k, e, into: g)
    }
    for piece in member.shares[0] {
      let c = unsafe descent(k, 0, layer.pieces[piece], member)
      unsafe layer.backward(k, layer.pieces[piece], c)
    }
    readout.advance(stepSize: α, member.readout)
  }

  /// The descent direction of the loss in the activations of a piece of a trained hidden layer.
  @unsafe private func descent(
    _ k: Int, _ position: Int, _ piece: Range<Int>, _ member: Member
  ) -> UnsafePointer<Scalar> {
    let scratch = unsafe member.scratch.base
    guard position < delayed.count else {
      return unsafe readout.backpropagate(piece, member.readout, scratch: scratch)
    }
    unsafe delayed[position].descent(k, piece, multipliers: member.g.base, into: scratch)
    return unsafe UnsafePointer(scratch)
  }

  /// Applies the updates of the first `count` samples.
  @unsafe private func finish(_ count: Int, _ block: Block, _ index: Int) {
    let member = members[index]
    for piece in member.shares.last! {
      readout.complete(count - 1, readout.pieces[piece], member.readout)
    }
    readout.settle(member.readout)
    // The inputs of delayed layers may still be in use elsewhere.
    if !delayed.isEmpty { team.barrier() }
    let samples = count * index / team.count..<count * (index + 1) / team.count
    unsafe layer.scaleInputs(samples, by: member.e.base)
    for layer in delayed { unsafe layer.scaleInputs(samples, by: member.e.base) }
    team.barrier()
    for piece in member.shares[0] {
      unsafe layer.apply(
        count, layer.pieces[piece], weights: block.weights[0], coefficients: member.e.base)
    }
    for (position, layer) in delayed.enumerated() {
      for piece in member.shares[position + 1] {
        unsafe layer.apply(
          count, layer.pieces[piece], weights: block.weights[position + 1],
          coefficients: member.e.base)
      }
    }
  }
}
