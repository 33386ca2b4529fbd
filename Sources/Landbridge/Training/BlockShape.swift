internal import LinearAlgebra

/// How ``BlockedSGD`` cuts its work: functions of the network's shape alone, so that runs can be
/// repeated anywhere to the same bytes (up to the processor's own arithmetic).
enum BlockShape {
  /// Samples in the triangular part of a block; the rest of the block is corrected by a product.
  static let subBlockSize = 16

  /// Samples per block: more where the products are large, so that they run at full speed.
  static func blockSize(neurons: Int, inputs: Int, hasDelayedLayers: Bool) -> Int {
    if hasDelayedLayers { return 32 }
    return inputs < 64 ? 32 : inputs < 256 ? 64 : 128
  }

  /// Pieces of neurons that threads share in the products of a block. One piece below 10⁷ flops,
  /// where a second thread costs more than it brings.
  static func pieces(neurons: Int, inputs: Int, blockSize: Int) -> [Range<Int>] {
    pieces(neurons, ofCost: inputs * blockSize)
  }

  /// 0 ..< `count` in pieces, where each index costs 2·`cost` flops.
  static func pieces(_ count: Int, ofCost cost: Int) -> [Range<Int>] {
    let flops = 2 * count * cost
    guard flops > 10_000_000 else { return [0..<count] }
    let number = min(64, max(2, flops / 40_000_000 * 2))
    let size = ((count + number - 1) / number + 15) / 16 * 16
    return chunks(of: count, size: max(size, 16))
  }
}
