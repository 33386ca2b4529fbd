import DataFormats
import Foundation
import Testing

/// What files are that are not what a reader wants.
@Suite("What a file is, by its first bytes") struct FileSignatureTests {
  private static func ascii(_ text: String) -> Data { Data(text.utf8) }

  private static let kinds: [(Data, what: String, advice: String)] = [
    (
      ascii("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n"), "Git LFS",
      "git lfs pull"
    ),
    (ascii("version https://git-lfs.github.com/spec/v1\r\noid"), "Git LFS", "git lfs pull"),
    (ascii("<!DOCTYPE html>\n<html>"), "HTML", "download"),
    (ascii("\u{FEFF}\n  <HTML lang=en>"), "HTML", "download"),
    (ascii("<?xml version=\"1.0\"?><Error><Code>AccessDenied"), "HTML or XML", "download"),
    (Data([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3]), "gzip", "gunzip"),
    (Data([0x28, 0xB5, 0x2F, 0xFD, 0, 0, 0, 0, 0]), "compressed", "unzstd"),
    (Data([0x80, 2]) + ascii("}q\0."), "pickle", "save_file"),
    (Data([0x80, 3]) + ascii("}q\0."), "pickle", "save_file"),
    (Data([0x80, 4, 0x95, 0x52, 1, 0, 0, 0, 0, 0, 0]) + ascii("}."), "pickle", "save_file"),
    (Data([0x80, 5, 0x95, 0x3D, 1, 0, 0, 0, 0, 0, 0]) + ascii("}."), "pickle", "save_file"),
    (ascii("(dp0\nVw\np1\nI1\ns."), "pickle", "save_file"),
    (ascii("ccollections\nOrderedDict\np0\n(tRp1\n."), "pickle", "save_file"),
    (ascii("cnumpy._core.multiarray\n_reconstruct\np0\n(."), "pickle", "save_file"),
    (ascii("}q\0(X\u{1}\0\0\0wq\u{1}K\u{1}u."), "pickle", "save_file"),
    (
      Data([
        0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
      ]), "old format", "load_state_dict"
    ),
    (Data([0x89]) + ascii("HDF\r\n\u{1A}\n\0\0\0\0"), "HDF5", "v.path"),
    (Data([0x93]) + ascii("NUMPY\u{1}\0v\0"), "single NumPy array", "numpy.savez"),
    (ascii("GGUF\u{3}\0\0\0\0\0\0\0"), "GGUF", "quantised"),
    (Data([8, 8, 0x12, 7]) + ascii("pytorch"), "ONNX", "graph.initializer"),
    (Data([8, 7, 0x3A, 0x85, 2]) + ascii("graph"), "ONNX", "graph.initializer"),
    (Data([8, 1, 0x12, 0x90, 3]) + ascii("saved"), "SavedModel", "variables"),
    (
      Data(count: 60) + [0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB], "checkpoint", "variables"
    ),
    (Data([0x81, 0xA6]) + ascii("params") + [0x82], "MessagePack", "msgpack_restore"),
    (Data([0xDE, 0, 20, 0xA6]) + ascii("params"), "MessagePack", "msgpack_restore"),
    (ascii("{\"fc1.weight\": [[1, 2]]}"), "JSON", "json.load"),
    (ascii("[[1, 2], [3, 4]]"), "JSON", "json.load"),
    (ascii("PAR1\u{15}\u{4}\u{15}\0"), "Parquet", "read_parquet"),
    (Data(ascii("pickle") + Data(count: 251) + ascii("ustar\0")), "old format", "torch.load"),
    (Data(ascii("w.bin") + Data(count: 252) + ascii("ustar\0")), "tar archive", "tar -xf"),
  ]

  @Test("every kind is named, with the line that helps, by the readers of tensors and of tables")
  func kinds() throws {
    for (bytes, what, advice) in Self.kinds {
      expectRefusal(bytes, "f: found", what, advice) { try SafetensorsFile(bytes: $0, path: "f") }
      expectRefusal(bytes, "f: found", what, advice) { try NpzFile(bytes: $0, path: "f") }
      if what != "single NumPy array" {
        expectRefusal(bytes, "f: found", what, advice) { try readNpy(bytes: $0, path: "f") }
      }
      // Tables may be compressed.
      if what != "gzip" {
        expectRefusal(bytes, "f: found", what, advice) { try readCSV(bytes: $0, path: "f") }
      }
    }
  }

  @Test("archives are told by the names of their members")
  func archives() throws {
    for (member, what) in [
      ("archive/data.pkl", "torch.save"), ("model.weights.h5", "Keras"),
      ("[Content_Types].xml", "Office"), ("readme.txt", "a zip file"),
    ] {
      // A local header is all that is left of many downloads.
      let name = Data(member.utf8)
      let bytes =
        Data([0x50, 0x4B, 3, 4]) + Data(count: 22) + [UInt8(name.count), 0, 0, 0] + name
        + Data(count: 40)
      expectRefusal(bytes, what) { try SafetensorsFile(bytes: $0, path: "f") }
      if what != "a zip file" { expectRefusal(bytes, what) { try NpzFile(bytes: $0, path: "f") } }
    }
    try withTemporaryDirectory { directory in
      let path = directory + "/a.npz"
      try writeNpz([("x", Tensor([1.0]))], to: path)
      let bytes = try Data(contentsOf: URL(filePath: path))
      expectRefusal(bytes, "NumPy archive", "named .npz") {
        try SafetensorsFile(bytes: $0, path: "f")
      }
      try writeSafetensors([("x", Tensor([1.0]))], to: path)
      expectRefusal(try Data(contentsOf: URL(filePath: path)), "named .safetensors") {
        try NpzFile(bytes: $0, path: "f")
      }
    }
  }

  @Test("what is right is never taken for something else")
  func right() throws {
    // A header of 0x0280 bytes begins as a pickle does, one of 0x8b1f as gzip does.
    for length in [0x280, 0x480, 0x8B1F, 0x8108, 0x2D12] {
      let tensor = "{\"x\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}"
      let header = tensor + String(repeating: " ", count: length - tensor.utf8.count - 1) + "}"
      let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> ($0 * 8)) }
      let bytes = Data(prefix) + Data(header.utf8) + [7]
      #expect(try SafetensorsFile(bytes: bytes, path: "f").names == ["x"])
      // Damage is told as such.
      expectRefusal(bytes.dropLast(), "data offsets") { try SafetensorsFile(bytes: $0, path: "f") }
    }
    for text in ["class,x\n1,2\n", "count\nx\n1", "(d),x\n1,2\n", "version,x\n1,2\n", "c\nx\n1."] {
      do { _ = try readCSV(bytes: Data(text.utf8), path: "f") } catch {
        #expect(!"\(error)".contains("pickle"), "\(error)")
      }
    }
  }

  @Test("tensors of types that are not read are listed, and tell what to do when they are needed")
  func unread() throws {
    let header =
      "{\"a\":{\"dtype\":\"F8_E4M3\",\"shape\":[2],\"data_offsets\":[0,2]},"
      + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[2,6]},"
      + "\"c\":{\"dtype\":\"C64\",\"shape\":[1],\"data_offsets\":[6,14]}}"
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> ($0 * 8)) }
    let bytes = Data(length) + Data(header.utf8) + Data(count: 14)
    let file = try SafetensorsFile(bytes: bytes, path: "f")
    #expect(file.names == ["a", "b", "c"])
    #expect(file["a"] == nil && file["b"]?.values(as: Float.self) == [0])
    #expect(file.info("a")?.type == "F8_E4M3" && file.info("a")?.dtype == nil)
    #expect(file.bytes("c")?.count == 8)
    expectRefusal(bytes, "key \"a\"", "F8_E4M3", "float32") {
      try SafetensorsFile(bytes: $0, path: "f").tensor("a")
    }
    expectRefusal(bytes, "key \"c\"", "C64", "complex") {
      try SafetensorsFile(bytes: $0, path: "f").tensor("c")
    }
    // They take part in the tiling like any other.
    expectRefusal(bytes + [0], "15 bytes of data") { try SafetensorsFile(bytes: $0, path: "f") }
  }

  @Test("arrays of objects, texts and bfloat16 are refused with what to save instead")
  func arrays() {
    for (type, words) in [
      ("'|O'", "y.astype(int)"), ("'<U3'", "texts"), ("'<V2'", "bfloat16"), ("'|V1'", "8 bits"),
      ("'<c16'", "complex"), ("[('a', '<f4'), ('b', [('c', '|O')])]", "several fields"),
      ("'<M8[ns]'", "dates"), ("'<f16'", "not read"),
    ] {
      let text = "{'descr': \(type), 'fortran_order': False, 'shape': (3,), }\n"
      let bytes =
        Data([0x93]) + Data("NUMPY\u{1}\0".utf8) + [UInt8(text.utf8.count), 0]
        + Data(text.utf8) + Data(count: 48)
      expectRefusal(bytes, words) { try readNpy(bytes: $0, path: "f.npy") }
    }
  }
}
