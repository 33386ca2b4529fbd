public import Foundation

/// An archive of arrays, as `numpy.savez` and `numpy.savez_compressed` write it.
///
/// The directory is read and checked at once, an array when it is asked for. Members that are not
/// arrays are passed over.
public struct NpzFile: Sendable {
  /// The file, as the caller named it.
  public let path: String
  /// The names of the arrays, without `.npy`, in the order of the directory.
  public let names: [String]
  private let archive: ZipArchive
  private let members: [String: ZipArchive.Member]

  /// Opens a file and checks its directory.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - decompressionLimit: The most bytes that all compressed members together may unpack to;
  ///     ``defaultDecompressionLimit(forCompressed:)`` if nil.
  /// - Throws: `FormatError` naming the offset that breaks the rules.
  public init(_ path: String, decompressionLimit: Int? = nil) throws {
    try self.init(
      bytes: fileContents(path).bytes, path: path, decompressionLimit: decompressionLimit)
  }

  /// Reads a file that is in memory already; `path` is for messages only.
  public init(
    bytes: Data, path: String, decompressionLimit: Int? = nil
  ) throws {
    do {
      archive = try ZipArchive(
        bytes, path: path,
        limit: decompressionLimit ?? defaultDecompressionLimit(forCompressed: bytes.count))
    } catch {
      // A zip file that is damaged is named by what is damaged.
      let isDamaged = [.npz, .otherZip].contains(FileSignature(of: bytes))
      throw isDamaged
        ? error : FileSignature.error(for: bytes, path: path, wanted: "a NumPy archive") ?? error
    }
    self.path = path
    let arrays = archive.members.filter { $0.name.hasSuffix(".npy") }
    names = arrays.map { String($0.name.dropLast(4)) }
    if arrays.isEmpty, !archive.members.isEmpty,
      let error = FileSignature.error(for: bytes, path: path, wanted: "a NumPy archive")
    {
      throw error
    }
    // Names are unique: the archive has checked it.
    members = Dictionary(zip(names, arrays)) { first, _ in first }
  }

  /// The names with runs of digits compared as numbers: `arr_2` before `arr_10`.
  public var namesInNaturalOrder: [String] { names.sorted(by: naturallyPrecedes) }

  /// Shape and type of an array, from its header alone: types that are not read are told too.
  ///
  /// - Throws: `FormatError` if there is none of that name, its header breaks the rules, or the
  ///   directory says that it has another length.
  package func info(_ name: String) throws -> TensorInfo {
    guard let member = members[name] else { return try missing(name) }
    let start = try archive.content(of: member, prefix: maximumNpyHeaderLength + 12)
    let (header, end) = try parseNpyHeader(start, path: path, name: name)
    // Sizes that the archive does not hold would add up to anything.
    if let dtype = header.dtype, dtype.byteCount(of: header.shape) != member.count - end {
      throw FormatError(
        path: path, place: "key \(quoted(name))", found: "\(member.count - end) bytes",
        expected: "those of \(dtype.rawValue) \(header.shape)")
    }
    return header.info(name: name)
  }

  /// The array of that name, or nil if there is none. Stored arrays stay mapped.
  ///
  /// - Throws: `FormatError` if the member is damaged, not what the directory says, or no numeric
  ///   array.
  public subscript(name: String) -> Tensor? {
    get throws {
      guard let member = members[name] else { return nil }
      return try parseNpy(archive.content(of: member), path: path, name: name)
    }
  }

  /// The bytes of a member, header and elements, whatever its type.
  package func bytes(_ name: String) throws -> Data {
    guard let member = members[name] else { return try missing(name) }
    return try archive.content(of: member)
  }

  /// The array of that name.
  ///
  /// - Throws: `FormatError` that lists what there is if there is none of that name, or as the
  ///   subscript.
  public func tensor(_ name: String) throws -> Tensor {
    try self[name] ?? missing(name)
  }

  private func missing<Value>(_ name: String) throws -> Value {
    throw FormatError(
      path: path, place: "key \(quoted(name))", found: "no such array",
      expected: names.isEmpty ? "an array" : "one of " + listed(namesInNaturalOrder))
  }
}

/// Reads an archive of arrays, as `numpy.savez` writes it.
///
/// - Throws: `FormatError` naming the offset that breaks the rules.
public func readNpz(
  _ path: String, decompressionLimit: Int? = nil
) throws -> NpzFile {
  try NpzFile(path, decompressionLimit: decompressionLimit)
}

/// Writes an archive of arrays that NumPy reads, complete or not at all.
///
/// The bytes depend on the arguments alone: arrays in the order given, dated 1 January 1980.
/// Memory: nothing beyond the arrays if stored, the largest compressed array if not.
///
/// - Parameters:
///   - tensors: Names and arrays; the names that the tensors carry themselves are ignored.
///   - path: The file to write.
///   - compressed: Whether to deflate the arrays.
/// - Throws: `FormatError` if a name occurs twice or is too long, a type is bfloat16, which NumPy
///   lacks, or the file cannot be written.
public func writeNpz(
  _ tensors: [(String, Tensor)], to path: String, compressed: Bool = false
) throws {
  try writeNpz(tensors, to: path, compressed: compressed, zip64Threshold: 0xFFFF_FFFF)
}

/// - Parameter zip64Threshold: The sizes and offsets from which on 64-bit fields are used.
package func writeNpz(
  _ tensors: [(String, Tensor)], to path: String, compressed: Bool, zip64Threshold: Int
) throws {
  var names: Set<String> = []
  for (name, _) in tensors {
    guard names.insert(name).inserted, name.utf8.count <= 65_000 else {
      throw FormatError(
        path: path, place: "key \(quoted(name))", found: "a name that occurs twice or is too long",
        expected: "distinct names")
    }
  }
  try writeAtomically(to: path) { output in
    var writer = ZipWriter(threshold: zip64Threshold)
    for (name, tensor) in tensors {
      let header = Data(try npyHeader(of: tensor.named(name), path: path))
      let checksum = crc(tensor.bytes, from: crc(header))
      let count = header.count + tensor.bytes.count
      let content = compressed ? [deflate(header + tensor.bytes, .raw)] : [header, tensor.bytes]
      try writer.add(
        name + ".npy", content, isDeflated: compressed, count: count, checksum: checksum,
        to: &output)
    }
    try writer.finish(&output)
  }
}
