internal import LinearAlgebra

/// A trained hidden layer whose input changes with every step.
///
/// Its weights stay as they were at the beginning of the block; the rank-one updates e_l c_l h_lᵀ
/// wait in a list until its end. A sample reads W twice (forward, backward) and writes it never.
final class DelayedLayer<Scalar: Real> {
  let index: Int
  private let (rows, columns): (Int, Int)
  private let scale: Scalar
  private let threads: Int
  private let rowPieces: [Range<Int>]
  private let columnPieces: [Range<Int>]
  /// h_l, B × columns.
  private let H: Buffer<Scalar>
  /// c_l, B × rows.
  private let C: Buffer<Scalar>
  private let derivative: Buffer<Scalar>
  private let z: Buffer<Scalar>
  private let g: Buffer<Scalar>

  init(network: Network<Scalar>, index: Int, blockSize: Int, threads: Int) {
    self.index = index
    (rows, columns) = (network.layers[index].weights.rows, network.layers[index].weights.columns)
    scale = network.scale(ofLayer: index)
    self.threads = threads
    rowPieces = BlockShape.pieces(rows, ofCost: columns)
    columnPieces = BlockShape.pieces(columns, ofCost: rows)
    H = Buffer(count: blockSize * columns)
    C = Buffer(count: blockSize * rows)
    (derivative, z) = (Buffer(count: rows), Buffer(count: rows))
    g = Buffer(count: blockSize)
  }

  /// Where the input h of sample `k` is to be written.
  @unsafe func input(_ k: Int) -> UnsafeMutablePointer<Scalar> { unsafe H.base + k * columns }

  /// Where W h-space descent c of sample `k` is to be written, before the factor σ′.
  @unsafe func coefficients(_ k: Int) -> UnsafeMutablePointer<Scalar> { unsafe C.base + k * rows }

  /// h ← σ(s·(W + Σ_{l<k} e_l c_l h_lᵀ) h_k + b + Σ_{l<k} e_l c_l)
  @unsafe func forward(
    _ k: Int, _ layer: Layer<Scalar>, coefficients e: UnsafePointer<Scalar>,
    into h: UnsafeMutablePointer<Scalar>
  ) {
    let x = unsafe input(k)
    unsafe layer.weights.withUnsafeBufferPointer { weights in
      let W = weights.baseAddress!
      concurrently(rowPieces.count, threads: threads) { index in
        let piece = rowPieces[index]
        unsafe Scalar.gemv(
          false, m: piece.count, n: columns, scale, W + piece.lowerBound * columns, columns, x, 0,
          z.base + piece.lowerBound)
      }
    }
    if k > 0 {
      unsafe Scalar.gemv(false, m: k, n: columns, scale, H.base, columns, x, 0, g.base)
      let one: Scalar = layer.bias == nil ? 0 : 1
      for l in 0..<k { unsafe g.base[l] = (g.base[l] + one) * e[l] }
      unsafe Scalar.accumulateRows(rows, rows: k, g.base, C.base, stride: rows, z.base)
    }
    if let bias = layer.bias {
      for i in 0..<rows { unsafe z.base[i] += bias[i] }
    }
    unsafe Scalar.applyWithDerivative(layer.activation, rows, z.base, h, derivative.base)
  }

  /// Completes c_k with σ′, then v ← s·(W + Σ_{l<k} e_l c_l h_lᵀ)ᵀ c_k.
  @unsafe func backward(
    _ k: Int, _ layer: Layer<Scalar>, coefficients e: UnsafePointer<Scalar>,
    into v: UnsafeMutablePointer<Scalar>
  ) {
    let c = unsafe coefficients(k)
    unsafe Scalar.multiply(rows, c, derivative.base, c)
    unsafe layer.weights.withUnsafeBufferPointer { weights in
      let W = weights.baseAddress!
      concurrently(columnPieces.count, threads: threads) { index in
        let piece = columnPieces[index]
        unsafe Scalar.gemv(
          true, m: rows, n: piece.count, scale, W + piece.lowerBound, columns, c, 0,
          v + piece.lowerBound)
      }
    }
    guard k > 0 else { return }
    unsafe Scalar.gemv(false, m: k, n: rows, scale, C.base, rows, c, 0, g.base)
    for l in 0..<k { unsafe g.base[l] *= e[l] }
    unsafe Scalar.accumulateRows(columns, rows: k, g.base, H.base, stride: columns, v)
  }

  /// W ← W + Σ_{l<count} e_l c_l h_lᵀ, b ← b + Σ e_l c_l
  func apply(
    _ count: Int, to layer: inout Layer<Scalar>, coefficients e: UnsafePointer<Scalar>
  ) {
    for l in 0..<count {
      for j in 0..<columns { unsafe H.base[l * columns + j] *= e[l] }
    }
    unsafe layer.weights.withUnsafeMutableBufferPointer { weights in
      let W = weights.baseAddress!
      concurrently(rowPieces.count, threads: threads) { index in
        let piece = rowPieces[index]
        unsafe Scalar.gemm(
          true, false, m: piece.count, n: columns, k: count, 1, C.base + piece.lowerBound, rows,
          H.base, columns, 1, W + piece.lowerBound * columns, columns)
      }
    }
    unsafe layer.bias?.withUnsafeMutableBufferPointer {
      unsafe Scalar.accumulateRows(
        rows, rows: count, e, C.base, stride: rows, $0.baseAddress!)
    }
  }
}
