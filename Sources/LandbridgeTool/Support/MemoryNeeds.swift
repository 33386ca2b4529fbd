import DataFormats
import Foundation
import Landbridge
import LinearAlgebra

/// Refuses work that does not fit into memory before any is taken.
///
/// What a process takes beyond the limit of its container ends it without a word.
///
/// - Parameters:
///   - bytes: what the largest parts of the work take, about.
///   - what: the work, at the beginning of a sentence.
/// - Throws: ``ToolFailure`` with exit code 71, naming what is needed and what there is.
func requireMemory(_ bytes: Double, for what: String) throws {
  let available = AvailableMemory.now()
  guard bytes > Double(available.bytes) else { return }
  throw ToolFailure(
    ExitStatus.noMemory,
    "\(what) needs about \(size(bytes)) of memory, \(available.limit) leaves "
      + size(Double(available.bytes)))
}

/// `1.5 GiB`
private func size(_ bytes: Double) -> String {
  bytes < 0x1p30 ? "\(short(bytes / 0x1p20, digits: 3)) MiB" : "\(short(bytes / 0x1p30)) GiB"
}

extension Network {
  /// What a copy takes.
  var byteCount: Double { Double(parameterCount) * Double(MemoryLayout<Scalar>.stride) }
}
