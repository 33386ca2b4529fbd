internal import DataFormats
internal import Foundation

/// A model in several safetensors files, as `save_pretrained` cuts large ones, and the index that
/// says which tensor is where: `{"weight_map": {"fc1.weight": "model-00001-of-00002.safetensors"}}`.
///
/// Shards lie beside the index. Index and shards must agree: no tensor of the index is missing from
/// its shard, and no shard holds a tensor that the index does not place there.
struct ShardIndex: Sendable {
  let path: String
  /// By name, in the order of the names.
  let shards: [(name: String, file: SafetensorsFile)]
  /// Which of the shards each tensor is in.
  let places: [String: Int]
  /// The texts of all shards.
  let metadata: [String: String]

  private static let maximumLength = 100_000_000
  private static let maximumShards = 4096

  private struct Content: Decodable {
    var weight_map: [String: String]
  }

  /// - Throws: `FormatError`: no index, a shard that is missing, elsewhere, or not what the index says.
  init(_ path: String) throws {
    self.path = path
    let map = try ShardIndex.map(path)
    let names = Set(map.values).sorted()
    guard names.count <= ShardIndex.maximumShards else {
      throw FormatError(
        path: path, place: "weight_map", found: "\(names.count) files",
        expected: "at most \(ShardIndex.maximumShards)")
    }
    shards = try names.map { ($0, try ShardIndex.open($0, of: path)) }
    let positions = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    places = map.mapValues { positions[$0]! }
    var texts: [String: String] = [:]
    for (index, (name, file)) in shards.enumerated() {
      for tensor in file.names where places[tensor] != index {
        throw FormatError(
          path: file.path, place: "key \(quoted(tensor))", found: "a tensor in \(name)",
          expected: places[tensor].map { "it in \(names[$0])" }
            ?? "none that \(path) does not name")
      }
      for (key, text) in file.metadata {
        guard texts.updateValue(text, forKey: key) ?? text == text else {
          throw FormatError(
            path: file.path, place: "metadata key \(quoted(key))", found: "another text",
            expected: "that of the other shards")
        }
      }
    }
    for (tensor, index) in places where shards[index].file.info(tensor) == nil {
      throw FormatError(
        path: path, place: "key \(quoted(tensor))",
        found: "no such tensor in \(names[index])", expected: "it there")
    }
    metadata = texts
  }

  private static func map(_ path: String) throws -> [String: String] {
    let bytes = try fileContents(path).bytes
    guard bytes.count <= maximumLength else {
      throw FormatError(
        path: path, found: "\(bytes.count) bytes", expected: "an index of at most \(maximumLength)")
    }
    let content: Content
    do { content = try decodeUntrusted(from: bytes, path: path) } catch is DecodingError {
      let known = FileSignature(of: bytes)
      throw FormatError(
        path: path, found: known?.what ?? "no JSON object",
        expected: "an index of shards ({\"weight_map\": {\"fc1.weight\": "
          + "\"model-00001-of-00002.safetensors\", …}}), or: "
          + (known?.advice ?? "a model in safetensors"))
    }
    guard !content.weight_map.isEmpty else {
      throw FormatError(path: path, place: "weight_map", found: "nothing", expected: "tensors")
    }
    for (tensor, name) in content.weight_map {
      let isPlain =
        name.utf8.count <= 255 && name != "." && name != ".." && !name.isEmpty
        && name.unicodeScalars.allSatisfy {
          $0.isASCII && $0 != "/" && $0 != "\\" && $0.value >= 0x20 && $0.value != 0x7F
        }
      guard isPlain, name.hasSuffix(".safetensors") else {
        throw FormatError(
          path: path, place: "weight_map, key \(quoted(tensor))", found: quoted(name),
          expected: "the name of a safetensors file beside the index, without a directory")
      }
    }
    return content.weight_map
  }

  private static func open(_ name: String, of index: String) throws -> SafetensorsFile {
    let path = sibling(name, of: index)
    do {
      let file = try SafetensorsFile(path)
      try requireBeside(path, index: index)
      return file
    } catch let error as FormatError where error.kind == .noSuchFile {
      throw FormatError(
        .noSuchFile, path: index, place: "shard \(quoted(name))", found: "no such file",
        expected: "it beside the index")
    }
  }

  /// The file of that name beside another.
  static func sibling(_ name: String, of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return name }
    return path[...slash] + name
  }

  /// A link must not lead elsewhere, unless the index is a link to the same place, as the files of
  /// a download cache are.
  private static func requireBeside(_ path: String, index: String) throws {
    func home(_ path: String, followsLink: Bool) -> String {
      let url = URL(filePath: path)
      return
        (followsLink
        ? url.resolvingSymlinksInPath().deletingLastPathComponent()
        : url.deletingLastPathComponent().resolvingSymlinksInPath())
        .standardizedFileURL.path(percentEncoded: false)
    }
    let found = home(path, followsLink: true)
    guard found == home(index, followsLink: false) || found == home(index, followsLink: true) else {
      throw FormatError(
        path: path, found: "a link to another directory", expected: "a file beside \(index)")
    }
  }
}

extension ShardIndex {
  /// - Throws: `FormatError` if the name says that the file is one of several.
  static func requireWhole(_ path: String) throws {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard let match = name.firstMatch(of: /^(.*)-0*([0-9]+)-of-0*([0-9]+)(\.[A-Za-z]+)$/),
      let count = Int(match.3), count > 1, isFile(path)
    else { return }
    let index = "\(match.1)\(match.4).index.json"
    throw FormatError(
      path: path, found: "shard \(match.2) of \(count) of a model",
      expected: "its index, \(sibling(index, of: path))"
        + (isFile(sibling(index, of: path)) ? "" : " (which is not there)")
        + ", or the whole model in one file")
  }

  private static func isFile(_ path: String) -> Bool {
    var isDirectory: ObjCBool = false
    return unsafe FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
      && !isDirectory.boolValue
  }
}
