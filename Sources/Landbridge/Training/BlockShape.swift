internal import LinearAlgebra

/// How ``BlockedSGD`` cuts its work: a function of the network's shape alone unless told otherwise,
/// so that runs can be repeated anywhere to the same bytes (up to the processor's own arithmetic).
struct BlockShape {
  /// Samples per block.
  var blockSize: Int
  /// Samples that pass between two corrections by earlier ones.
  var subBlockSize: Int
  /// Neurons that a member of the team works on at a time; `nil`: up to 1024, and all of them
  /// where a sample costs less than meeting another thread does.
  var pieceSize: Int?

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
    self.pieceSize = pieceSize
  }

  /// 0 ..< `count` neurons of `inputs` weights each, in pieces that members of a team share: small
  /// enough that what a block knows of one stays in a core's cache, an even number of them.
  func pieces(_ count: Int, inputs: Int) -> [Range<Int>] {
    if let pieceSize { return chunks(of: count, size: pieceSize) }
    guard 4 * count * inputs > 300_000 else { return [0..<count] }
    let number = (count + 2047) / 2048 * 2
    return chunks(of: count, size: ((count + number - 1) / number + 31) / 32 * 32)
  }
}
