public import Foundation

/// A safetensors file: named tensors and a dictionary of texts.
///
/// A large file is mapped; the header is read and checked at once, the elements of a tensor when they
/// are converted. All rules of the format are enforced: the offsets of the tensors must cover the
/// data section exactly, without gap or overlap, and agree with shape and type; keys are unique.
/// Tensors of types that are not read (`F8_E4M3`) are listed, and stand in nobody's way until they
/// are asked for.
///
/// - Note: The format: https://github.com/huggingface/safetensors#format
public struct SafetensorsFile: Sendable {
  /// The file, as the caller named it.
  public let path: String
  private let header: SafetensorsHeader
  private let elements: Data
  private let isMapped: Bool

  /// The longest header that is read, in bytes: that of the reference implementation.
  public static let maximumHeaderLength = 100_000_000

  /// Opens a file and checks its header.
  ///
  /// - Throws: `FormatError` naming the offset or the tensor that breaks the rules.
  /// - Complexity: O(length of the header).
  public init(_ path: String) throws {
    let contents = try fileContents(path)
    try self.init(bytes: contents.bytes, path: path, isMapped: contents.isMapped)
  }

  /// Reads a file that is in memory already; `path` is for messages only.
  public init(bytes: Data, path: String) throws {
    try self.init(bytes: bytes, path: path, isMapped: false)
  }

  private init(bytes: Data, path: String, isMapped: Bool) throws {
    func fail(_ place: String, _ found: String, _ expected: String) -> FormatError {
      FormatError(path: path, place: place, found: found, expected: expected)
    }
    let length = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard bytes.count > 8, bytes.dropFirst(8).first == UInt8(ascii: "{"),
      length <= SafetensorsFile.maximumHeaderLength
    else {
      if let error = FileSignature.error(for: bytes, path: path, wanted: "safetensors") {
        throw error
      }
      throw fail(
        "offset 0",
        "\(bytes.isEmpty ? "an empty file" : quoted(bytes: bytes.prefix(16))), "
          + "not a safetensors file",
        "the length of a header in 8 bytes and \"{\"")
    }
    let text = bytes.dropFirst(8).prefix(Int(length))
    guard text.count == length else {
      throw fail("offset 0", "a header of \(length) bytes", "at most \(bytes.count - 8)")
    }
    var parser = SafetensorsHeaderParser([UInt8](text), path: path)
    let parsed = try parser.parse()
    try SafetensorsFile.check(parsed.entries, dataCount: bytes.count - 8 - Int(length), path: path)

    self.path = path
    self.header = parsed
    self.elements = bytes.dropFirst(8 + Int(length))
    self.isMapped = isMapped
  }

  /// The texts under `__metadata__`.
  public var metadata: [String: String] { header.metadata }

  /// The names of the tensors in the order of the header.
  public var names: [String] { header.entries.map(\.info.name) }

  /// Shape and type of a tensor, of types that are not read too; `nil` if there is none of that
  /// name.
  package func info(_ name: String) -> TensorInfo? {
    header.indices[name].map { header.entries[$0].info }
  }

  /// The bytes of a tensor, whatever its type; `nil` if there is none of that name.
  package func bytes(_ name: String) -> Data? {
    header.indices[name].map { bytes(of: header.entries[$0]) }
  }

  private func bytes(of entry: SafetensorsHeader.Entry) -> Data {
    elements.dropFirst(entry.begin).prefix(entry.end - entry.begin)
  }

  /// The tensor of that name; a view of the mapped file. `nil` if there is none, or its type is not
  /// among those of ``DType``.
  public subscript(name: String) -> Tensor? {
    guard let entry = header.indices[name].map({ header.entries[$0] }),
      let dtype = entry.info.dtype
    else { return nil }
    return Tensor(
      shape: entry.info.shape, dtype: dtype, bytes: bytes(of: entry), name: name, path: path,
      isMapped: isMapped)
  }

  /// The names with runs of digits compared as numbers: `layers.2.bias` before `layers.10.bias`.
  public var namesInNaturalOrder: [String] { names.sorted(by: naturallyPrecedes) }

  /// The tensor of that name.
  ///
  /// - Throws: `FormatError` that lists what there is if there is none of that name, or that says
  ///   what can be done about a type that is not read.
  public func tensor(_ name: String) throws -> Tensor {
    if let tensor = self[name] { return tensor }
    if let info = info(name) { throw FormatError(unread: info, path: path) }
    throw FormatError(
      path: path, place: "key \(quoted(name))", found: "no such tensor",
      expected: names.isEmpty ? "a tensor" : "one of " + listed(namesInNaturalOrder))
  }

  /// Sizes must agree with shapes, and the tensors in order of their offsets must tile the data.
  private static func check(
    _ entries: [SafetensorsHeader.Entry], dataCount: Int, path: String
  ) throws {
    func fail(_ entry: SafetensorsHeader.Entry, _ found: String, _ expected: String) -> FormatError
    {
      FormatError(
        path: path, place: "key \(quoted(entry.info.name))", found: found, expected: expected)
    }
    for entry in entries {
      let (info, offsets) = (entry.info, "data offsets [\(entry.begin), \(entry.end)]")
      guard let dtype = info.dtype else {
        // How long elements of a type are that is not known here is not known either.
        guard entry.begin <= entry.end, DType.u8.byteCount(of: info.shape) != nil else {
          throw fail(entry, offsets, "an end behind the begin, and a shape that fits memory")
        }
        continue
      }
      guard let count = dtype.byteCount(of: info.shape) else {
        throw fail(entry, "shape \(info.shape)", "a shape that fits memory")
      }
      guard entry.begin <= entry.end, entry.end - entry.begin == count else {
        throw fail(entry, offsets, "\(count) bytes for \(dtype.rawValue) \(info.shape)")
      }
    }
    var end = 0
    for entry in entries.sorted(by: { ($0.begin, $0.end) < ($1.begin, $1.end) }) {
      guard entry.begin == end else {
        throw fail(
          entry, "data offsets [\(entry.begin), \(entry.end)]",
          "begin \(end), where the previous tensor ends")
      }
      guard entry.end <= dataCount else {
        throw fail(
          entry, "data offsets [\(entry.begin), \(entry.end)]",
          "at most \(dataCount), the length of the data")
      }
      end = entry.end
    }
    guard end == dataCount else {
      throw FormatError(
        path: path, place: "end of file", found: "\(dataCount) bytes of data",
        expected: "\(end), where the last tensor ends")
    }
  }
}
