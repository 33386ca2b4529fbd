import Foundation
import Synchronization

/// Ctrl-C and `kill`, as a flag that long work looks at where it can stop cleanly.
enum Interruption {
  /// The first such signal is only noted; a second one ends the process at once.
  static func catchSignals() {
    _ = received.load(ordering: .relaxed)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        received.store(number, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
    // A parent that starts processes from a Dispatch thread hands on a mask with all signals blocked.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { unsafe sigaddset(&signals, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// 130 after Ctrl-C, 143 after `kill`.
  static var exitCode: Int32 { 128 + received.load(ordering: .relaxed) }
}

private let received = Atomic<Int32>(0)
