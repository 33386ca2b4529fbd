import DataFormats
import Foundation
import Testing

@Suite("Files are written whole or not at all")
struct WritingTests {
  struct Stop: Error {}

  func contents(_ directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
  }

  @Test("A failure leaves the old file and nothing else")
  func failure() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/a.bin"
      try writeAtomically(to: path) { try $0.write("old") }
      #expect(throws: Stop.self) {
        try writeAtomically(to: path) { output in
          try output.write([UInt8](repeating: 7, count: 100_000))
          #expect(try contents(directory).count == 2)
          throw Stop()
        }
      }
      #expect(try readFile(path) == Data("old".utf8))
      #expect(try contents(directory) == ["a.bin"])
    }
  }

  @Test("Content in pieces of every size arrives in order")
  func pieces() throws {
    try withTemporaryDirectory { directory in
      var expected = Data()
      try writeAtomically(to: directory + "/a") { output in
        for size in [0, 1, 65535, 65536, 65537, 3, 200_000, 0, 5] {
          let piece = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
          if size % 2 == 0 { try output.write(piece) } else { try output.write(Data(piece)) }
          expected += piece
          #expect(output.offset == expected.count)
        }
      }
      #expect(try readFile(directory + "/a") == expected)
    }
  }

  @Test("Permissions and symbolic links stay")
  func attributes() throws {
    try withTemporaryDirectory { directory in
      let manager = FileManager.default
      let path = directory + "/a"
      let link = directory + "/link"
      try writeAtomically(to: path) { try $0.write("1") }
      try manager.setAttributes([.posixPermissions: 0o640], ofItemAtPath: path)
      try manager.createSymbolicLink(atPath: link, withDestinationPath: "a")
      try writeAtomically(to: link) { try $0.write("2") }
      #expect(try readFile(path) == Data("2".utf8))
      #expect(try manager.destinationOfSymbolicLink(atPath: link) == "a")
      let mode = try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o640)
      // A device is no file to be replaced.
      try writeAtomically(to: "/dev/null") { try $0.write("x") }
      #expect(!FileManager.default.isRegular("/dev/null"))
      // 255 bytes, the longest name.
      let long = directory + "/" + String(repeating: "é", count: 127) + "x"
      try writeAtomically(to: long) { try $0.write("3") }
      #expect(try readFile(long) == Data("3".utf8))
    }
  }

  @Test("Errors name the path and the reason")
  func errors() throws {
    try withTemporaryDirectory { directory in
      try writeAtomically(to: directory + "/file") { try $0.write("1") }
      let cases: [(String, String)] = [
        (directory, "Is a directory"), (directory + "/none/a", "No such file or directory"),
        (directory + "/file/a", "Not a directory"), ("", "No such file or directory"),
        (directory + "/new/", "Is a directory"),
        (directory + "/" + String(repeating: "a", count: 256), "File name too long"),
      ]
      for (path, reason) in cases {
        #expect {
          try writeAtomically(to: path) { try $0.write("1") }
        } throws: { error in
          let error = error as? FormatError
          return error?.kind == .cannotCreate && error?.path == path && error?.found == reason
        }
      }
      #expect(try contents(directory) == ["file"])
    }
  }

  #if os(Linux)
    @Test("A full disk is an error")
    func fullDisk() throws {
      #expect {
        try writeAtomically(to: "/dev/full") { try $0.write("1") }
      } throws: { error in
        let error = error as? FormatError
        return error?.kind == .cannotWrite && error?.found == "No space left on device"
      }
    }
  #endif

  @Test("Reading what is not there or not a file")
  func reading() throws {
    func kind(_ path: String) -> FormatError.Kind? {
      do {
        _ = try readFile(path)
        return nil
      } catch { return (error as? FormatError)?.kind }
    }
    try withTemporaryDirectory { directory in
      try writeAtomically(to: directory + "/file") { try $0.write("") }
      #expect(kind(directory + "/none") == .noSuchFile)
      #expect(kind(directory + "/file/x") == .noSuchFile)
      #expect(kind(directory) == .cannotRead)
      #expect(kind("/dev/zero") == .cannotRead)
      #expect(try readFile(directory + "/file").isEmpty)
      let pipe = directory + "/pipe"
      let made = unsafe mkfifo(pipe, 0o600)
      #expect(made == 0)
      #expect(kind(pipe) == .cannotRead)
    }
  }
}

extension FileManager {
  func isRegular(_ path: String) -> Bool {
    (try? attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeRegular
  }
}
