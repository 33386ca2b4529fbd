internal import LinearAlgebra

/// The first trained layer: its input does not change during a block, so that the block's
/// preactivations are one matrix product, and its updates another (docs/theory.md §2.1).
///
/// The neurons are cut into pieces. A member of the team works on its own pieces only, from the
/// first product of the block to the last.
final class BlockedLayer<Scalar: MatrixScalar> {
  let pieces: [Range<Int>]
  let inputCount: Int
  private let blockSize: Int
  private let scale: Scalar
  private let activation: Activation
  private let bias: Buffer<Scalar>?
  /// The inputs, B × n; at the end of the block their rows are scaled.
  private let P: Buffer<Scalar>
  private let packed: PackedSamples<Scalar>
  /// With a bias, a one per sample.
  private let ones: Buffer<Scalar>?
  /// s·P Pᵀ (+ 1 with a bias), B × B, of which the lower triangle is used.
  private let G: Buffer<Scalar>
  /// Per piece, B × its neurons: preactivations of the samples to come, and of those that have
  /// been the coefficients c_l of their updates, W moves by Σ_l e_l c_l p_lᵀ.
  private let Z: Buffer<Scalar>
  private let derivative: Buffer<Scalar>

  init(network: Network<Scalar>, index: Int, shape: BlockShape) {
    let layer = network.layers[index]
    let (N, n) = (layer.weights.rows, layer.weights.columns)
    inputCount = n
    blockSize = shape.blockSize
    pieces = shape.pieces(N, inputs: n)
    scale = network.scale(ofLayer: index)
    activation = layer.activation
    bias = layer.bias.map(Buffer.init(copying:))
    (P, G) = (Buffer(count: blockSize * n), Buffer(count: blockSize * blockSize))
    packed = PackedSamples(capacity: blockSize, columns: n)
    ones = layer.bias.map { _ in Buffer(copying: Array(repeating: 1, count: shape.blockSize)) }
    (Z, derivative) = (Buffer(count: blockSize * N), Buffer(count: N))
  }

  /// Where the inputs of the block are to be written, one row per sample.
  @unsafe var inputs: UnsafeMutablePointer<Scalar> { unsafe P.base }

  /// Row `k` of a piece: preactivations until ``forward(_:_:from:multipliers:into:)``, coefficients
  /// after.
  @unsafe func row(_ k: Int, _ piece: Range<Int>) -> UnsafeMutablePointer<Scalar> {
    unsafe Z.base + (piece.lowerBound * blockSize + k * piece.count)
  }

  /// Packs the inputs, a member's part of them.
  func pack(_ count: Int, member: Int, of members: Int) {
    unsafe packed.pack(P.base, count: count, scale: scale, member: member, of: members)
  }

  /// Columns `samples` of the lower triangle of G = s·P Pᵀ (+ 1).
  func gram(_ samples: Range<Int>, of count: Int) {
    let first = samples.lowerBound / Scalar.panelWidth * Scalar.panelWidth
    unsafe Scalar.affine(
      count - first, outputs: samples.count, depth: inputCount, panels: packed.base(from: first),
      weights: P.base + samples.lowerBound * inputCount, bias: ones?.base,
      into: G.base + (first * blockSize + samples.lowerBound), stride: blockSize)
  }

  /// Z⁰ = s·P Wᵀ + b of a piece.
  @unsafe func preactivate(
    _ count: Int, _ piece: Range<Int>, weights W: UnsafePointer<Scalar>
  ) {
    unsafe Scalar.affine(
      count, outputs: piece.count, depth: inputCount, panels: packed.base(),
      weights: W + piece.lowerBound * inputCount,
      bias: bias.map { unsafe UnsafePointer($0.base + piece.lowerBound) }, into: row(0, piece),
      stride: piece.count)
  }

  /// g_kl = G_kl e_l for k in `samples` and the l before them: `samples.lowerBound` to a row.
  @unsafe func multipliers(
    _ samples: Range<Int>, _ e: UnsafePointer<Scalar>, into g: UnsafeMutablePointer<Scalar>
  ) {
    let earlier = samples.lowerBound
    for (position, k) in samples.enumerated() {
      let source = unsafe G.base + k * blockSize
      for l in 0..<earlier { unsafe g[position * earlier + l] = source[l] * e[l] }
    }
  }

  /// Adds the updates of all earlier samples to the preactivations of `samples`.
  @unsafe func correct(_ samples: Range<Int>, _ piece: Range<Int>, by g: UnsafePointer<Scalar>) {
    let earlier = samples.lowerBound
    unsafe Scalar.accumulateBlock(
      piece.count, outputs: samples.count, rows: earlier, g, gStride: earlier, row(0, piece),
      row(earlier, piece), stride: piece.count)
  }

  /// g_l = G_kl e_l for the samples `earlier` before `k`.
  @unsafe func multipliers(
    _ k: Int, _ earlier: Range<Int>, _ e: UnsafePointer<Scalar>,
    into g: UnsafeMutablePointer<Scalar>
  ) {
    let source = unsafe G.base + k * blockSize
    for l in earlier { unsafe g[l - earlier.lowerBound] = source[l] * e[l] }
  }

  /// h ← σ(z_k + Σ_l g_l c_l) with l over `earlier`.
  @unsafe func forward(
    _ k: Int, _ piece: Range<Int>, from earlier: Range<Int>, multipliers g: UnsafePointer<Scalar>,
    into h: UnsafeMutablePointer<Scalar>
  ) {
    let (z, width) = unsafe (row(k, piece), piece.count)
    unsafe Scalar.accumulateRows(
      width, rows: earlier.count, g, row(earlier.lowerBound, piece), stride: width, z)
    unsafe Scalar.applyWithDerivative(
      activation, width, z, h + piece.lowerBound, derivative.base + piece.lowerBound)
  }

  /// Makes c ⊙ σ′ of sample `k` the coefficients of its update.
  @unsafe func backward(_ k: Int, _ piece: Range<Int>, _ c: UnsafePointer<Scalar>) {
    unsafe Scalar.multiply(
      piece.count, c, derivative.base + piece.lowerBound, row(k, piece))
  }

  /// p_k ← e_k p_k, for ``apply(_:_:weights:coefficients:)``.
  @unsafe func scaleInputs(_ samples: Range<Int>, by e: UnsafePointer<Scalar>) {
    for k in samples { unsafe Scalar.scale(inputCount, e[k], P.base + k * inputCount) }
  }

  /// W ← W + Σ_l c_l (e_l p_l)ᵀ and b ← b + Σ_l e_l c_l over the first `count` samples, in a piece.
  @unsafe func apply(
    _ count: Int, _ piece: Range<Int>, weights W: UnsafeMutablePointer<Scalar>,
    coefficients e: UnsafePointer<Scalar>
  ) {
    guard count > 0 else { return }
    let (n, width) = (inputCount, piece.count)
    unsafe Scalar.gemm(
      true, false, m: width, n: n, k: count, 1, row(0, piece), width, P.base, n,
      adding: true, W + piece.lowerBound * n, n)
    if let bias {
      unsafe Scalar.accumulateRows(
        width, rows: count, e, row(0, piece), stride: width, bias.base + piece.lowerBound)
    }
  }

  /// The bias after the last block.
  var biases: [Scalar]? { bias?.elements }
}
