internal import LinearAlgebra

/// How ``BlockedSGD`` cuts its work: a function of the network's shape alone unless told otherwise,
/// so that runs can be repeated anywhere to the same bytes (up to the processor's own arithmetic).
struct BlockShape {
  /// Samples per block.
  var blockSize: Int
  /// Samples that pass between two corrections by earlier ones.
  var subBlockSize: Int
  /// Neurons, at most, that a member of the team works on at a time.
  var pieceSize: Int

  /// - Parameter inputs: of the first trained layer.
  init(
    inputs: Int, hasDelayedLayers: Bool, blockSize: Int? = nil, subBlockSize: Int? = nil,
    pieceSize: Int? = nil
  ) {
    // More where the products are large, so that they run at full speed; a sample costs
    // N·B flops beside the 4·N·n of the products.
    self.blockSize =
      blockSize ?? (hasDelayedLayers ? 32 : inputs < 64 ? 32 : inputs < 256 ? 64 : 128)
    self.subBlockSize = subBlockSize ?? 16
    self.pieceSize = pieceSize ?? 1024
  }

  /// 0 ..< `count` neurons of `inputs` weights each, in pieces that members of a team share: small
  /// enough that what a block knows of one stays in a core's cache, an even number of them.
  /// One piece where a sample costs less than meeting another thread does.
  func pieces(_ count: Int, inputs: Int) -> [Range<Int>] {
    guard 4 * count * inputs > 300_000 else { return [0..<count] }
    let number = (count + 2 * pieceSize - 1) / (2 * pieceSize) * 2
    return chunks(of: count, size: max(32, ((count + number - 1) / number + 31) / 32 * 32))
  }
}
