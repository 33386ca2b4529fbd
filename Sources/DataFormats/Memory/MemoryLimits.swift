internal import Foundation

/// Refuses content that takes more memory than there is: a file with a hole in it is short on the
/// disk whatever length it has, and memory that is not there ends the process.
///
/// - Throws: `FormatError`, of kind `noMemory` where a limit of this process stands in the way and
///   not the machine.
package func requireMemory(_ count: Int, path: String, place: String? = nil) throws {
  // Cheap for what is small: the limits are in files of the kernel.
  guard count > 1 << 20 else { return }
  let available = AvailableMemory.now()
  guard count > available.bytes else { return }
  let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
  throw FormatError(
    count > machine ? .invalidData : .noMemory, path: path, place: place,
    found: "content that takes \(count) bytes of memory",
    expected: count > machine
      ? "at most \(machine), what this machine has"
      : "at most \(available.bytes), what \(available.limit) leaves")
}

/// The most bytes that compressed data of `count` bytes may unpack to unless a reader is told
/// otherwise: 100 times as many, at least 256 MiB, and never more than half of the
/// memory that can still be taken.
///
/// Deflate packs up to 1032 : 1, so that no ratio tells a bomb from an empty image; numbers that
/// say something seldom reach 20 : 1. What is refused here can be unpacked first (`gunzip`, or
/// `numpy.savez` in place of `savez_compressed`): uncompressed files have no such limit.
public func defaultDecompressionLimit(forCompressed count: Int) -> Int {
  let (scaled, overflow) = count.multipliedReportingOverflow(by: 100)
  return min(max(overflow ? .max : scaled, 256 << 20), AvailableMemory.now().bytes / 2)
}
