internal import Foundation

/// Writes the records of a zip archive, 64-bit fields only where needed.
struct ZipWriter {
  /// Sizes and offsets from here on go to 64-bit fields.
  let threshold: Int
  private var directory: [UInt8] = []
  private var count = 0

  init(threshold: Int) { self.threshold = threshold }

  /// Appends a member whose packed bytes are `content`, piece after piece.
  mutating func add(
    _ name: String, _ content: [Data], isDeflated: Bool, count contentCount: Int,
    checksum: UInt32, to output: inout FileOutput
  ) throws {
    let packed = content.reduce(0) { $0 + $1.count }
    let offset = output.offset
    let isWide = max(packed, contentCount, offset) >= threshold
    let sizes = isWide ? [0xFFFF_FFFF, 0xFFFF_FFFF] : [packed, contentCount]
    // Version 4.5 has 64-bit fields, 2.0 deflation; flag 11 marks names in UTF-8; 1980-01-01.
    let common =
      little(2, isWide ? 45 : 20, 1 << 11, isDeflated ? 8 : 0, 0, 0x21)
      + little(4, Int(checksum)) + little(4, sizes[0], sizes[1])
      + little(2, name.utf8.count)
    let localExtra = isWide ? little(2, 1, 16) + little(8, contentCount, packed) : []
    try output.write(
      little(4, 0x0403_4B50) + common + little(2, localExtra.count) + Array(name.utf8)
        + localExtra)
    for piece in content { try output.write(piece) }

    let extra = isWide ? little(2, 1, 24) + little(8, contentCount, packed, offset) : []
    directory += little(4, 0x0201_4B50) + little(2, isWide ? 45 : 20) + common
    directory += little(2, extra.count, 0, 0, 0) + little(4, 0)
    directory += little(4, isWide ? 0xFFFF_FFFF : offset) + Array(name.utf8) + extra
    count += 1
  }

  /// Appends the central directory and the records behind it.
  mutating func finish(_ output: inout FileOutput) throws {
    let start = output.offset
    try output.write(directory)
    let end = output.offset
    let isWide = max(start, directory.count) >= threshold || count >= min(threshold, 0xFFFF)
    if isWide {
      try output.write(
        little(4, 0x0606_4B50) + little(8, 44) + little(2, 45, 45) + little(4, 0, 0)
          + little(8, count, count, directory.count, start))
      try output.write(little(4, 0x0706_4B50, 0) + little(8, end) + little(4, 1))
    }
    let narrow = isWide ? 0xFFFF : count
    try output.write(
      little(4, 0x0605_4B50) + little(2, 0, 0, narrow, narrow)
        + (isWide
          ? little(4, 0xFFFF_FFFF, 0xFFFF_FFFF) : little(4, directory.count, start))
        + little(2, 0))
  }

  /// Numbers of `width` bytes each, little-endian.
  private func little(_ width: Int, _ values: Int...) -> [UInt8] {
    values.flatMap { value in
      (0..<width).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    }
  }
}
