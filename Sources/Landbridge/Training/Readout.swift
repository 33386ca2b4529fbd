internal import LinearAlgebra

/// The output layer of a network in training: ŷ = s·A h + b with A of K × N.
///
/// The update A ← A + α δ hᵀ of a sample is carried out in the pass over A that computes ŷ of the
/// next one. Every member of the team sums the pieces' parts of ŷ itself, in the same order.
final class Readout<Scalar: MatrixScalar> {
  let pieces: [Range<Int>]
  /// True for one output: then ``backpropagate(_:_:into:)`` leaves the factor δ out.
  let isSingle: Bool
  private let K: Int
  private let N: Int
  private let scale: Scalar
  private let isTrained: Bool
  private let A: Buffer<Scalar>
  private let bias: [Scalar]?
  /// h of even and of odd samples.
  private let activations: [Buffer<Scalar>]
  /// For even and odd samples, per piece, A h; pieces on cache lines of their own.
  private let partials: [Buffer<Double>]
  private let partialStride: Int

  init(network: Network<Scalar>, pieces: [Range<Int>], isTrained: Bool) {
    let layer = network.layers.last!
    (K, N) = (layer.weights.rows, layer.weights.columns)
    isSingle = K == 1
    self.isTrained = isTrained
    self.pieces = pieces
    scale = network.scale(ofLayer: network.hiddenLayerCount)
    A = Buffer(count: K * N)
    bias = layer.bias
    activations = [Buffer(count: N), Buffer(count: N)]
    partialStride = (K + 7) / 8 * 8
    partials = [
      Buffer(count: pieces.count * partialStride), Buffer(count: pieces.count * partialStride),
    ]
    unsafe layer.weights.withUnsafeBufferPointer {
      unsafe A.base.update(from: $0.baseAddress!, count: K * N)
    }
  }

  /// What one member keeps: ŷ, δ, α δ of the sample before, b.
  @safe final class Member {
    fileprivate let output: Buffer<Scalar>
    /// −∂ℓ/∂ŷ of the sample at hand.
    let descent: Buffer<Scalar>
    /// The update that A still lacks.
    fileprivate let pending: Buffer<Scalar>
    fileprivate var isPending = false
    fileprivate let bias: Buffer<Scalar>

    init(_ readout: Readout) {
      let K = readout.K
      (output, descent, pending) = (Buffer(count: K), Buffer(count: K), Buffer(count: K))
      bias = Buffer(copying: readout.bias ?? Array(repeating: 0, count: K))
    }
  }

  /// Where h of sample `k` is to be written: N numbers.
  @unsafe func activations(_ k: Int) -> UnsafeMutablePointer<Scalar> {
    unsafe activations[k & 1].base
  }

  /// Adds the update of sample k − 1 to a piece of A, and computes the piece's part of A h_k.
  func accumulate(_ k: Int, _ index: Int, _ member: Member) {
    let piece = pieces[index]
    let h = unsafe activations(k) + piece.lowerBound
    let previous = unsafe activations(k + 1) + piece.lowerBound
    let sums = unsafe partials[k & 1].base + index * partialStride
    for j in 0..<K {
      let a = unsafe A.base + (j * N + piece.lowerBound)
      unsafe sums[j] =
        member.isPending
        ? Scalar.updateDot(piece.count, member.pending.base[j], previous, a, h)
        : Scalar.dot(piece.count, a, h)
    }
  }

  /// ŷ of sample `k` from its parts, the loss and the descent.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  @unsafe func loss(
    _ loss: Loss, _ k: Int, target: UnsafePointer<Scalar>, _ member: Member
  ) -> Double {
    member.isPending = false
    let parts = unsafe partials[k & 1].base
    for j in 0..<K {
      var sum = 0.0
      for index in pieces.indices { sum += unsafe parts[index * partialStride + j] }
      unsafe member.output.base[j] = Scalar(Double(scale) * sum) + member.bias.base[j]
    }
    return unsafe loss.valueAndDescent(
      count: K, output: member.output.base, target: target, descent: member.descent.base)
  }

  /// A piece of Aᵀδ, or of A itself where there is one output; valid until A changes, or in
  /// `scratch`.
  @unsafe func backpropagate(
    _ piece: Range<Int>, _ member: Member, scratch: UnsafeMutablePointer<Scalar>
  ) -> UnsafePointer<Scalar> {
    if isSingle { return unsafe UnsafePointer(A.base + piece.lowerBound) }
    unsafe scratch.update(repeating: 0, count: piece.count)
    unsafe Scalar.accumulateRows(
      piece.count, rows: K, member.descent.base, A.base + piece.lowerBound, stride: N, scratch)
    return unsafe UnsafePointer(scratch)
  }

  /// Takes the step of size α for b, and remembers that for A.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func advance(stepSize α: Scalar, _ member: Member) {
    guard isTrained else { return }
    for j in 0..<K {
      let step = unsafe α * member.descent.base[j]
      unsafe member.pending.base[j] = step
      if bias != nil { unsafe member.bias.base[j] += step }
    }
    member.isPending = true
  }

  /// Carries out the update of sample `k`, the last one, in a piece, if it is still pending.
  func complete(_ k: Int, _ piece: Range<Int>, _ member: Member) {
    guard member.isPending else { return }
    for j in 0..<K {
      unsafe Scalar.accumulateRows(
        piece.count, rows: 1, member.pending.base + j, activations(k) + piece.lowerBound,
        stride: N, A.base + (j * N + piece.lowerBound))
    }
  }

  /// Forgets what is pending: it has been carried out.
  func settle(_ member: Member) { member.isPending = false }

  /// Takes A and b back to what they are in the network's output layer, and forgets the rest.
  func restore(from layer: Layer<Scalar>, _ members: [Member]) {
    unsafe layer.weights.withUnsafeBufferPointer {
      unsafe A.base.update(from: $0.baseAddress!, count: K * N)
    }
    for member in members {
      member.isPending = false
      if let bias = layer.bias { unsafe member.bias.base.update(from: bias, count: K) }
    }
  }

  /// Writes A and b into the network's output layer.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func store(in layer: inout Layer<Scalar>, _ member: Member) {
    unsafe layer.weights.withUnsafeMutableBufferPointer {
      unsafe $0.baseAddress!.update(from: A.base, count: K * N)
    }
    if bias != nil { layer.bias = member.bias.elements }
  }
}
