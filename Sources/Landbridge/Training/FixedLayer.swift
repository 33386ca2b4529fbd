internal import LinearAlgebra

/// The layer below the first trained one: it keeps its weights, and what it makes of a block of
/// samples is computed at once.
final class FixedLayer<Scalar: Real> {
  /// Neurons that members of a team share.
  let pieces: [Range<Int>]
  private let layer: Layer<Scalar>
  private let scale: Scalar
  /// The samples, B × d.
  private let X: Buffer<Scalar>

  init(network: Network<Scalar>, index: Int, blockSize: Int) {
    layer = network.layers[index]
    scale = network.scale(ofLayer: index)
    pieces = BlockShape.pieces(layer.weights.rows, inputs: layer.weights.columns)
    X = Buffer(count: blockSize * layer.weights.columns)
  }

  /// Where the samples of the block are to be written, one row each.
  @unsafe var inputs: UnsafeMutablePointer<Scalar> { unsafe X.base }

  /// h ← σ(s·W x + b) of the neurons in a piece, for the first `count` samples; rows of h hold all
  /// neurons.
  @unsafe func forward(_ count: Int, _ piece: Range<Int>, into h: UnsafeMutablePointer<Scalar>) {
    let (N, d) = (layer.weights.rows, layer.weights.columns)
    if let bias = layer.bias {
      for k in 0..<count {
        for i in piece { unsafe h[k * N + i] = bias[i] }
      }
    }
    unsafe layer.weights.withUnsafeBufferPointer {
      unsafe Scalar.gemm(
        false, true, m: count, n: piece.count, k: d, scale, X.base, d,
        $0.baseAddress! + piece.lowerBound * d, d, layer.bias == nil ? 0 : 1,
        h + piece.lowerBound, N)
    }
    for k in 0..<count {
      let row = unsafe h + (k * N + piece.lowerBound)
      unsafe Scalar.apply(layer.activation, piece.count, row, row)
    }
  }
}
