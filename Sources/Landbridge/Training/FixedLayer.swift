internal import LinearAlgebra

/// The layer below the first trained one: it keeps its weights, and what it makes of a block of
/// samples is computed at once.
final class FixedLayer<Scalar: MatrixScalar> {
  /// Neurons that members of a team share.
  let pieces: [Range<Int>]
  private let layer: Layer<Scalar>
  private let scale: Scalar
  private let bias: Buffer<Scalar>?
  private let packed: PackedSamples<Scalar>
  /// The samples, B × d.
  private let X: Buffer<Scalar>

  init(network: Network<Scalar>, index: Int, shape: BlockShape) {
    layer = network.layers[index]
    scale = network.scale(ofLayer: index)
    pieces = shape.pieces(layer.weights.rows, inputs: layer.weights.columns)
    bias = layer.bias.map(Buffer.init(copying:))
    packed = PackedSamples(capacity: shape.blockSize, columns: layer.weights.columns)
    X = Buffer(count: shape.blockSize * layer.weights.columns)
  }

  /// Where the samples of the block are to be written, one row each.
  @unsafe var inputs: UnsafeMutablePointer<Scalar> { unsafe X.base }

  /// Packs the samples, a member's part of them.
  func pack(_ count: Int, member: Int, of members: Int) {
    unsafe packed.pack(X.base, count: count, scale: scale, member: member, of: members)
  }

  /// h ← σ(s·W x + b) of the neurons in a piece, for the first `count` samples; rows of h hold all
  /// neurons.
  @unsafe func forward(_ count: Int, _ piece: Range<Int>, into h: UnsafeMutablePointer<Scalar>) {
    let (N, d) = (layer.weights.rows, layer.weights.columns)
    unsafe layer.weights.withUnsafeBufferPointer {
      unsafe Scalar.affine(
        count, outputs: piece.count, depth: d, panels: packed.base(),
        weights: $0.baseAddress! + piece.lowerBound * d,
        bias: bias.map { unsafe UnsafePointer($0.base + piece.lowerBound) },
        into: h + piece.lowerBound, stride: N)
    }
    for k in 0..<count {
      let row = unsafe h + (k * N + piece.lowerBound)
      unsafe Scalar.apply(layer.activation, piece.count, row, row)
    }
  }
}
