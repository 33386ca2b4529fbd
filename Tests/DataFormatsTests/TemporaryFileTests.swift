import DataFormats
import Foundation
import Testing

@Suite struct `Temporary files` {
  /// The number of a process that has ended.
  private func deadProcess() throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", "exit 0"]
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  private func inDirectory(_ body: (String) throws -> Void) throws {
    let directory = NSTemporaryDirectory() + "landbridge-\(UUID().uuidString)"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try body(directory)
  }

  private func names(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }

  @Test func `of dead processes for the same file are removed, no others`() throws {
    try inDirectory { directory in
      let dead = try deadProcess()
      let doomed = [".m.npz.tmp-\(dead)-1", ".m.npz.tmp-\(dead)", ".m.npz.tmp-\(dead)-77"]
      let kept = [
        // A living process, another file, a name that is not ours, what the user called so.
        ".m.npz.tmp-1-1", ".m.npz.tmp-\(getpid())-1000", ".other.npz.tmp-\(dead)-1",
        ".m.npz.tmp-\(dead)-1-2", ".m.npz.tmp-x", ".m.npz.tmp-\(dead)-", "m.npz.tmp-\(dead)-1",
        ".m.npz.tmp--\(dead)",
      ]
      for name in doomed + kept { try Data([1]).write(to: URL(filePath: "\(directory)/\(name)")) }
      try FileManager.default.createSymbolicLink(
        atPath: "\(directory)/.m.npz.tmp-\(dead)-5", withDestinationPath: "/etc/passwd")
      try writeAtomically(to: "\(directory)/m.npz") { try $0.write("x") }
      #expect(try names(directory) == (kept + [".m.npz.tmp-\(dead)-5", "m.npz"]).sorted())
    }
  }

  @Test func `that somebody has locked are left alone`() throws {
    try inDirectory { directory in
      let path = "\(directory)/.m.npz.tmp-\(try deadProcess())-1"
      let descriptor = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
      try #require(flock(descriptor, LOCK_EX) == 0)
      try writeAtomically(to: "\(directory)/m.npz") { try $0.write("x") }
      #expect(FileManager.default.fileExists(atPath: path))
      close(descriptor)
    }
  }

  @Test func `of directories are removed with what is in them`() throws {
    try inDirectory { directory in
      let path = "\(directory)/.out.tmp-\(try deadProcess())-1"
      try FileManager.default.createDirectory(
        atPath: path + "/inside", withIntermediateDirectories: true)
      try Data([1]).write(to: URL(filePath: path + "/inside/file"))
      let new = try TemporaryFiles.createDirectory(for: directory + "/out", path: "out")
      #expect(!FileManager.default.fileExists(atPath: path))
      #expect(FileManager.default.fileExists(atPath: new))
      TemporaryFiles.discard(new)
      #expect(try names(directory).isEmpty)
    }
  }

  @Test func `of a set take their names together, or not at all`() throws {
    try inDirectory { directory in
      func path(_ name: String) -> String { "\(directory)/\(name)" }
      try Data("old".utf8).write(to: URL(filePath: path("a")))
      #expect(throws: FormatError.self) {
        try writeAtomically([
          (path("a"), Data("new".utf8)), (path("none/b"), Data("new".utf8)),
        ])
      }
      #expect(try names(directory) == ["a"])
      #expect(try Data(contentsOf: URL(filePath: path("a"))) == Data("old".utf8))
      try writeAtomically([(path("a"), Data("new".utf8)), (path("b"), Data("too".utf8))])
      #expect(try names(directory) == ["a", "b"])
      #expect(try Data(contentsOf: URL(filePath: path("a"))) == Data("new".utf8))
    }
  }
}

#if os(Linux)
  @Suite struct `Available memory` {
    @Test func `is no more than the machine has, and positive`() {
      let available = AvailableMemory.now()
      #expect(available.bytes > 0)
      #expect(available.bytes <= Int(clamping: ProcessInfo.processInfo.physicalMemory))
    }

    @Test func `counts the limits of control groups of both versions, and of those above`() throws {
      let root = NSTemporaryDirectory() + "landbridge-\(UUID().uuidString)"
      defer { try? FileManager.default.removeItem(atPath: root) }
      func write(_ text: String, _ name: String) throws {
        let url = URL(filePath: root + name)
        try FileManager.default.createDirectory(
          at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: url)
      }
      try write("max\n", "/a/b/memory.max")
      try write("1000000\n", "/a/memory.max")
      try write("file 700000\nanon 300000\n", "/a/memory.stat")
      try write("9223372036854771712\n", "/memory/c/memory.limit_in_bytes")
      try write("5000000\n", "/memory/memory.limit_in_bytes")
      try write("rss 7\ntotal_rss 1000000\n", "/memory/memory.stat")
      func bytes(_ membership: String) -> [Int] {
        AvailableMemory.controlGroups(root: root, membership: membership).map(\.bytes)
      }
      #expect(bytes("0::/a/b\n") == [700_000])
      #expect(bytes("4:memory:/c\n3:cpu:/\n") == [4_000_000])
      #expect(bytes("5:cpu,memory:/c/d/e\n") == [4_000_000])
      #expect(bytes("3:cpuset:/\n") == [] && bytes("") == [] && bytes("nonsense") == [])
      #expect(bytes("4:memory:/c\n0::/a/b\n").sorted() == [700_000, 4_000_000])
    }
  }
#endif
