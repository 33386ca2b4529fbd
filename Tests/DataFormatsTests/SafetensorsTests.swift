import DataFormats
import Foundation
import Testing

@Suite("Safetensors")
struct SafetensorsTests {
  static let dtypes: [DType] = [
    .f64, .f32, .f16, .i64, .i32, .i16, .i8, .u64, .u32, .u16, .u8, .bool,
  ]

  func file(_ header: String, data: Int = 0) -> Data {
    let bytes = Array(header.utf8)
    let length = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> ($0 * 8)) }
    return Data(length + bytes + [UInt8](repeating: 0, count: data))
  }

  func read(_ bytes: Data) throws -> SafetensorsFile {
    try SafetensorsFile(bytes: bytes, path: "m.safetensors")
  }

  @Test("Reads what the reference implementation wrote")
  func golden() throws {
    let file = try SafetensorsFile(fixture("all.safetensors"))
    #expect(file.metadata == ["format": "np \"quoted\" é \n"])
    for (n, dtype) in Self.dtypes.enumerated() {
      let tensor = try file.tensor("layers.\(n).weight")
      #expect(tensor.dtype == dtype && tensor.shape == [3, 4, 2])
      #expect(tensor.values(as: Double.self) == ramp(dtype, count: 24))
    }
    #expect(try file.tensor("scalar").values(as: Double.self) == [2.5])
    #expect(try file.tensor("empty").shape == [0, 5])
    #expect(file.names.first == "layers.7.weight")
    let natural = ["empty"] + (0..<12).map { "layers.\($0).weight" } + ["scalar"]
    #expect(file.namesInNaturalOrder == natural)
    #expect(file["absent"] == nil)
    #expect(throws: FormatError.self) { try file.tensor("absent") }
  }

  @Test("Writes the bytes of the reference implementation")
  func bytes() throws {
    let path = fixture("all.safetensors")
    let file = try SafetensorsFile(path)
    try withTemporaryDirectory { directory in
      let copy = directory + "/copy.safetensors"
      try writeSafetensors(
        file.names.map { ($0, file[$0]!) }, metadata: file.metadata, to: copy)
      #expect(try readFile(copy) == readFile(path))
    }
  }

  @Test("Round trip of odd names, empty tensors and no tensors")
  func roundTrip() throws {
    try withTemporaryDirectory { directory in
      let path = directory + "/a.safetensors"
      let names = ["", "a/b", "ü\u{0}\u{1F}\"\\\u{2028}", "𝒢", "a.b.10", "a.b.9"]
      let tensors = names.enumerated().map { i, name in
        (name, i % 2 == 0 ? Tensor([Float](repeating: 1, count: i)) : Tensor([UInt8(i)]))
      }
      let metadata = ["z": "1", "a": "\r\n\t\u{8}\u{C}", "é": ""]
      try writeSafetensors(tensors, metadata: metadata, to: path)
      let first = try Data(readFile(path))
      #expect((first[0] &+ 8) % 8 == 0)
      let back = try SafetensorsFile(path)
      #expect(back.metadata == metadata)
      for (name, tensor) in tensors { #expect(back[name] == tensor) }
      try writeSafetensors(tensors, metadata: metadata, to: path)
      #expect(try readFile(path) == first)
      try writeSafetensors([], to: path)
      #expect(try SafetensorsFile(path).names == [])
      // The mapped view outlives the file that was replaced.
      #expect(back["a/b"] == tensors[1].1)
      #expect(throws: FormatError.self) {
        try writeSafetensors([tensors[0], tensors[0]], to: path)
      }
      #expect(throws: FormatError.self) {
        try writeSafetensors([("__metadata__", tensors[0].1)], to: path)
      }
    }
  }

  @Test("Escapes of JSON")
  func escapes() throws {
    let body =
      #"{"\u00e9\ud834\udd1e\/\b\f\n\r\t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#
    #expect(try read(file(body, data: 1)).names == ["é𝄞/\u{8}\u{C}\n\r\t"])
  }

  @Test("Refuses what breaks the format")
  func refusals() throws {
    func one(
      _ dtype: String = "\"F32\"", _ shape: String = "[2]", _ offsets: String = "[0,8]"
    ) -> String {
      "{\"x\":{\"dtype\":\(dtype),\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
    }
    func pair(_ first: String, _ second: String) -> String {
      "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":\(first)},"
        + "\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":\(second)}}"
    }
    #expect(try read(file(one() + "  \n", data: 8)).names == ["x"])
    #expect(try read(file(pair("[4,8]", "[0,4]"), data: 8)).names == ["a", "b"])
    let cases: [(String, Int, String)] = [
      ("", 0, "not a safetensors file"), (" {}", 0, "\"{\""), ("[]", 0, "\"{\""), ("{", 0, "\""),
      ("{}x", 0, "the end of the header"), ("{} {}", 0, "the end of the header"),
      ("{}", 1, "1 byte"),
      (one("1"), 8, "offset"), (one("null"), 8, "key \"x\""),
      (one("\"F32\"", "[-2]"), 8, "integer ≥ 0"), (one("\"F32\"", "[2.0]"), 8, "\"]\""),
      (one("\"F32\"", "[02]"), 8, "leading zero"), (one("\"F32\"", "[2e0]"), 8, "\"]\""),
      (one("\"F32\"", "[\(UInt64.max)]"), 8, "2⁶³"), (one("\"F32\"", "2"), 8, "\"[\""),
      (one("\"F32\"", "[4294967296,4294967296]"), 8, "fits memory"),
      (one("\"F32\"", "[9223372036854775807]"), 8, "fits memory"),
      (one("\"F32\"", "[4611686018427387904,0]", "[0,0]"), 0, "fits memory"),
      (one("\"F32\"", "[" + String(repeating: "1,", count: 64) + "2]"), 8, "64"),
      (one("\"F32\"", "[3]"), 8, "12 bytes"), (one("\"F32\"", "[2]", "[8,0]"), 8, "8 bytes"),
      (one("\"F32\"", "[2]", "[0]"), 8, "two"),
      (one("\"F32\"", "[2]", "[0,8,9]"), 8, "more than 2"),
      (one("\"F32\"", "[2]", "[4,12]"), 12, "begin 0"), (one(), 4, "at most 4"),
      (one(), 12, "12 bytes"), (one("\"F32\"", "[2]", "[0,9223372036854775807]"), 8, "8 bytes"),
      (pair("[0,4]", "[0,4]"), 4, "begin 4"), (pair("[0,4]", "[3,7]"), 7, "begin 4"),
      (pair("[0,4]", "[5,9]"), 9, "begin 4"),
      (pair("[0,4]", "[4,8]").replacing("\"b\"", with: "\"a\""), 8, "second time"),
      (pair("[0,4]", "[4,8]").replacing("\"b\"", with: "\"\\u0061\""), 8, "second time"),
      (one().replacing("\"shape\"", with: "\"dtype\""), 8, "\"dtype\" a second time"),
      (one().replacing("\"shape\"", with: "\"form\""), 8, "\"form\""),
      ("{\"x\":{\"shape\":[2],\"data_offsets\":[0,8]}}", 8, "no dtype"),
      ("{\"x\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}}", 8, "no shape"),
      ("{\"x\":{\"dtype\":\"F32\",\"shape\":[2]}}", 8, "0 data offsets"),
      ("{\"__metadata__\":{\"a\":1}}", 0, "__metadata__"), ("{\"__metadata__\":null}", 0, "\"{\""),
      ("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", 0, "second time"),
      ("{\"__metadata__\":{},\"__metadata__\":{}}", 0, "second time"),
      ("{\"a\n\":1}", 0, "escape"), ("{\"\\x\":1}", 0, "escape of JSON"),
      ("{\"\\ud800\":1}", 0, "surrogate"), ("{\"\\ud800\\u0041\":1}", 0, "surrogate"),
      ("{\"\\udc00\":1}", 0, "surrogate"), ("{\"\\u12\":1}", 0, "hexadecimal"),
      ("{\"\\u+123\":1}", 0, "hexadecimal"), ("{\"", 0, "the end"), ("{\"\\", 0, "the end"),
      ("{\"x\":" + String(repeating: "[", count: 100_000), 0, "\"{\""),
      ("{\"x\":" + String(repeating: "{\"a\":", count: 100_000), 0, "field"),
    ]
    for (header, data, words) in cases {
      expectRefusal(file(header, data: data), "m.safetensors: ", words, read: read)
    }
    let invalid = file("{\"x\":1}").map { $0 == UInt8(ascii: "x") ? 0xFF : $0 }
    expectRefusal(Data(invalid), "UTF-8", read: read)
    expectRefusal(Data(), "an empty file", "not a safetensors file", read: read)
    expectRefusal(Data([1, 2, 3]), "not a safetensors file", read: read)
    expectRefusal(
      Data([UInt8](repeating: 0xFF, count: 16)), "not a safetensors file", read: read)
    expectRefusal(Data([100, 0, 0, 0, 0, 0, 0, 0, 0x7B]), "at most 1", read: read)
  }
}
