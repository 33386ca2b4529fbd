import Foundation

/// What happens when another program shortens a file in place that is mapped into memory.
enum ShortenedFile {
  /// Reading where the file was raises SIGBUS, which nothing can be continued from: the process ends
  /// with a message in place of a core dump. Outputs are complete or not there, as always.
  static func catchFault() {
    signal(SIGBUS) { _ in
      let message: StaticString =
        "landbridge: a file was shortened by another program while it was being read\n"
      _ = unsafe write(STDERR_FILENO, message.utf8Start, message.utf8CodeUnitCount)
      _exit(ExitStatus.badData)
    }
  }
}
