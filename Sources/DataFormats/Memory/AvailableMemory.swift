internal import Foundation

/// How many bytes this process can still take, and what stands in the way of more.
package struct AvailableMemory: Sendable, Equatable {
  package var bytes: Int
  /// For a message: `the address space limit (ulimit -v)`.
  package var limit: String

  package init(bytes: Int, limit: String) { (self.bytes, self.limit) = (bytes, limit) }

  /// The least that physical memory, the process's resource limits and its control group leave,
  /// each less what of it is used already.
  package static func now() -> AvailableMemory {
    var limits = [physical]
    #if os(Linux)
      let used = ProcessStatus()
      limits += [
        resource(RLIMIT_AS, less: used.virtual, "the address space limit (ulimit -v)"),
        resource(RLIMIT_DATA, less: used.data, "the data limit (ulimit -d)"),
      ].compactMap { $0 }
      limits += controlGroups(root: "/sys/fs/cgroup", membership: text("/proc/self/cgroup") ?? "")
    #endif
    return limits.min { $0.bytes < $1.bytes }!
  }

  private static var physical: AvailableMemory {
    AvailableMemory(
      bytes: Int(clamping: ProcessInfo.processInfo.physicalMemory), limit: "this machine's memory")
  }
}

#if os(Linux)
  extension AvailableMemory {
    private static func resource(
      _ resource: __rlimit_resource, less used: Int, _ name: String
    ) -> AvailableMemory? {
      var limit = rlimit()
      guard unsafe getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0,
        limit.rlim_cur < rlim_t(Int.max)
      else {
        return nil
      }
      return AvailableMemory(bytes: max(0, Int(limit.rlim_cur) - used), limit: name)
    }

    /// The limits of a process's control group and those above it, version 1 and 2; what its pages
    /// of files take is given back when needed and is not counted.
    ///
    /// - Parameters:
    ///   - root: where control groups are mounted.
    ///   - membership: the lines `ID:CONTROLLERS:PATH` of `/proc/self/cgroup`.
    package static func controlGroups(root: String, membership: String) -> [AvailableMemory] {
      var result: [AvailableMemory] = []
      for line in membership.split(separator: "\n") {
        let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3 else { continue }
        let isUnified = parts[1].isEmpty
        guard isUnified || parts[1].split(separator: ",").contains("memory") else { continue }
        let mount = isUnified ? root : root + "/memory"
        var path = String(parts[2])
        // Within a container the path may be that of the host: its end is what is mounted.
        while true {
          let directory = mount + (path == "/" ? "" : path)
          if let limit = isUnified ? unified(directory) : original(directory) {
            result.append(limit)
          }
          guard let cut = path.lastIndex(of: "/"), path != "/" else { break }
          path = cut == path.startIndex ? "/" : String(path[..<cut])
        }
      }
      return result
    }

    private static func unified(_ directory: String) -> AvailableMemory? {
      group(
        limit: text(directory + "/memory.max"), statistics: text(directory + "/memory.stat"),
        key: "anon")
    }

    private static func original(_ directory: String) -> AvailableMemory? {
      group(
        limit: text(directory + "/memory.limit_in_bytes"),
        statistics: text(directory + "/memory.stat"), key: "total_rss")
    }

    private static func group(limit: String?, statistics: String?, key: String) -> AvailableMemory?
    {
      // “max”, and what version 1 writes for no limit, are none.
      guard let limit = limit.flatMap({ Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }),
        limit < 1 << 60
      else { return nil }
      let used = number(of: key, in: statistics ?? "") ?? 0
      return AvailableMemory(
        bytes: max(0, limit - used), limit: "the memory limit of the container (cgroup)")
    }
  }

  /// What the process uses, from `/proc/self/status`.
  private struct ProcessStatus {
    var virtual = 0
    var data = 0

    init() {
      let status = text("/proc/self/status") ?? ""
      virtual = 1024 * (number(of: "VmSize:", in: status) ?? 0)
      data = 1024 * (number(of: "VmData:", in: status) ?? 0)
    }
  }

  /// The first number in the line that begins with a key.
  private func number(of key: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }
      if words.count > 1, words[0] == key { return Int(words[1]) }
    }
    return nil
  }

  /// A file of the kernel, which has no length before it is read.
  private func text(_ path: String) -> String? {
    guard let file = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? file.close() }
    return (try? file.readToEnd()).flatMap { $0 }.map { String(decoding: $0, as: UTF8.self) }
  }
#endif
