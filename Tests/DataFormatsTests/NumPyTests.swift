import DataFormats
import Foundation
import Testing

@Suite("npy and npz")
struct NumPyTests {
  static let dtypes: [(String, DType)] = [
    ("f8", .f64), ("f4", .f32), ("f2", .f16), ("i8", .i64), ("i4", .i32), ("i2", .i16),
    ("i1", .i8), ("u8", .u64), ("u4", .u32), ("u2", .u16), ("u1", .u8), ("b1", .bool),
  ]

  func npy(_ header: String, data: Int = 0, version: UInt8 = 1) -> Data {
    let text = Array(header.utf8)
    let length = (0..<(version == 1 ? 2 : 4)).map {
      UInt8(truncatingIfNeeded: text.count >> ($0 * 8))
    }
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8) + [version, 0]
    return Data(magic + length + text + [UInt8](repeating: 0, count: data))
  }

  func read(_ bytes: Data) throws -> Tensor { try readNpy(bytes: bytes, path: "x.npy") }

  func readAll(_ bytes: Data) throws {
    let file = try NpzFile(bytes: bytes, path: "x.npz", decompressionLimit: 1 << 20)
    for name in file.names { _ = try file.tensor(name).values(as: Float.self) }
  }

  @Test("Every type, byte order and element order that NumPy writes")
  func golden() throws {
    let file = try readNpz(fixture("deflated.npz"))
    for (code, dtype) in Self.dtypes {
      for order in ["little", "big"] {
        for layout in ["C", "F"] {
          let tensor = try file.tensor("\(code)_\(order)_\(layout)")
          #expect(tensor.dtype == dtype && tensor.shape == [3, 4, 2])
          #expect(tensor.values(as: Double.self) == ramp(dtype, count: 24), "\(tensor.name)")
        }
      }
    }
    #expect(file.names.count == 51)
    #expect(try file.tensor("scalar").shape == [])
    #expect(try file["none"] == nil)
    let stored = try readNpz(fixture("stored.npz"))
    #expect(stored.names == ["f4_little_C", "f4_big_F", "scalar", "empty"])
    #expect(try stored.tensor("f4_big_F") == stored.tensor("f4_little_C"))
    #expect(try stored.tensor("scalar").values(as: Double.self) == [2.5])
    #expect(try stored.tensor("empty").shape == [0, 5])
    #expect(throws: FormatError.self) { try stored.tensor("none") }
    let wide = try readNpz(fixture("zip64.npz"))
    #expect(try wide.tensor("vector").values(as: Double.self) == ramp(.f32, count: 7))
  }

  @Test("Versions 1, 2 and 3 of the header")
  func versions() throws {
    for (name, dtype) in [("v1", DType.f64), ("v2", .i32), ("v3", .u8)] {
      let tensor = try readNpy(fixture("\(name).npy"))
      #expect(tensor.shape == [2, 3] && tensor.dtype == dtype)
      #expect(tensor.values(as: Double.self) == ramp(dtype, count: 6))
    }
  }

  @Test("Writes the bytes that NumPy writes")
  func bytes() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/a.npy"
      let tensor = try readNpy(fixture("v1.npy"))
      try writeNpy(tensor, to: path)
      #expect(try readFile(path) == readFile(fixture("v1.npy")))
    }
  }

  @Test("Round trips, stored and deflated, with and without 64-bit fields")
  func roundTrip() throws {
    let nan = Tensor([Double(bitPattern: 0x7FF0_0000_0000_0001), -0.0, 1], name: "")
    let tensors: [(String, Tensor)] = [
      ("nan", nan), ("layers/10/ü", Tensor([1, 2, 3])), ("layers/9/ü", Tensor([UInt8](0..<200))),
      ("", Tensor([Float](), shape: [0, 3])), ("scalar", Tensor([7.0], shape: [])),
      ("long", Tensor([UInt8](repeating: 1, count: 1), shape: [Int](repeating: 1, count: 64))),
    ]
    try withTemporaryDirectory { directory in
      let path = directory + "/a.npz"
      for compressed in [false, true] {
        for threshold in [0xFFFF_FFFF, 0, 300] {
          try writeNpz(tensors, to: path, compressed: compressed, zip64Threshold: threshold)
          let file = try readNpz(path)
          #expect(file.names == tensors.map(\.0))
          for (name, tensor) in tensors { #expect(try file.tensor(name) == tensor) }
          let first = try Data(readFile(path))
          try writeNpz(tensors, to: path, compressed: compressed, zip64Threshold: threshold)
          #expect(try readFile(path) == first)
        }
      }
      let file = try readNpz(path)
      #expect(
        file.namesInNaturalOrder.filter { $0.hasPrefix("l") } == [
          "layers/9/ü", "layers/10/ü", "long",
        ])
      for (i, tensor) in tensors.map(\.1).enumerated() {
        try writeNpy(tensor, to: directory + "/\(i)")
        #expect(try readNpy(directory + "/\(i)") == tensor)
      }
      try writeNpz([], to: path)
      #expect(try readNpz(path).names == [])
      let brain = Tensor(shape: [1], dtype: .bf16, bytes: Data(count: 2))
      #expect(throws: FormatError.self) { try writeNpz([("a", brain)], to: path) }
      #expect(throws: FormatError.self) { try writeNpz([("a", nan), ("a", nan)], to: path) }
      #expect(try readNpz(path).names == [])
    }
  }

  @Test("npy files that are refused")
  func npyRefusals() throws {
    func header(_ descr: String = "'<f4'", _ order: String = "False", _ shape: String = "(2,)")
      -> String
    { "{'descr': \(descr), 'fortran_order': \(order), 'shape': \(shape), }" }
    #expect(try read(npy(header(), data: 8)).shape == [2])
    #expect(try read(npy(header("\"=f4\"", "True", "(2L,)") + "  \n", data: 8)).count == 2)
    #expect(try read(npy(header("'<f4'", "False", "(1, 2)"), data: 8, version: 3)).count == 2)
    let cases: [(Data, String)] = [
      (npy(header("'<c8'"), data: 8), "<c8"), (npy(header("'|O'"), data: 8), "|O"),
      (npy(header("'<V2'"), data: 8), "<V2"), (npy(header("'f4'"), data: 8), "type \"f4\""),
      (npy(header("'|f4'"), data: 8), "|f4"), (npy(header("''"), data: 8), "type \"\""),
      (npy(header("[('a', '<f4')]"), data: 8), "several fields"),
      (npy(header("'<f4'", "false"), data: 8), "True or False"),
      (npy(header("'<f4'", "False", "(3,)"), data: 8), "12 bytes"),
      (npy(header(), data: 9), "9 bytes"), (npy(header(), data: 7), "7 bytes"),
      (npy(header("'<f4'", "False", "(-2,)"), data: 8), "integer ≥ 0"),
      (npy(header("'<f4'", "False", "(2.0,)"), data: 8), "\")\""),
      (npy(header("'<f4'", "False", "[2]"), data: 8), "\"(\""),
      (npy(header("'<f4'", "False", "(4294967296, 4294967296)"), data: 8), "fits memory"),
      (npy(header("'<f4'", "False", "(4611686018427387904, 0)")), "fits memory"),
      (npy(header("'<f4'", "False", "(99999999999999999999,)"), data: 8), "2⁶³"),
      (npy(header("'<f4'", "True", "(" + String(repeating: "1,", count: 65) + ")"), data: 4), "64"),
      (npy(header() + "x", data: 8), "the end of the header"), (npy("", data: 8), "\"{\""),
      (npy("{}", data: 8), "lacks a key"), (npy("{'shape': (2,)}", data: 8), "lacks a key"),
      (npy("{'shape': (2,), 'shape': (2,)}", data: 8), "once"), (npy("{'x': 1}", data: 8), "once"),
      (npy("{'shape", data: 0), "closing quote"), (npy("{'shape': (", data: 0), "integer"),
      (npy("{'descr': ", data: 0), "a string"), (npy("{'fortran_order': ", data: 0), "True"),
      (npy(header(), data: 8, version: 4), "version 4.0"), (Data(), "empty file"),
      (Data("PK".utf8), "NUMPY"), (npy("", data: 0).dropLast(), "NUMPY"),
      (npy("").prefix(8) + [255, 255], "a header of 65535 bytes"),
      (npy("", version: 2).prefix(8) + [255, 255, 255, 255], "a header of 4294967295 bytes"),
      (npy("", version: 2).prefix(11), "a header of"),
    ]
    for (bytes, words) in cases { expectRefusal(bytes, "x.npy: ", words, read: read) }
  }

  @Test("Archives that are refused")
  func npzRefusals() throws {
    let stored = try Data(readFile(fixture("stored.npz")))
    let deflated = try Data(readFile(fixture("deflated.npz")))
    let directory = stored.firstRange(of: Data([0x50, 0x4B, 1, 2]))!.lowerBound
    let second = stored[(directory + 4)...].firstRange(of: Data([0x50, 0x4B, 1, 2]))!.lowerBound
    let end = stored.firstRange(of: Data([0x50, 0x4B, 5, 6]))!.lowerBound
    func with(_ offset: Int, _ bytes: UInt8..., in data: Data? = nil) -> Data {
      var data = data ?? stored
      data.replaceSubrange(offset..<offset + bytes.count, with: bytes)
      return data
    }
    let packedDirectory = deflated.firstRange(of: Data([0x50, 0x4B, 1, 2]))!.lowerBound
    let cases: [(Data, String)] = [
      (Data(), "no end of a zip archive"), (stored.dropLast(), "no end"), (stored + [0], "no end"),
      (with(0, 0), "no local header"), (with(30, 0x7A), "as in the directory"),
      (with(26, 255, 255), "header of"), (with(directory, 0), "no directory entry"),
      (with(directory + 8, 1), "encrypted"), (with(directory + 10, 9), "method 9"),
      (with(directory + 16, 1, 2, 3, 4), "checksum"), (with(directory + 20, 1), "stored bytes"),
      (with(directory + 24, 1), "stored bytes"), (with(directory + 28, 255, 255), "cut off"),
      (with(directory + 42, 0, 0, 0, 0x70), "no local header"),
      (with(directory + 20, 255, 255, 255, 255), "no zip64 field"),
      (with(second + 42, 0, 0, 0, 0), "overlapping"), (with(directory + 46, 0xFF), "UTF-8"),
      (with(end + 12, 255, 255), "a directory at"),
      (with(end + 16, 0, 0, 0, 0x70), "a directory at"),
      (with(end + 16, 255, 255, 255, 255), "no zip64 locator"),
      (with(second + 46, 0x66, 0x34, 0x5F, 0x6C), "as in the directory"),
      // The directory promises less, or more, than the stream holds.
      (with(packedDirectory + 24, 200, 0, in: deflated), "more than 200 bytes"),
      (with(packedDirectory + 24, 200, 5, in: deflated), "expected 1480 bytes"),
      (with(packedDirectory + 24, 255, 255, 255, 127, in: deflated), "more than 1048576"),
      (with(packedDirectory + 20, 20, in: deflated), "end of the file"),
    ]
    for (bytes, words) in cases { expectRefusal(bytes, "x.npz: ", words, read: readAll) }
    expectRefusal(deflated, "at most 100") {
      try NpzFile(bytes: $0, path: "x.npz", decompressionLimit: 100)
    }
    // Stored members cannot grow.
    #expect(try NpzFile(bytes: stored, path: "x.npz", decompressionLimit: 0).names.count == 4)
    // Two members of one name.
    let a = [("a", Tensor([1])), ("b", Tensor([2]))]
    try withTemporaryDirectory { folder in
      try writeNpz(a, to: folder + "/x")
      let bytes = try readFile(folder + "/x").map {
        $0 == UInt8(ascii: "b") ? UInt8(ascii: "a") : $0
      }
      expectRefusal(Data(bytes), "second time", read: readAll)
    }
  }
}
