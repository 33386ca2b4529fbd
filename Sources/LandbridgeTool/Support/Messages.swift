import DataFormats
import Foundation

/// What goes to standard error.
enum Messages {
  static func error(_ text: String) { write("landbridge: " + text) }

  static func write(_ text: some StringProtocol) {
    // Nobody is left to be told when standard error cannot be written.
    try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
  }

  /// Rewrites the current line of a terminal.
  static func rewriteLine(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data("\r\u{1B}[K\(text)".utf8))
  }

  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }
}

/// Writes results.
///
/// - Throws: ``ToolFailure`` when standard output cannot be written, for instance a full disk.
func writeStandardOutput(_ text: String) throws {
  do {
    try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  } catch {
    throw ToolFailure(ExitStatus.cannotWrite, "standard output: \(systemReason(of: error))")
  }
}
