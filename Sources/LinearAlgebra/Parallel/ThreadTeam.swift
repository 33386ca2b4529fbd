internal import CKernels
internal import Dispatch
internal import Synchronization

/// Threads that work through one program together and meet at barriers.
///
/// For loops that need the others' results every few microseconds, where handing over to another
/// thread (``concurrently(_:threads:_:)``) costs too much: waiting at a barrier takes about 0.2 µs.
///
/// The program must reach the same barriers in every member.
public final class ThreadTeam: Sendable {
  /// Members, the calling thread among them; at least 1.
  public let count: Int
  private let queues: [DispatchQueue]
  private let arrived = Atomic(0)
  private let round = Atomic(0)

  /// A team of `count` threads, the calling one among them.
  public init(count: Int) {
    self.count = max(1, count)
    // Serial queues: each is given a thread of its own, so that all members run at the same time.
    // Iterations of concurrentPerform might run one after another, and wait for ever.
    queues = (1..<max(1, count)).map { DispatchQueue(label: "landbridge.team.\($0)") }
  }

  /// Runs `program(0) … program(count − 1)`, each in a thread of its own, the first in the calling
  /// one; returns when all have ended.
  public func run(_ program: (Int) -> Void) {
    guard count > 1 else { return program(0) }
    withoutActuallyEscaping(program) { program in
      let shared = SharedProgram(program)
      let group = DispatchGroup()
      for (index, queue) in queues.enumerated() {
        queue.async(group: group) { shared.program(index + 1) }
      }
      program(0)
      group.wait()
    }
  }

  /// Waits until every member has come here. What each wrote before, all see after.
  public func barrier() {
    guard count > 1 else { return }
    let current = round.load(ordering: .acquiring)
    if arrived.wrappingAdd(1, ordering: .acquiringAndReleasing).newValue == count {
      arrived.store(0, ordering: .relaxed)
      round.store(current &+ 1, ordering: .releasing)
    } else {
      var spins = 0
      while round.load(ordering: .acquiring) == current {
        lb_relax(spins)
        spins += 1
      }
    }
  }

  /// The part of `items` that belongs to one member: contiguous, the parts as even as can be.
  public func share<Item>(of items: [Item], member: Int) -> ArraySlice<Item> {
    items[items.count * member / count..<items.count * (member + 1) / count]
  }
}

private struct SharedProgram: @unchecked Sendable {
  let program: (Int) -> Void
  init(_ program: @escaping (Int) -> Void) { self.program = program }
}
