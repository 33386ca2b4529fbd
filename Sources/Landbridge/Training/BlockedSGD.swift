internal import LinearAlgebra

/// Online SGD in blocks of samples: the same iterates as ``StepByStepSGD``, at the speed of
/// matrix multiplication (THEORY §2.1).
///
/// The input of the first trained layer does not change during a block: it is the sample itself, or
/// fixed features of it. Its preactivations for the whole block are one matrix product; what the
/// updates within the block add to them is a triangular recursion over rows of the block's Gram
/// matrix; the updates themselves are one product at the end. Layers above it whose input does
/// change keep their rank-one updates as a list until the end of the block
/// (``DelayedLayer``): two reads of the weights per sample instead of two reads and a write. The
/// output layer, K × N, is updated in place, one sample late, in the pass that reads it.
///
/// With one output the descent direction of the loss is a number, δ_k. It is kept out of the
/// stored coefficients and folded into the Gram matrix and the inputs, so that a sample is one
/// pass over the neurons.
///
/// The work is cut into pieces of neurons that depend on the network alone: results are the same
/// bytes for any number of threads.
final class BlockedSGD<Scalar: Real>: SGDKernel {
  private(set) var network: Network<Scalar>
  let blockSize: Int
  private let subBlockSize: Int
  private let threads: Int
  private let loss: Loss

  /// The index of the first trained layer.
  private let first: Int
  private let trainsOutput: Bool
  /// N, n and s of the first trained layer.
  private let N: Int
  private let inputCount: Int
  private let inputScale: Scalar
  private let hasBias: Bool
  private let pieces: [Range<Int>]

  private let delayed: [DelayedLayer<Scalar>]
  private let readout: Readout<Scalar>

  /// Inputs of the first trained layer, B × n; at the end of the block their rows are scaled.
  private let P: Buffer<Scalar>
  /// s·P Pᵀ (+ 1 with a bias), B × B.
  private let G: Buffer<Scalar>
  /// Preactivations, B × N.
  private let Z: Buffer<Scalar>
  /// Coefficient rows of the updates so far, B × N: W moves by Σ_l e_l c_l p_lᵀ.
  private let C: Buffer<Scalar>
  /// e_l: α_l δ_l with one output, else α_l.
  private let e: Buffer<Scalar>
  /// G_{kl} e_l for the sample or sub-block at hand.
  private let g: Buffer<Scalar>
  private let derivative: Buffer<Scalar>

  init(
    network: Network<Scalar>, loss: Loss, trained: TrainedLayers, blockSize: Int? = nil,
    threads: Int = 1
  ) {
    let range = network.trainedRange(trained)
    first = range.lowerBound
    trainsOutput = range.upperBound == network.hiddenLayerCount
    let weights = network.layers[first].weights
    N = weights.rows
    inputCount = weights.columns
    inputScale = network.scale(ofLayer: first)
    hasBias = network.layers[first].bias != nil
    let B =
      blockSize
      ?? BlockShape.blockSize(
        neurons: N, inputs: inputCount, hasDelayedLayers: network.hiddenLayerCount > first + 1)
    self.blockSize = B
    subBlockSize = BlockShape.subBlockSize
    self.threads = threads
    pieces = BlockShape.pieces(neurons: N, inputs: inputCount, blockSize: B)
    self.network = network
    self.loss = loss
    delayed = (first + 1..<max(first + 1, network.hiddenLayerCount)).map {
      DelayedLayer(network: network, index: $0, blockSize: B, threads: threads)
    }
    readout = Readout(network: network)
    (P, G) = (Buffer(count: B * inputCount), Buffer(count: B * B))
    (Z, C) = (Buffer(count: B * N), Buffer(count: B * N))
    (e, g) = (Buffer(count: B), Buffer(count: B * B))
    derivative = Buffer(count: N)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func train(
    inputs: UnsafePointer<Scalar>, targets: UnsafePointer<Scalar>, stepSizes: [Double]
  ) -> (steps: Int, lossSum: Double) {
    let count = stepSizes.count
    precondition(count <= blockSize, "\(count) samples in a block of \(blockSize)")
    let K = network.outputDimension
    unsafe begin(inputs, count)
    var (done, lossSum) = (0, 0.0)
    for subBlock in chunks(of: count, size: subBlockSize) {
      for k in subBlock {
        let h = unsafe forward(k, subBlockStart: subBlock.lowerBound)
        let value = unsafe readout.loss(loss, h, target: targets + k * K)
        guard value.isFinite, value < divergenceLimit else {
          finish(done)
          return (done, lossSum)
        }
        lossSum += value
        backward(k, stepSize: Scalar(stepSizes[k]))
        done += 1
      }
      correct(from: subBlock.upperBound, to: count, by: subBlock)
    }
    finish(done)
    return (done, lossSum)
  }

  /// P, Z⁰ = s·P Wᵀ + b and G = s·P Pᵀ (+ 1) of the block.
  @unsafe private func begin(_ inputs: UnsafePointer<Scalar>, _ count: Int) {
    let n = inputCount
    if first == 0 {
      unsafe P.base.update(from: inputs, count: count * n)
    } else {
      unsafe fillFeatures(inputs, count)
    }
    unsafe Scalar.gemm(
      false, true, m: count, n: count, k: n, inputScale, P.base, n, P.base, n, 0, G.base,
      blockSize)
    if hasBias {
      for k in 0..<count {
        for l in 0..<count { unsafe G.base[k * blockSize + l] += 1 }
        for i in 0..<N { unsafe Z.base[k * N + i] = network.layers[first].bias![i] }
      }
    }
    unsafe network.layers[first].weights.withUnsafeBufferPointer { weights in
      let W = weights.baseAddress!
      concurrently(pieces.count, threads: threads) { index in
        let piece = pieces[index]
        unsafe Scalar.gemm(
          false, true, m: count, n: piece.count, k: n, inputScale, P.base, n,
          W + piece.lowerBound * n, n, hasBias ? 1 : 0, Z.base + piece.lowerBound, N)
      }
    }
    if trainsOutput { readout.load(network.layers.last!) }
  }

  /// P ← the activations below the first trained layer, which are fixed.
  @unsafe private func fillFeatures(_ inputs: UnsafePointer<Scalar>, _ count: Int) {
    let d = network.inputDimension
    var x = Matrix<Scalar>(rows: count, columns: d)
    unsafe x.withUnsafeMutableBufferPointer {
      unsafe $0.baseAddress!.update(from: inputs, count: count * d)
    }
    let features = network.activations(x, layer: first, threads: threads)
    unsafe features.withUnsafeBufferPointer {
      unsafe P.base.update(from: $0.baseAddress!, count: count * inputCount)
    }
  }

  /// h of the last hidden layer for sample `k`, which waits in ``readout``.
  private func forward(_ k: Int, subBlockStart: Int) -> UnsafeMutablePointer<Scalar> {
    let z = unsafe Z.base + k * N
    let row = unsafe G.base + k * blockSize
    for l in subBlockStart..<k { unsafe g.base[l - subBlockStart] = row[l] * e.base[l] }
    unsafe Scalar.accumulateRows(
      N, rows: k - subBlockStart, g.base, C.base + subBlockStart * N, stride: N, z)
    let σ = network.layers[first].activation
    guard let above = delayed.first else {
      let h = unsafe readout.nextActivations
      unsafe Scalar.applyWithDerivative(σ, N, z, h, derivative.base)
      return unsafe h
    }
    unsafe Scalar.applyWithDerivative(σ, N, z, above.input(k), derivative.base)
    for (position, layer) in delayed.enumerated() {
      let h =
        unsafe position + 1 < delayed.count
        ? delayed[position + 1].input(k) : readout.nextActivations
      unsafe layer.forward(k, network.layers[layer.index], coefficients: e.base, into: h)
    }
    return unsafe readout.nextActivations
  }

  /// Stores the coefficient rows of sample `k` in every trained hidden layer.
  private func backward(_ k: Int, stepSize α: Scalar) {
    unsafe e.base[k] = readout.isSingle ? α * readout.descent[0] : α
    let c = unsafe C.base + k * N
    if let top = delayed.last {
      unsafe readout.backpropagate(into: top.coefficients(k))
      for position in delayed.indices.reversed() {
        let layer = delayed[position]
        let below = unsafe position > 0 ? delayed[position - 1].coefficients(k) : c
        unsafe layer.backward(
          k, network.layers[layer.index], coefficients: e.base, into: below)
      }
    } else {
      unsafe readout.backpropagate(into: c)
    }
    unsafe Scalar.multiply(N, c, derivative.base, c)
    readout.advance(stepSize: trainsOutput ? α : 0)
  }

  /// Adds the updates of `subBlock` to the preactivations of the samples `start ..< end`.
  private func correct(from start: Int, to end: Int, by subBlock: Range<Int>) {
    guard start < end else { return }
    let (rows, width) = (end - start, subBlock.count)
    for k in 0..<rows {
      for l in 0..<width {
        let source = unsafe G.base[(start + k) * blockSize + subBlock.lowerBound + l]
        unsafe g.base[k * width + l] = source * e.base[subBlock.lowerBound + l]
      }
    }
    concurrently(pieces.count, threads: threads) { index in
      let piece = pieces[index]
      unsafe Scalar.gemm(
        false, false, m: rows, n: piece.count, k: width, 1, g.base, width,
        C.base + subBlock.lowerBound * N + piece.lowerBound, N, 1,
        Z.base + start * N + piece.lowerBound, N)
    }
  }

  /// Applies the updates of the first `count` samples to the network.
  private func finish(_ count: Int) {
    if trainsOutput { readout.store(in: &network.layers[network.layers.count - 1]) }
    guard count > 0 else { return }
    for layer in delayed {
      unsafe layer.apply(count, to: &network.layers[layer.index], coefficients: e.base)
    }
    let n = inputCount
    for k in 0..<count {
      for j in 0..<n { unsafe P.base[k * n + j] *= e.base[k] }
    }
    unsafe network.layers[first].weights.withUnsafeMutableBufferPointer { weights in
      let W = weights.baseAddress!
      concurrently(pieces.count, threads: threads) { index in
        let piece = pieces[index]
        unsafe Scalar.gemm(
          true, false, m: piece.count, n: n, k: count, 1, C.base + piece.lowerBound, N, P.base, n,
          1, W + piece.lowerBound * n, n)
      }
    }
    unsafe network.layers[first].bias?.withUnsafeMutableBufferPointer {
      unsafe Scalar.accumulateRows(
        N, rows: count, e.base, C.base, stride: N, $0.baseAddress!)
    }
  }
}
