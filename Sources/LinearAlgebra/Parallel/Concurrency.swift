internal import Dispatch
internal import Synchronization

/// Runs `body(0) … body(count − 1)`, on at most `threads` threads at a time.
///
/// The pieces must write to disjoint places. Which thread runs which piece is not determined;
/// results are, as long as `count` and the pieces do not depend on `threads`.
///
/// - Complexity: one hand-over of about 5 µs per call when `threads` > 1; none otherwise.
public func concurrently(_ count: Int, threads: Int, _ body: (Int) -> Void) {
  let workers = min(threads, count)
  guard workers > 1 else {
    for i in 0..<count { body(i) }
    return
  }
  withoutActuallyEscaping(body) { body in
    let work = SharedBody(body)
    let next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      while true {
        let i = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard i < count else { break }
        work.body(i)
      }
    }
  }
}

private struct SharedBody: @unchecked Sendable {
  let body: (Int) -> Void
  init(_ body: @escaping (Int) -> Void) { self.body = body }
}

/// Splits `0 ..< count` into ranges of `size`, the last one shorter.
public func chunks(of count: Int, size: Int) -> [Range<Int>] {
  precondition(size > 0, "chunk size \(size) must be positive")
  return stride(from: 0, to: count, by: size).map { $0..<min($0 + size, count) }
}

/// `[body(0), …, body(count − 1)]`, computed on at most `threads` threads at a time.
public func concurrentMap<Result: Sendable>(
  _ count: Int, threads: Int, _ body: (Int) -> Result
) -> [Result] {
  var results = [Result?](repeating: nil, count: count)
  unsafe results.withUnsafeMutableBufferPointer { results in
    let slots = unsafe SharedSlots(base: results.baseAddress)
    concurrently(count, threads: threads) { i in unsafe slots.base![i] = body(i) }
  }
  return results.map { $0! }
}

@unsafe private struct SharedSlots<Result>: @unchecked Sendable {
  let base: UnsafeMutablePointer<Result?>?
}
