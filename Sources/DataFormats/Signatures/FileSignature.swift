package import Foundation

/// What a file is that is not what a reader wants, told by its bytes, never by its name.
package struct FileSignature: Equatable, Sendable {
  /// `a Python pickle`
  package let what: String
  /// The line that helps; goes where messages say what is expected.
  package let advice: String

  private init(_ what: String, _ advice: String) { (self.what, self.advice) = (what, advice) }

  /// `nil` for bytes that are no known kind, and for empty files.
  package init?(of bytes: Data) {
    let start = [UInt8](bytes.prefix(512))
    guard
      let found = FileSignature.binary(start, bytes) ?? FileSignature.zip(start, bytes)
        ?? FileSignature.text(start, bytes)
    else { return nil }
    self = found
  }

  /// The error of a reader that found something else in place of `wanted`.
  static func error(for bytes: Data, path: String, wanted: String) -> FormatError? {
    FileSignature(of: bytes).map {
      FormatError(path: path, place: nil, found: $0.what, expected: "\(wanted): \($0.advice)")
    }
  }
}

extension FileSignature {
  private static let torch =
    "safetensors.torch.save_file(model.state_dict(), \"model.safetensors\"), after "
    + "model.load_state_dict(torch.load(FILE, map_location=\"cpu\"))"

  static let gitLFS = FileSignature(
    "a Git LFS pointer, not the file itself", "git lfs pull, in its repository, fetches the file")
  static let html = FileSignature(
    "an HTML or XML page, probably that of an error or a login",
    "download the file again, by the address of its raw content")
  static let gzip = FileSignature(
    "a gzip file", "gunzip unpacks it (with --stdout, under any name)")
  static let compressed = FileSignature(
    "a compressed file", "unpack it first (bunzip2, unxz or unzstd)")
  static let tar = FileSignature("a tar archive", "tar -xf unpacks it")
  static let pickle = FileSignature(
    "a Python pickle",
    "safetensors.torch.save_file(model.state_dict(), \"model.safetensors\"); for arrays "
      + "numpy.savez(\"FILE.npz\", **arrays)")
  static let legacyTorch = FileSignature("a PyTorch file of the old format, a pickle", torch)
  static let torchZip = FileSignature(
    "a zip file as torch.save writes it (.pt, .pth, .ckpt)", torch)
  static let keras = FileSignature(
    "a Keras model (.keras)",
    "numpy.savez(\"model.npz\", **{v.path: v.numpy() for v in "
      + "keras.models.load_model(FILE).weights})")
  static let hdf5 = FileSignature(
    "an HDF5 file, as Keras writes it (.h5)",
    "numpy.savez(\"model.npz\", **{v.path: v.numpy() for v in "
      + "keras.models.load_model(FILE).weights}), v.name before Keras 3; for data "
      + "numpy.savez(\"data.npz\", x=x, y=y)")
  static let npz = FileSignature("a NumPy archive", "a NumPy archive is to be named .npz")
  static let npy = FileSignature("a single NumPy array", "named arrays: numpy.savez")
  static let safetensors = FileSignature(
    "safetensors", "a safetensors file is to be named .safetensors")
  static let excel = FileSignature(
    "an Office document (.xlsx)", "pandas.read_excel(FILE).to_csv(\"data.csv\", index=False)")
  static let otherZip = FileSignature("a zip file", "unzip unpacks it")
  static let parquet = FileSignature(
    "a Parquet file", "pandas.read_parquet(FILE).to_csv(\"data.csv\", index=False)")
  static let onnx = FileSignature(
    "an ONNX model",
    "safetensors.numpy.save_file({t.name: onnx.numpy_helper.to_array(t).copy() for t in "
      + "onnx.load(FILE).graph.initializer}, \"model.safetensors\")")
  static let gguf = FileSignature(
    "a GGUF file", "the safetensors that it was converted from; its weights are quantised")
  static let messagePack = FileSignature(
    "MessagePack, as flax.serialization writes it",
    "numpy.savez(\"model.npz\", **flax.traverse_util.flatten_dict("
      + "flax.serialization.msgpack_restore(open(FILE, \"rb\").read()), sep=\"/\"))")
  static let tensorFlow = FileSignature(
    "a TensorFlow SavedModel or checkpoint",
    "numpy.savez(\"model.npz\", **{v.name: v.numpy() for v in model.variables})")
  static let json = FileSignature(
    "JSON text",
    "numpy.savez(\"FILE.npz\", **{k: numpy.array(v) for k, v in json.load(open(FILE)).items()}); "
      + "an index of shards is to be named .index.json")
}

extension FileSignature {
  private static func binary(_ start: [UInt8], _ bytes: Data) -> FileSignature? {
    // First, because the length in front of a safetensors header may look like anything.
    if start.count > 8, start[8] == UInt8(ascii: "{"), start[4..<8].allSatisfy({ $0 == 0 }) {
      return safetensors
    }
    let magic: [([UInt8], FileSignature)] = [
      ([0x1F, 0x8B], gzip), (Array("BZh".utf8), compressed),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], compressed), ([0x28, 0xB5, 0x2F, 0xFD], compressed),
      ([0x89] + Array("HDF".utf8), hdf5), ([0x93] + Array("NUMPY".utf8), npy),
      (Array("GGUF".utf8), gguf), (Array("PAR1".utf8), parquet),
    ]
    if let found = magic.first(where: { start.starts(with: $0.0) }) { return found.1 }
    if start.count > 262, start[257..<262].elementsEqual("ustar".utf8) {
      // torch.save before 0.1.10 wrote a tar of pickles.
      let name = String(decoding: start.prefix { $0 != 0 }, as: UTF8.self)
      return ["sys_info", "pickle", "storages", "tensors"].contains(name) ? legacyTorch : tar
    }
    guard start.count >= 4 else { return nil }
    if start[0] == 0x80, (2...5).contains(start[1]) {
      // The magic number of torch.save, 0x1950a86a20f9469cfc6c, as a long integer.
      return start.dropFirst(2).starts(with: [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20])
        ? legacyTorch : pickle
    }
    if start.starts(with: [0x08, 0x01, 0x12]) || isTableFile(bytes) { return tensorFlow }
    // ONNX is a protobuf: its version, then one of the fields 2 to 8.
    if start[0] == 0x08, (1...40).contains(start[1]),
      [0x12, 0x1A, 0x22, 0x28, 0x32, 0x3A, 0x42].contains(start[2])
    {
      return onnx
    }
    return isMessagePack(start) ? messagePack : nil
  }

  /// A map whose first key is a text: of fixed or 16-bit size, and printable.
  private static func isMessagePack(_ start: [UInt8]) -> Bool {
    let map = (0x81...0x8F).contains(start[0]) ? 1 : start[0] == 0xDE ? 3 : start[0] == 0xDF ? 5 : 0
    guard map > 0, start.count > map + 1 else { return false }
    var (length, begin) = (0, map + 1)
    switch start[map] {
    case 0xA1...0xBF: length = Int(start[map] & 0x1F)
    case 0xD9: (length, begin) = (Int(start[map + 1]), map + 2)
    default: return false
    }
    let text = start.dropFirst(begin).prefix(length)
    return length > 0 && text.count == length && text.allSatisfy { (0x20..<0x7F).contains($0) }
  }

  /// The tables of LevelDB, which are the index files of TensorFlow's checkpoints, end so.
  private static func isTableFile(_ bytes: Data) -> Bool {
    bytes.count >= 48
      && bytes.suffix(8).elementsEqual([0x57, 0xFB, 0x80, 0x8B, 0x24, 0x75, 0x47, 0xDB])
  }

  private static func zip(_ start: [UInt8], _ bytes: Data) -> FileSignature? {
    guard start.starts(with: [0x50, 0x4B, 3, 4]) || start.starts(with: [0x50, 0x4B, 5, 6]) else {
      return nil
    }
    var names = (try? ZipArchive(bytes, path: "", limit: .max))?.members.map(\.name) ?? []
    if names.isEmpty, start.count > 30 {
      // A damaged archive: the name of its first member.
      let length = Int(start[26]) | Int(start[27]) << 8
      names = [String(decoding: start.dropFirst(30).prefix(length), as: UTF8.self)]
    }
    func has(_ test: (String) -> Bool) -> Bool { names.contains(where: test) }
    if has({ $0 == "data.pkl" || $0.hasSuffix("/data.pkl") }) { return torchZip }
    if has({ $0 == "model.weights.h5" }) { return keras }
    if has({ $0.hasSuffix(".npy") }) { return npz }
    return has { $0 == "[Content_Types].xml" } ? excel : otherZip
  }

  private static func text(_ start: [UInt8], _ bytes: Data) -> FileSignature? {
    let hasMark = start.starts(with: [0xEF, 0xBB, 0xBF])
    let rest = start.dropFirst(hasMark ? 3 : 0).drop(while: isSpace)
    let words = String(decoding: rest.prefix(64), as: UTF8.self).lowercased()
    if words.hasPrefix("version https://git-lfs.github.com/spec/")
      || words.hasPrefix("version https://hawser.github.com/spec/")
    {
      return gitLFS
    }
    if ["<!doctype", "<html", "<head", "<body", "<?xml", "<!--"].contains(where: words.hasPrefix) {
      return html
    }
    if isTextPickle(start, bytes) { return pickle }
    guard let first = rest.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else {
      return nil
    }
    let second = rest.dropFirst().first { !isSpace($0) } ?? 0
    return (first == UInt8(ascii: "{") ? "\"}" : "[{\"]-0123456789").utf8.contains(second)
      ? json : nil
  }

  /// Pickles of the protocols 0 and 1 have no mark in front, but end with a full stop, and begin
  /// with one of a few objects.
  private static func isTextPickle(_ start: [UInt8], _ bytes: Data) -> Bool {
    guard bytes.last == UInt8(ascii: ".") else { return false }
    let containers: [[UInt8]] = [
      "(dp", "(lp", "(tp", "(d.", "(l.", "}q", "]q", "(dq", "(lq", "}.", "].", "(c", "(i",
    ].map { Array($0.utf8) }
    if containers.contains(where: start.starts) { return true }
    // A global: c, module, line end, name, line end.
    let lines = start.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard lines.count > 2, lines[0].first == UInt8(ascii: "c"), lines[0].count > 1 else {
      return false
    }
    func isName(_ name: ArraySlice<UInt8>) -> Bool {
      !name.isEmpty
        && name.allSatisfy {
          isDigit($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".")
            || (0x41...0x5A).contains($0 & 0xDF)
        }
    }
    guard let next = lines[2].first else { return false }
    return isName(lines[0].dropFirst()) && isName(lines[1]) && "pq()".utf8.contains(next)
  }
}
