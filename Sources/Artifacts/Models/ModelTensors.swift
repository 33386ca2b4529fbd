internal import DataFormats
internal import Foundation

/// The tensors and texts of a model file: safetensors, the index of safetensors shards, or, where
/// the name ends in `.npz`, a NumPy archive.
///
/// Tensors of safetensors files stay mapped until they are converted; arrays of an archive are
/// unpacked when they are asked for. An archive has its texts, if any, in the array
/// ``metadataKey``: the bytes of a JSON object of strings.
package struct ModelTensors: Sendable {
  private enum Source: Sendable {
    case safetensors(SafetensorsFile)
    case archive(NpzFile)
    case shards(ShardIndex)
  }

  package let path: String
  package let metadata: [String: String]
  /// Module by module in natural order.
  let names: [TensorName]
  /// The names in the order of an archive, which is that in which they were given; `nil` for
  /// safetensors, whose writers sort.
  let archiveOrder: [String]?
  /// Names that stand for other tensors of the file, which are stored once.
  let aliases: [String: String]
  private let source: Source

  /// Where archives keep their texts.
  package static let metadataKey = "__metadata__"

  /// - Throws: `FormatError`: no such file, not of the format that its name says, one shard of
  ///   several.
  package init(_ path: String) throws {
    self.path = path
    try ShardIndex.requireWhole(path)
    var names: [String]
    if ModelTensors.isArchive(path) {
      let file = try NpzFile(path)
      source = .archive(file)
      metadata = try ModelTensors.metadata(of: file)
      names = file.names.filter { $0 != ModelTensors.metadataKey }
      archiveOrder = names
    } else if ModelTensors.isIndex(path) {
      let index = try ShardIndex(path)
      source = .shards(index)
      metadata = index.metadata
      names = Array(index.places.keys)
      archiveOrder = nil
    } else {
      let file = try SafetensorsFile(path)
      source = .safetensors(file)
      metadata = file.metadata
      names = file.names
      archiveOrder = nil
    }
    aliases =
      archiveOrder == nil && !ModelTensors.isOwn(metadata)
      ? ModelTensors.aliases(in: metadata, of: Set(names)) : [:]
    names += aliases.keys
    self.names = ModelTensors.parse(names)
  }

  /// Whether a model of that name is a NumPy archive.
  package static func isArchive(_ path: String) -> Bool { path.hasSuffix(".npz") }

  /// Whether a model of that name is the index of shards.
  package static func isIndex(_ path: String) -> Bool { path.hasSuffix(".json") }

  /// The files of a model: its own, or the index and then the shards in the order of their names.
  package static func files(of path: String) throws -> [String] {
    guard isIndex(path) else { return [path] }
    return [path] + (try ShardIndex(path)).shards.map(\.file.path)
  }

  /// `safetensors` or `npz`
  package var format: String {
    if case .archive = source { "npz" } else { "safetensors" }
  }

  /// Whether Landbridge wrote the file, and its texts mean what Landbridge means by them. Those of
  /// others may have the same keys.
  package var isOwn: Bool { ModelTensors.isOwn(metadata) }

  static func isOwn(_ metadata: [String: String]) -> Bool {
    metadata["landbridge.version"] != nil
  }

  /// Whether this is a file of samples: arrays `x` and `y`, or `x_train` and so on.
  package var holdsSamples: Bool { SampleArrays(names.map(\.text)) != nil }

  /// Shape and type, under the name that was asked for.
  func info(_ name: TensorName) throws -> TensorInfo {
    let stored = aliases[name.text] ?? name.text
    var info =
      switch source {
      case .safetensors(let file): file.info(stored)!
      case .shards(let index): index.shards[index.places[stored]!].file.info(stored)!
      case .archive(let file): try file.info(stored)
      }
    info.name = name.text
    return info
  }

  /// The elements, under the name that was asked for.
  func tensor(_ name: String) throws -> Tensor {
    let stored = aliases[name] ?? name
    let tensor =
      switch source {
      case .safetensors(let file): try file.tensor(stored)
      case .shards(let index): try index.shards[index.places[stored]!].file.tensor(stored)
      case .archive(let file): try file.tensor(stored)
      }
    return tensor.named(name)
  }

  /// The bytes of a tensor, whatever its type.
  func bytes(_ name: String) throws -> Data {
    let stored = aliases[name] ?? name
    switch source {
    case .safetensors(let file): return file.bytes(stored)!
    case .shards(let index): return index.shards[index.places[stored]!].file.bytes(stored)!
    case .archive(let file): return try file.bytes(stored)
    }
  }

  /// Wrappers are passed over unless the file has the same module with and without.
  private static func parse(_ texts: [String]) -> [TensorName] {
    var names = texts.map { TensorName($0) }
    var seen: Set<[String]> = []
    if !names.allSatisfy({ seen.insert($0.module + [$0.leaf]).inserted }) {
      names = texts.map { TensorName($0, keepsWrappers: true) }
    }
    return names.sorted {
      $0.module == $1.module
        ? naturallyPrecedes($0.text, $1.text) : modulePrecedes($0.module, $1.module)
    }
  }

  /// What `save_model` of safetensors left out because it shares memory with another tensor: the
  /// metadata have the name of what is stored under the name of what is not.
  private static func aliases(
    in metadata: [String: String], of names: Set<String>
  ) -> [String: String] {
    var aliases: [String: String] = [:]
    for key in metadata.keys where !names.contains(key) {
      var (target, steps) = (metadata[key]!, 0)
      while !names.contains(target), let next = metadata[target], steps < 16 {
        (target, steps) = (next, steps + 1)
      }
      if names.contains(target) { aliases[key] = target }
    }
    return aliases
  }

  /// Names that the metadata say are stored under another name, which is not there.
  var lostAliases: [TensorName] {
    guard archiveOrder == nil, !isOwn else { return [] }
    let known = Set(names.map(\.text))
    // Other texts look different on both sides.
    func isTensor(_ text: String) -> Bool {
      text.contains(".") && ["weight", "kernel", "bias"].contains(TensorName(text).leaf)
    }
    return metadata.filter { !known.contains($0.key) && isTensor($0.key) && isTensor($0.value) }
      .keys.sorted().map { TensorName($0) }
  }

  private static func metadata(of file: NpzFile) throws -> [String: String] {
    guard file.names.contains(metadataKey) else { return [:] }
    let info = try file.info(metadataKey)
    guard info.dtype == .u8, info.shape.count == 1,
      let texts = try? decodeUntrusted(
        [String: String].self, from: file.tensor(metadataKey).bytes, path: file.path)
    else {
      throw FormatError(
        path: file.path, place: "array \(metadataKey)",
        found: "\(info.type) \(info.shape)",
        expected: "the bytes (uint8) of a JSON object of strings")
    }
    return texts
  }
}
