package import Foundation
internal import Synchronization

/// Files and directories that are being written and have not got their names yet.
///
/// A temporary one lies beside the place that it is for, is called `.NAME.tmp-PID-N`, and is locked
/// (`flock`) by the process that writes it for as long as that lives. So what a killed process left
/// can be told from what a living one is writing, in another container too.
package enum TemporaryFiles {
  private struct State {
    var paths: Set<String> = []
    var count = 0
    /// Per directory, what was found there when it was first written to: the names of temporary
    /// files by the stem of what they are for.
    var leftovers: [String: [String: [String]]] = [:]
  }

  private static let state = Mutex(State())

  /// A temporary name for `target`, remembered until ``commit(_:)`` or ``discard(_:)``.
  ///
  /// - Parameter make: creates it; `false` where the name is taken.
  package static func create<Result>(
    for target: String, _ make: (String) throws -> Result?
  ) throws -> (path: String, result: Result) {
    removeLeftovers(of: target)
    let (directory, name) = parts(target)
    return try state.withLock { state in
      while true {
        state.count += 1
        let path = "\(directory).\(stem(name)).tmp-\(getpid())-\(state.count)"
        if let result = try make(path) {
          state.paths.insert(path)
          return (path, result)
        }
      }
    }
  }

  /// A temporary directory for `target`, whose errors name `path`. The lock lasts until the process
  /// ends, or the directory is no more.
  package static func createDirectory(
    for target: String, permissions: mode_t = 0o777, path: String
  ) throws -> String {
    try create(for: target) { name in
      guard unsafe mkdir(name, permissions) == 0 else {
        if errno == EEXIST { return nil as Void? }
        throw FormatError.system(.cannotCreate, path: path, code: errno)
      }
      let descriptor = unsafe open(name, O_RDONLY | O_CLOEXEC)
      if descriptor >= 0 { flock(descriptor, LOCK_EX | LOCK_NB) }
    }.path
  }

  /// Gives temporary files the names they are for, one right after the other.
  ///
  /// - Parameter move: from the temporary path to the final one.
  /// - Throws: what `move` throws; the files not yet moved are still temporary.
  package static func commit(
    _ moves: [(temporary: String, target: String)],
    _ move: (_ temporary: String, _ target: String) throws -> Void
  ) throws {
    try state.withLock { state in
      for (temporary, target) in moves {
        try move(temporary, target)
        state.paths.remove(temporary)
      }
    }
  }

  /// Removes a temporary file or directory, if it is still there.
  package static func discard(_ path: String) {
    state.withLock { state in
      remove(path)
      state.paths.remove(path)
    }
  }

  /// Removes everything that is temporary and ends the process; whoever wants to make or name a
  /// file in the meantime waits for the end.
  package static func discardAll(thenEnd end: () -> Never) -> Never {
    state.withLock { state in
      // Somebody may be writing into a directory while it is being emptied.
      for _ in 0..<3 { for path in state.paths { remove(path) } }
      end()
    }
  }

  /// Removes temporary files for `target` of processes that are no more.
  package static func removeLeftovers(of target: String) {
    let (directory, name) = parts(target)
    state.withLock { state in
      let all = state.leftovers[directory] ?? listed(directory)
      let mine = all[stem(name)] ?? []
      state.leftovers[directory] = all
      state.leftovers[directory]?[stem(name)] = nil
      for leftover in mine where isAbandoned(directory + leftover) {
        remove(directory + leftover)
      }
    }
  }

  /// `.NAME.tmp-PID` or `.NAME.tmp-PID-N`: NAME and PID.
  private static func parse(_ name: String) -> (stem: String, process: pid_t)? {
    guard name.hasPrefix("."), let mark = name.range(of: ".tmp-", options: .backwards),
      mark.lowerBound > name.startIndex
    else { return nil }
    let numbers = name[mark.upperBound...].split(separator: "-", omittingEmptySubsequences: false)
    guard (1...2).contains(numbers.count),
      numbers.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }),
      let process = pid_t(numbers[0]), process > 0
    else { return nil }
    let stem = String(name[name.index(after: name.startIndex)..<mark.lowerBound])
    return stem.isEmpty ? nil : (stem, process)
  }

  private static func listed(_ directory: String) -> [String: [String]] {
    let names =
      (try? FileManager.default.contentsOfDirectory(atPath: directory.isEmpty ? "." : directory))
      ?? []
    var result: [String: [String]] = [:]
    for name in names {
      if let (stem, _) = parse(name) { result[stem, default: []].append(name) }
    }
    return result
  }

  /// Whether the process that wrote it is no more: nobody has its number, and nobody holds the lock.
  private static func isAbandoned(_ path: String) -> Bool {
    guard let process = parse(parts(path).name)?.process, process != getpid(),
      kill(process, 0) != 0, errno == ESRCH
    else { return false }
    var status = stat()
    guard unsafe lstat(path, &status) == 0, status.st_uid == geteuid(),
      [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
    else { return false }
    let descriptor = unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_EX | LOCK_NB) == 0
  }

  private static func remove(_ path: String) {
    if unsafe unlink(path) != 0 && errno != ENOENT {
      try? FileManager.default.removeItem(atPath: path)
    }
  }

  /// The directory with its slash, and the name in it.
  private static func parts(_ path: String) -> (directory: String, name: String) {
    let cut = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
    return (String(path[..<cut]), String(path[cut...]))
  }

  /// File names are limited to 255 bytes; what is added takes at most 40.
  private static func stem(_ name: String) -> String {
    String(decoding: name.utf8.prefix(200), as: UTF8.self)
  }
}
