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
/// Where the other end of a pipe was closed (`landbridge … | head`), the process ends without a
/// word, as if by SIGPIPE.
///
/// - Throws: ``ToolFailure`` when standard output cannot be written, for instance a full disk.
func writeStandardOutput(_ text: String) throws {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = unsafe bytes.withUnsafeBytes {
      unsafe write(STDOUT_FILENO, $0.baseAddress, $0.count)
    }
    if count < 0 && errno == EINTR { continue }
    if count < 0 && errno == EPIPE { TemporaryFiles.discardAll { _exit(128 + SIGPIPE) } }
    guard count > 0 else {
      throw ToolFailure(
        ExitStatus.cannotWrite, "standard output: \(unsafe String(cString: strerror(errno)))")
    }
    bytes = bytes.dropFirst(count)
  }
}
