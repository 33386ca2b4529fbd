import Dispatch
import Foundation
import Synchronization

/// Progress of work that takes longer than two seconds: a bar with time left and, where something is
/// counted, the rate on a terminal, a line now and then elsewhere.
struct ProgressLine: ~Copyable {
  private let title: String
  private let unit: String?
  private let total: Int
  private let first: Int
  private let isSilent: Bool
  private let isTerminal = Messages.isTerminal
  private let start = ContinuousClock.now
  private var next: ContinuousClock.Instant
  private var isShown = false
  /// Time spent on other things than what is counted; the rate leaves it out.
  var otherWork = Duration.zero

  /// - Parameters:
  ///   - unit: what is counted, for the rate; `nil` where `total` only divides the whole.
  ///   - first: how many were done before.
  init(_ title: String, unit: String? = nil, total: Int, from first: Int = 0, silent: Bool) {
    (self.title, self.unit, self.total, self.first) = (title, unit, total, first)
    isSilent = silent
    next = start + .seconds(2)
  }

  mutating func update(_ done: Int, note: String = "") {
    guard !isSilent else { return }
    let now = ContinuousClock.now
    guard now >= next else { return }
    next = now + (isTerminal ? .milliseconds(200) : .seconds(15))
    let elapsed = (now - start - otherWork) / .seconds(1)
    let rate = Double(done - first) / max(elapsed, 1e-9)
    let left = rate > 0 ? clock(Double(total - done) / rate) : "–"
    let share = Double(done) / Double(max(total, 1))
    let filled = min(20, Int(share * 20))
    let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
    let percentage = String(Int(share * 100))
    let counted = unit.map { "\(rateText(rate)) \($0)/s  " } ?? ""
    let text = "\(title) \(bar) \(percentage) %  \(counted)\(left) left\(note)"
    isShown = true
    if isTerminal { Messages.rewriteLine(String(text.prefix(79))) } else { Messages.write(text) }
  }

  /// Clears the line of a terminal.
  mutating func finish() {
    if isShown && isTerminal { Messages.rewriteLine("") }
    isShown = false
  }
}

/// Three digits: `0.125`, `32.5`, `19 800`.
private func rateText(_ rate: Double) -> String {
  guard rate >= 100, rate < 1e15 else { return short(rate, digits: 3) }
  let unit = pow(10, (log10(rate)).rounded(.down) - 2)
  return grouped(Int((rate / unit).rounded() * unit))
}

/// `0:05`, `12:34`, `1:02:03`
func clock(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds < 1e8 else { return "–" }
  let s = Int(seconds.rounded())
  let minutes = s / 60 % 60
  return s < 3600
    ? String(format: "%d:%02d", minutes, s % 60)
    : String(format: "%d:%02d:%02d", s / 3600, minutes, s % 60)
}

/// Says what is going on, and since when, while `body` runs for more than two seconds.
func announcing<Result>(
  _ activity: String, silent: Bool, _ body: () throws -> Result
) rethrows -> Result {
  guard !silent else { return try body() }
  let isTerminal = Messages.isTerminal
  let start = ContinuousClock.now
  let isShown = Mutex(false)
  let timer = DispatchSource.makeTimerSource()
  timer.schedule(deadline: .now() + 2, repeating: isTerminal ? 1 : 30)
  timer.setEventHandler {
    isShown.withLock { isShown in
      let text = "\(activity) … \(clock((ContinuousClock.now - start) / .seconds(1)))"
      if isTerminal { Messages.rewriteLine(text) } else { Messages.write(text) }
      isShown = true
    }
  }
  timer.resume()
  defer {
    timer.cancel()
    isShown.withLock { if $0 && isTerminal { Messages.rewriteLine("") } }
  }
  return try body()
}
