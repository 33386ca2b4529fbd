internal import LinearAlgebra

/// The number of misclassified samples along an affine segment, exactly (docs/theory.md §4, P4).
///
/// While outputs move from ŷ₀ to ŷ₁ on a straight line, a sample is classified rightly as long as
/// finitely many affine functions of t stay positive: y·ŷ for one output; ŷ_c − ŷ_j for all j ≠ c
/// for the class c of several. So the right t are an interval, whose ends solve linear equations,
/// and the count is constant between the events of all samples. Ties are decided as everywhere: zero
/// is wrong, the first of several largest outputs is the prediction.
///
/// The order of all events, and which of them coincide, is decided without rounding: the curve is
/// exact for the outputs as given. These are rounded themselves; what would coincide if they were
/// not may come one after the other.
public struct ErrorCurve: Sendable, Equatable {
  /// A place where the count changes.
  public struct Event: Sendable, Equatable {
    /// Where the count changes, in [0, 1], rounded; increasing along the curve, and equal only where
    /// Double does not tell two places apart.
    public var t: Double
    /// Misclassified samples at `t` itself.
    public var errorsAt: Int
    /// Misclassified samples between `t` and the next event.
    public var errorsAfter: Int

    /// A change at `t`, with the counts at it and after it.
    public init(t: Double, errorsAt: Int, errorsAfter: Int) {
      self.t = t
      self.errorsAt = errorsAt
      self.errorsAfter = errorsAfter
    }
  }

  /// At least one event; the first is at t = 0.
  public let events: [Event]
  /// n
  public let samples: Int

  /// The count at `t` ∈ [0, 1]; at the rounded place of an event that of the event itself.
  ///
  /// - Complexity: O(log of the number of events).
  public func errors(at t: Double) -> Int {
    precondition(t >= 0 && t <= 1, "t = \(t) outside 0 … 1")
    var (low, high) = (0, events.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if events[middle].t <= t { low = middle } else { high = middle }
    }
    return events[low].t == t ? events[low].errorsAt : events[low].errorsAfter
  }

  /// The largest count on [0, 1], and the first event at or after which it is attained.
  public var maximum: (errors: Int, t: Double) {
    var best = (errors: -1, t: 0.0)
    for event in events {
      // Nothing comes after t = 1.
      let after = event.t < 1 ? event.errorsAfter : event.errorsAt
      let errors = max(event.errorsAt, after)
      if errors > best.errors { best = (errors, event.t) }
    }
    return best
  }
}

extension ErrorCurve {
  /// - Parameters:
  ///   - start: ŷ₀, n × K.
  ///   - end: ŷ₁, n × K.
  ///   - targets: ±1 for K = 1, one-hot for K > 1.
  /// - Complexity: O(nK + n log n).
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init<Scalar: MatrixScalar>(
    from start: Matrix<Scalar>, to end: Matrix<Scalar>, targets: Matrix<Scalar>, threads: Int
  ) {
    let (n, k) = (targets.rows, targets.columns)
    precondition(
      start.rows == n && end.rows == n && start.columns == k && end.columns == k,
      "outputs of \(start.rows) × \(start.columns) and \(end.rows) × \(end.columns)")
    let ranges = chunks(of: n, size: 4096)
    let parts = concurrentMap(ranges.count, threads: threads) { piece in
      var changes = Changes()
      unsafe start.withUnsafeBufferPointer { ŷ0 in
        unsafe end.withUnsafeBufferPointer { ŷ1 in
          unsafe targets.withUnsafeBufferPointer { y in
            guard let ŷ0 = ŷ0.baseAddress, let ŷ1 = ŷ1.baseAddress, let y = y.baseAddress
            else { return }
            for i in ranges[piece] {
              unsafe changes.add(
                RightInterval(count: k, ŷ0 + i * k, ŷ1 + i * k, target: y + i * k))
            }
          }
        }
      }
      return changes
    }
    var all = Changes()
    for part in parts {
      all.rightFromStart += part.rightFromStart
      all.list += part.list
    }
    self.init(all, samples: n)
  }

  private init(_ changes: Changes, samples: Int) {
    var current = samples - changes.rightFromStart
    var events = [Event(t: 0, errorsAt: current, errorsAfter: current)]
    var place: CrossingTime?
    for change in changes.list.sorted(by: { $0.time < $1.time }) {
      if !(place.map { $0 == change.time } ?? change.time.isAtStart) {
        // Approximate places may be out of order by a rounding where the exact ones are not.
        let t = max(change.time.t, events.last!.t)
        events.append(Event(t: t, errorsAt: current, errorsAfter: current))
      }
      place = change.time
      current += change.after
      events[events.count - 1].errorsAt += change.at
      events[events.count - 1].errorsAfter = current
    }
    self.events = events
    self.samples = samples
  }

  /// By how much the count differs from the one before `time`: at it, and after it.
  private struct Change {
    var time: CrossingTime
    var at: Int
    var after: Int
  }

  private struct Changes: Sendable {
    /// Samples classified rightly at t = 0.
    var rightFromStart = 0
    var list: [Change] = []

    mutating func add(_ right: RightInterval) {
      if right.isEmpty { return }
      if let low = right.low {
        list.append(Change(time: low, at: right.includesLow ? -1 : 0, after: -1))
      } else {
        rightFromStart += 1
      }
      if let high = right.high {
        list.append(Change(time: high, at: right.includesHigh ? 0 : 1, after: 1))
      }
    }
  }
}

/// The t ∈ [0, 1] for which a sample is classified rightly: an interval, open or closed at its ends.
private struct RightInterval {
  /// `nil` for 0 and 1, which are then included.
  private(set) var low: CrossingTime?
  private(set) var high: CrossingTime?
  private(set) var includesLow = true
  private(set) var includesHigh = true
  private var isImpossible = false

  var isEmpty: Bool {
    if isImpossible { return true }
    guard let low, let high else { return false }
    return high < low || (low == high && !(includesLow && includesHigh))
  }

  @unsafe init<Scalar: MatrixScalar>(
    count: Int, _ ŷ0: UnsafePointer<Scalar>, _ ŷ1: UnsafePointer<Scalar>,
    target y: UnsafePointer<Scalar>
  ) {
    if count == 1 {
      let sign = unsafe y[0] > 0 ? 1.0 : y[0] < 0 ? -1.0 : 0.0
      unsafe require((sign * Double(ŷ0[0]), 0), (sign * Double(ŷ1[0]), 0), strictly: true)
      return
    }
    let label = unsafe indexOfLargest(count, y)
    for j in 0..<count where j != label {
      unsafe require(
        (Double(ŷ0[label]), Double(ŷ0[j])), (Double(ŷ1[label]), Double(ŷ1[j])),
        strictly: j < label)
    }
  }

  /// Leaves only the t with (1 − t)·d₀ + t·d₁ > 0, or ≥ 0 unless `strictly`; d₀ and d₁ are given as
  /// differences.
  private mutating func require(
    _ d0: (Double, Double), _ d1: (Double, Double), strictly: Bool
  ) {
    func holds(_ d: (Double, Double)) -> Bool { d.0 > d.1 || (!strictly && d.0 == d.1) }
    let (holdsAtStart, holdsAtEnd) = (holds(d0), holds(d1))
    if holdsAtStart && holdsAtEnd { return }
    if !holdsAtStart && !holdsAtEnd {
      isImpossible = true
      return
    }
    let time = CrossingTime(from: d0, to: d1)
    if holdsAtStart {
      if let high, high < time { return }
      // Of requirements that end at one place the strict one decides.
      includesHigh = !strictly && (high.map { time < $0 || includesHigh } ?? true)
      high = time
    } else {
      if let low, time < low { return }
      includesLow = !strictly && (low.map { $0 < time || includesLow } ?? true)
      low = time
    }
  }
}
