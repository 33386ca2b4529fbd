/// One benchmark's result. Smaller is better.
struct Row: Codable {
  var suite: String
  var work: String
  var threads: Int
  var unit: Unit
  /// In `unit`.
  var value: Measurement
  var ratios: [Ratio] = []

  enum Unit: String, Codable {
    case microsecondsPerStep = "µs/step"
    case milliseconds = "ms"
    case mebibytes = "MiB"
    /// Of starting a process; the speed of arithmetic does not decide it.
    case startUp = "ms to start"

    /// Whether the time is mostly arithmetic, so that machines compare after division by their
    /// rate of matrix products.
    var isArithmetic: Bool { self == .microsecondsPerStep || self == .milliseconds }
  }

  var key: String { "\(suite) | \(work) | \(threads)" }
}

/// What a result is in relation to something measured beside it.
struct Ratio: Codable {
  /// `× step-by-step`, `of sgemm`, …; printed after the value.
  var name: String
  var value: Double
  var target: Target?

  enum Target: Codable {
    case atMost(Double)
    case atLeast(Double)
  }

  var isMet: Bool {
    switch target {
    case .atMost(let limit): value <= limit
    case .atLeast(let limit): value >= limit
    case nil: true
    }
  }

  var text: String {
    let limit =
      switch target {
      case .atMost(let limit): " (≤ \(short(limit))\(isMet ? "" : ": missed"))"
      case .atLeast(let limit): " (≥ \(short(limit))\(isMet ? "" : ": missed"))"
      case nil: ""
      }
    return "\(short(value)) \(name)\(limit)"
  }
}
