internal import LinearAlgebra

/// How ``BlockedSGD`` cuts its work: functions of the network's shape alone, so that runs can be
/// repeated anywhere to the same bytes (up to the processor's own arithmetic).
enum BlockShape {
  /// Samples that pass between two corrections by earlier ones.
  static let subBlockSize = 16

  /// Samples per block: more where the products are large, so that they run at full speed.
  static func blockSize(neurons: Int, inputs: Int, hasDelayedLayers: Bool) -> Int {
    if hasDelayedLayers { return 32 }
    return inputs < 64 ? 32 : inputs < 256 ? 64 : 128
  }

  /// 0 ..< `count` neurons of `inputs` weights each, in pieces that members of a team share: small
  /// enough that what a block knows of one stays in a core's cache, an even number of them.
  /// One piece where a sample costs less than meeting another thread does.
  static func pieces(_ count: Int, inputs: Int) -> [Range<Int>] {
    guard 4 * count * inputs > 300_000 else { return [0..<count] }
    let number = (count + 2 * pieceSize - 1) / (2 * pieceSize) * 2
    return chunks(of: count, size: max(32, ((count + number - 1) / number + 31) / 32 * 32))
  }

  static let pieceSize = 512
}
