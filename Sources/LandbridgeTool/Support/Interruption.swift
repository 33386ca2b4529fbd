import DataFormats
import Foundation
import Synchronization

/// Ctrl-C, `kill` and a closed terminal.
///
/// Such a signal ends the process at once, from a thread of its own, whatever the others are doing:
/// what is half written is removed, what is complete stays. Only work inside of
/// ``cooperating(_:)`` is let go on: it looks at ``isRequested`` and ends by itself. A second signal
/// ends the process there and then.
enum Interruption {
  /// Begins to listen.
  static func catchSignals() {
    var ends: [Int32] = [0, 0]
    guard unsafe pipe(&ends) == 0, !isRequested else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    bell.store(ends[1], ordering: .relaxed)
    let reading = ends[0]
    let listener = Thread { listen(reading) }
    listener.stackSize = 1 << 20
    listener.start()
    // Whoever began the process with nohup wants it to outlive the terminal.
    let signals = [SIGINT, SIGTERM] + (isIgnored(SIGHUP) ? [] : [SIGHUP])
    for number in signals {
      signal(number) { number in
        let isFirst = received.exchange(number, ordering: .relaxed) == 0
        guard isFirst else { _exit(128 + number) }
        var byte: UInt8 = 0
        _ = unsafe write(bell.load(ordering: .relaxed), &byte, 1)
      }
    }
    // A parent that starts processes from a Dispatch thread hands on a mask with all signals blocked.
    var set = sigset_t()
    unsafe sigemptyset(&set)
    for number in signals { unsafe sigaddset(&set, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    // Errors of writing tell of closed pipes and of files that grow beyond a limit.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
  }

  static var isRequested: Bool { received.load(ordering: .relaxed) != 0 }

  /// Runs work that a signal does not end from outside, but that ends by itself soon after
  /// ``isRequested``; whoever calls must then look at it and ``end()``.
  static func cooperating<Result>(_ body: () throws -> Result) rethrows -> Result {
    state.withLock { $0.isCooperating = true }
    defer {
      state.withLock { state in
        state.isCooperating = false
        // Work may have seen the signal before the listening thread was woken.
        if isRequested { state.isLeftToWork = true }
      }
    }
    return try body()
  }

  /// Runs work, cooperating or not, that a signal ends, but not before `closing` has run, on another
  /// thread, while `body` goes on.
  ///
  /// Neither may change what the other reads.
  static func closing<Result, Failure: Error>(
    _ closing: @escaping @Sendable () throws -> Void, around body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    state.withLock { $0.closing = closing }
    // The signal may have come while nobody listened to it.
    if isRequested { end() }
    defer { state.withLock { $0.closing = nil } }
    return try body()
  }

  /// What is said in the end, unless everything is quiet.
  static func explain(_ note: String?) { state.withLock { $0.note = note } }

  /// Ends the process as the signal asks for: 130 after Ctrl-C, 143 after `kill`, 129 after the
  /// terminal was closed.
  static func end() -> Never {
    state.withLock { state in
      if let closing = state.closing {
        do { try closing() } catch {
          Messages.error("\(error)")
        }
      }
      if let note = state.note { Messages.write((Messages.isTerminal ? "\r\u{1B}[K" : "") + note) }
      TemporaryFiles.discardAll { _exit(exitCode) }
    }
  }

  /// After a failure: lets a signal that came before it have the last word, since what it removes
  /// may be what the failure is about.
  static func yieldToSignal() {
    if isRequested, !state.withLock({ $0.isLeftToWork }) { end() }
  }

  private static var exitCode: Int32 { 128 + received.load(ordering: .relaxed) }

  private static func listen(_ end: Int32) {
    var byte: UInt8 = 0
    while unsafe read(end, &byte, 1) != 1 { if errno != EINTR { return } }
    // While work cooperates, it ends the process itself, unless it has said how to end it.
    let isLeftToWork = state.withLock { state in
      if state.isCooperating && state.closing == nil { state.isLeftToWork = true }
      return state.isLeftToWork
    }
    if !isLeftToWork { Interruption.end() }
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    guard unsafe sigaction(number, nil, &action) == 0 else { return false }
    #if os(Linux)
      let handler = unsafe action.__sigaction_handler.sa_handler
    #else
      let handler = unsafe action.__sigaction_u.__sa_handler
    #endif
    return unsafe unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

private struct InterruptionState: Sendable {
  var isCooperating = false
  /// Whether the signal came while work cooperated.
  var isLeftToWork = false
  var closing: (@Sendable () throws -> Void)?
  var note: String?
}

private let state = Mutex(InterruptionState())
private let received = Atomic<Int32>(0)
/// Where the handler writes to wake the listening thread.
private let bell = Atomic<Int32>(-1)
