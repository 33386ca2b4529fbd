internal import LinearAlgebra

/// A trained hidden layer whose input changes with every step.
///
/// Its weights stay as they were at the beginning of the block; the rank-one updates e_l c_l h_lᵀ
/// wait in a list until its end. A sample reads W twice and writes it never. The forward pass goes
/// down the rows and the backward pass up again, so that what one has left in the cache is what the
/// other begins with.
final class DelayedLayer<Scalar: MatrixScalar> {
  let index: Int
  /// Rows of W, which are the layer's neurons, as members of the team share them.
  let pieces: [Range<Int>]
  private let (rows, columns): (Int, Int)
  private let scale: Scalar
  private let backwardScale: Scalar
  private let activation: Activation
  private let bias: Buffer<Scalar>?
  /// h_l, B × columns.
  private let H: Buffer<Scalar>
  /// c_l, B × rows.
  private let C: Buffer<Scalar>
  private let derivative: Buffer<Scalar>
  private let z: Buffer<Scalar>
  /// Per piece, its part of Wᵀc.
  private let partials: Buffer<Scalar>

  init(network: Network<Scalar>, index: Int, shape: BlockShape) {
    self.index = index
    let layer = network.layers[index]
    (rows, columns) = (layer.weights.rows, layer.weights.columns)
    pieces = shape.pieces(rows, inputs: columns)
    scale = network.scale(ofLayer: index)
    backwardScale = network.backwardScale(ofLayer: index)
    activation = layer.activation
    bias = layer.bias.map(Buffer.init(copying:))
    H = Buffer(count: shape.blockSize * columns)
    C = Buffer(count: shape.blockSize * rows)
    (derivative, z) = (Buffer(count: rows), Buffer(count: rows))
    partials = Buffer(count: pieces.count * columns)
  }

  /// Where the input h of sample `k` is to be written.
  @unsafe func input(_ k: Int) -> UnsafeMutablePointer<Scalar> { unsafe H.base + k * columns }

  /// g_l = (s·⟨h_l, h_k⟩ + 1) e_l for l < k, without the 1 where there is no bias.
  @unsafe func multipliers(
    _ k: Int, _ e: UnsafePointer<Scalar>, into g: UnsafeMutablePointer<Scalar>
  ) {
    guard k > 0 else { return }
    unsafe Scalar.gemv(false, m: k, n: columns, scale, H.base, columns, input(k), adding: false, g)
    let one: Scalar = bias == nil ? 0 : 1
    for l in 0..<k { unsafe g[l] = (g[l] + one) * e[l] }
  }

  /// h ← σ(s·W h_k + b + Σ_{l<k} g_l c_l) in a piece.
  @unsafe func forward(
    _ k: Int, _ piece: Range<Int>, weights W: UnsafePointer<Scalar>,
    multipliers g: UnsafePointer<Scalar>, into h: UnsafeMutablePointer<Scalar>
  ) {
    let z = unsafe z.base + piece.lowerBound
    if let bias {
      unsafe z.update(from: bias.base + piece.lowerBound, count: piece.count)
    }
    unsafe Scalar.gemv(
      false, m: piece.count, n: columns, scale, W + piece.lowerBound * columns, columns, input(k),
      adding: bias != nil, z)
    unsafe Scalar.accumulateRows(
      piece.count, rows: k, g, C.base + piece.lowerBound, stride: rows, z)
    unsafe Scalar.applyWithDerivative(
      activation, piece.count, z, h + piece.lowerBound, derivative.base + piece.lowerBound)
  }

  /// Makes c ⊙ σ′ of sample `k` the coefficients of its update, and computes the part of
  /// s′·Wᵀ c_k, s′ = 1/rows with mean-field scaling, that is the piece's.
  @unsafe func backward(
    _ k: Int, _ piece: Int, _ c: UnsafePointer<Scalar>, weights W: UnsafePointer<Scalar>
  ) {
    let range = pieces[piece]
    let row = unsafe C.base + (k * rows + range.lowerBound)
    unsafe Scalar.multiply(range.count, c, derivative.base + range.lowerBound, row)
    unsafe Scalar.gemv(
      true, m: range.count, n: columns, backwardScale, W + range.lowerBound * columns, columns, row,
      adding: false, partials.base + piece * columns)
  }

  /// g_l = s′·⟨c_l, c_k⟩ e_l for l < k.
  @unsafe func backwardMultipliers(
    _ k: Int, _ e: UnsafePointer<Scalar>, into g: UnsafeMutablePointer<Scalar>
  ) {
    guard k > 0 else { return }
    unsafe Scalar.gemv(
      false, m: k, n: rows, backwardScale, C.base, rows, C.base + k * rows,
      adding: false, g)
    for l in 0..<k { unsafe g[l] *= e[l] }
  }

  /// v ← s′·(W + Σ_{l<k} e_l c_l h_lᵀ)ᵀ c_k for the neurons `below` of the layer below.
  @unsafe func descent(
    _ k: Int, _ below: Range<Int>, multipliers g: UnsafePointer<Scalar>,
    into v: UnsafeMutablePointer<Scalar>
  ) {
    let part = unsafe partials.base + below.lowerBound
    unsafe v.update(from: part, count: below.count)
    for piece in pieces.indices.dropFirst() {
      unsafe Scalar.add(below.count, part + piece * columns, v)
    }
    unsafe Scalar.accumulateRows(
      below.count, rows: k, g, H.base + below.lowerBound, stride: columns, v)
  }

  /// h_k ← e_k h_k, for ``apply(_:_:weights:coefficients:)``.
  @unsafe func scaleInputs(_ samples: Range<Int>, by e: UnsafePointer<Scalar>) {
    for k in samples { unsafe Scalar.scale(columns, e[k], input(k)) }
  }

  /// W ← W + Σ_l c_l (e_l h_l)ᵀ and b ← b + Σ_l e_l c_l over the first `count` samples, in a piece.
  @unsafe func apply(
    _ count: Int, _ piece: Range<Int>, weights W: UnsafeMutablePointer<Scalar>,
    coefficients e: UnsafePointer<Scalar>
  ) {
    guard count > 0 else { return }
    let c = unsafe C.base + piece.lowerBound
    unsafe Scalar.gemm(
      true, false, m: piece.count, n: columns, k: count, 1, c, rows, H.base, columns,
      adding: true, W + piece.lowerBound * columns, columns)
    if let bias {
      unsafe Scalar.accumulateRows(
        piece.count, rows: count, e, c, stride: rows, bias.base + piece.lowerBound)
    }
  }

  /// The bias after the last block.
  var biases: [Scalar]? { bias?.elements }
}
