import DataFormats
import Foundation
import LinearAlgebra
import Testing

@Suite("Hostile files")
struct HostileFileTests {
  /// A safetensors file with this header and zeros behind it.
  func safetensors(_ header: some Collection<UInt8>, data: Int = 0) -> Data {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) }
    return Data(length) + header + Data(count: data)
  }

  func readSafetensors(_ bytes: Data) throws -> SafetensorsFile {
    try SafetensorsFile(bytes: bytes, path: "f")
  }

  @Test("Compressed data unpack to 100 times their size, or 256 MiB")
  func bombs() throws {
    let memory = Int(ProcessInfo.processInfo.physicalMemory / 2)
    let floor = min(256 << 20, memory)
    #expect(defaultDecompressionLimit(forCompressed: 0) == floor)
    #expect(defaultDecompressionLimit(forCompressed: 8 << 20) == min(800 << 20, memory))
    #expect(defaultDecompressionLimit(forCompressed: .max) == memory)
    let zeros = Data(count: 300 << 20)
    let bomb = gzip(zeros, level: 1)
    #expect(bomb.count < 3 << 20)
    expectRefusal(bomb, "more than", "compressed") { try decompressed($0, path: "f") }
    expectRefusal(bomb, "more than") { try readCSV(bytes: $0, path: "f") }
    expectRefusal(bomb, "more than") { try readCIFAR10(bytes: $0, path: "f") }
    // The caller may allow it.
    #expect(try decompressed(bomb, path: "f", limit: zeros.count).count == zeros.count)
    let shape: [UInt8] = [0, 0, 8, 1, 0x12, 0xC0, 0, 0]
    // Two members unpack to one after the other.
    expectRefusal(gzip(Data(shape)) + bomb, "314572808") { try readIDX(bytes: $0, path: "f") }
    var archive = try Data(readFile(fixture("deflated.npz")))
    let directory = archive.firstRange(of: Data([0x50, 0x4B, 1, 2]))!.lowerBound
    archive.replaceSubrange(directory + 24..<directory + 28, with: [0, 0, 0, 0x70])
    expectRefusal(archive, "more than") { try NpzFile(bytes: $0, path: "f") }
  }

  @Test("Members of archives named like paths are only names")
  func pathNames() throws {
    let names = ["../../up", "/etc/passwd", "C:\\x", "a\u{0}b", "\u{1B}[2J", "."]
    try withTemporaryDirectory { folder in
      try writeNpz(names.map { ($0, Tensor([1])) }, to: folder + "/a")
      let file = try NpzFile(folder + "/a")
      #expect(file.names == names)
      for name in names { #expect(try file.tensor(name).count == 1) }
      #expect(throws: FormatError.self) { try file.tensor("none") }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["a"])
    }
  }

  @Test("Names of millions of combining marks, which Swift sorts by insertion, are refused at once")
  func combiningMarks() throws {
    let marks = String(
      String.UnicodeScalarView((0..<1_000_000).map { $0 % 2 == 0 ? "\u{301}" : "\u{316}" }))
    let entry = "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
    for header in [
      "{\"\(marks)\":\(entry)}", "{\"__metadata__\":{\"\(marks)\":\"\"}}",
      "{\"__metadata__\":{\"a\":\"\(marks)\"}}",
      "{\"" + String(repeating: "\\u0301", count: 100_000) + "\":\(entry)}",
    ] {
      expectRefusal(safetensors(header.utf8), "combining marks", read: readSafetensors)
    }
    expectRefusal(Data("\(marks),b\n1,2\n".utf8), "line 1, column 1", "combining marks") {
      try readCSV(bytes: $0, path: "f")
    }
    let few = String(String.UnicodeScalarView(marks.unicodeScalars.prefix(30_000)))
    try withTemporaryDirectory { folder in
      try writeNpz([(few, Tensor([1]))], to: folder + "/a")
      expectRefusal(try readFile(folder + "/a"), "combining marks") {
        try NpzFile(bytes: $0, path: "f")
      }
    }
    let npy = "{'descr': '\(few)', "
    let length = [UInt8(npy.utf8.count & 0xFF), UInt8(npy.utf8.count >> 8)]
    expectRefusal(
      Data([0x93] + Array("NUMPY".utf8) + [1, 0] + length + Array(npy.utf8)), "combining marks"
    ) { try readNpy(bytes: $0, path: "f") }
    // Names that words of real languages give are none of that.
    let name = "Việt.ลี้.\(marks.unicodeScalars.prefix(8).map(String.init).joined())"
    #expect(
      try readSafetensors(safetensors("{\"\(name)\":\(entry)}".utf8)).names == [name])
  }

  @Test("Messages stay on one line of bounded length, whatever is put into them")
  func messages() {
    let error = FormatError(
      path: "a\nb", place: "\u{1B}[2J", found: "x\u{2028}\u{202E}é",
      expected: String(repeating: "y\r", count: 10_000))
    let message = "\(error)"
    #expect(
      message.hasPrefix(#"a\nb: \u{1B}[2J: found x\u{2028}\u{202E}é, expected y\ry\r"#),
      "\(message)")
    #expect(message.hasSuffix("…") && message.utf8.count < 4096)
  }

  @Test("Two spellings of the same name are a duplicate")
  func spellings() throws {
    let entry = "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
    let header = "{\"\u{E9}\":\(entry),\"e\u{301}\":\(entry)}"
    expectRefusal(safetensors(header.utf8), "a second time", read: readSafetensors)
  }

  @Test("A header of many tensors takes time in proportion")
  func manyTensors() throws {
    let entry = "{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}"
    let header = "{" + (0..<300_000).map { "\"\($0)\":\(entry)" }.joined(separator: ",") + "}"
    let file = try readSafetensors(safetensors(header.utf8))
    #expect(file.names.count == 300_000)
    #expect(file.namesInNaturalOrder.last == "299999")
    expectRefusal(safetensors(header.dropLast(2).utf8), "end of the header", read: readSafetensors)
    #expect {
      try file.tensor("none")
    } throws: { "\($0)".utf8.count < 4096 }
  }

  @Test("Tables of nothing, endless lines, a wide row above many narrow ones")
  func tables() throws {
    func refuse(_ text: String, _ words: String) {
      expectRefusal(Data(text.utf8), words) { try readCSV(bytes: $0, path: "f") }
    }
    let many = 5_000_000
    refuse(String(repeating: "\n", count: many), "no rows")
    refuse(String(repeating: "\r\n", count: many), "line \(many + 1): found no rows")
    refuse(String(repeating: ",", count: many), "no rows")
    refuse("1\n" + String(repeating: ",", count: many), "line 2, column 1")
    refuse("1\n" + String(repeating: "1", count: many), "line 2, column 1")
    refuse("1\n\"" + String(repeating: "\n", count: many), "never closed")
    refuse("1\n\"" + String(repeating: "\"\"", count: many) + "\"", "line 2, column 1")
    refuse("#" + String(repeating: " ", count: many), "no rows")
    // Room for as many values as this seems to promise, 10¹² of them, is nowhere.
    let wide = String(repeating: "1,", count: 1_000_000) + "1\n"
    refuse(wide + String(repeating: "2\n", count: 1_000_000), "found 1 fields, expected 1000001")
    let names = (0..<1_000_000).map { "c\($0)" }.joined(separator: ",")
    refuse(names, "no rows")
  }

  @Test("An index with many extents of one is converted as fast as without")
  func unitExtents() throws {
    let shape = "(200000, " + String(repeating: "1, ", count: 62) + "2)"
    let header = "{'descr': '|u1', 'fortran_order': True, 'shape': \(shape), }\n"
    let bytes =
      Data([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0]) + header.utf8
      + (0..<400_000).map { UInt8($0 / 200_000) }
    let tensor = try readNpy(bytes: bytes, path: "f")
    #expect(tensor.bytes.elementsEqual((0..<400_000).map { UInt8($0 % 2) }))
  }

  @Test("Files that take more memory than there is, though little on the disk")
  func holes() throws {
    func refuse(_ path: String, _ read: (String) throws -> Void) {
      #expect {
        try read(path)
      } throws: { error in
        (error as? FormatError)?.kind == .invalidData && "\(error)".contains("bytes of memory")
      }
    }
    try withTemporaryDirectory { folder in
      let tebibyte = 1 << 40
      func file(_ name: String, _ start: some Sequence<UInt8>, then count: Int) throws -> String {
        let path = "\(folder)/\(name)"
        let start = Data(start)
        try start.write(to: URL(filePath: path))
        try #require(unsafe truncate(path, off_t(start.count + count)) == 0)
        return path
      }
      refuse(try file("csv", "1\n".utf8, then: tebibyte)) { _ = try readCSV($0) }
      refuse(try file("idx", [0, 0, 0x0C, 2, 0, 4, 0, 0, 0, 16, 0, 0], then: tebibyte)) {
        _ = try readIDX($0)
      }
      refuse(try file("cifar10", [], then: 3073 << 28)) { _ = try readCIFAR10($0) }
      let extents = "'shape': (524288, 524288), }"
      let npy = "{'descr': '>f4', 'fortran_order': False, \(extents)"
      refuse(
        try file(
          "npy", [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(npy.utf8.count), 0] + npy.utf8,
          then: tebibyte)
      ) { _ = try readNpy($0) }
      let header =
        "{\"x\":{\"dtype\":\"I32\",\"shape\":[524288,524288],\"data_offsets\":[0,\(tebibyte)]}}"
      let path = try file("safetensors", safetensors(header.utf8), then: tebibyte)
      refuse(path) { _ = try SafetensorsFile($0).tensor("x").matrix(of: Float.self) }
      refuse(path) { _ = try SafetensorsFile($0).tensor("x").integers() }
    }
  }

  static let pathReaders: [@Sendable (String) throws -> Void] = [
    { _ = try readFile($0) }, { _ = try SafetensorsFile($0) }, { _ = try NpzFile($0) },
    { _ = try readNpy($0) }, { _ = try readIDX($0) }, { _ = try readCIFAR10($0) },
    { _ = try readCSV($0) },
  ]

  @Test("Directories, pipes, devices and loops of links are refused without waiting")
  func specialFiles() throws {
    try withTemporaryDirectory { folder in
      let pipe = folder + "/pipe"
      try #require(unsafe mkfifo(pipe, 0o600) == 0)
      try #require(unsafe symlink("loop", folder + "/loop") == 0)
      try #require(unsafe symlink("/dev/zero", folder + "/zero") == 0)
      for path in [folder, pipe, folder + "/loop", "/dev/null", folder + "/zero"] {
        for read in Self.pathReaders {
          #expect {
            try read(path)
          } throws: { error in
            let error = error as? FormatError
            return error?.kind == .cannotRead && error?.path == path
          }
        }
      }
      try Data("1,2\n".utf8).write(to: URL(filePath: folder + "/file"))
      try #require(unsafe symlink("file", folder + "/link") == 0)
      #expect(try readCSV(folder + "/link").values.columns == 2)
    }
  }

  @Test(
    "A file that ends before its length",
    .enabled(if: FileManager.default.fileExists(atPath: longFile), "needs Linux with /sys"))
  func shortened() throws {
    for read in Self.pathReaders {
      #expect {
        try read(longFile)
      } throws: { error in
        let error = error as? FormatError
        return error?.kind == .invalidData && error?.found == "the end of the file"
          && error?.expected?.contains("4096") == true
      }
    }
  }
}

/// The kernel says 4096 bytes and gives fewer: what a file does that shrinks while it is read.
private let longFile = "/sys/devices/system/cpu/online"
