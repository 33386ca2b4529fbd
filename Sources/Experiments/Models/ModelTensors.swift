internal import DataFormats
internal import Foundation

/// The tensors and texts of a model file: safetensors or, where the name ends in `.npz`, a NumPy
/// archive.
///
/// Tensors of safetensors files stay mapped until they are converted. An archive has its texts, if
/// any, in the array ``metadataKey``: the bytes of a JSON object of strings.
package struct ModelTensors: Sendable {
  private enum Source: Sendable {
    case safetensors(SafetensorsFile)
    case archive(NpzFile)
  }

  package let path: String
  package let metadata: [String: String]
  /// Module by module in natural order.
  let names: [TensorName]
  private let source: Source

  /// Where archives keep their texts.
  package static let metadataKey = "__metadata__"

  /// - Throws: `FormatError`: no such file, not of the format that its name says.
  package init(_ path: String) throws {
    self.path = path
    let names: [String]
    if ModelTensors.isArchive(path) {
      let file = try NpzFile(path)
      source = .archive(file)
      metadata = try ModelTensors.metadata(of: file)
      names = file.names.filter { $0 != ModelTensors.metadataKey }
    } else {
      let file: SafetensorsFile
      do { file = try SafetensorsFile(path) } catch let error as FormatError
        where error.kind == .invalidData
      { throw ModelTensors.foreignFormat(path) ?? error }
      source = .safetensors(file)
      metadata = file.metadata
      names = file.names
    }
    self.names = names.map { TensorName($0) }.sorted {
      $0.module == $1.module
        ? naturallyPrecedes($0.text, $1.text) : modulePrecedes($0.module, $1.module)
    }
  }

  /// Whether a model of that name is a NumPy archive.
  package static func isArchive(_ path: String) -> Bool { path.hasSuffix(".npz") }

  /// `safetensors` or `npz`
  package var format: String {
    if case .archive = source { "npz" } else { "safetensors" }
  }

  /// Whether this is a file of samples: arrays `x` and `y`, or `x_train` and so on.
  package var holdsSamples: Bool { SampleArrays(names.map(\.text)) != nil }

  func tensor(_ name: TensorName) throws -> Tensor {
    switch source {
    case .safetensors(let file): try file.tensor(name.text)
    case .archive(let file): try file.tensor(name.text)
    }
  }

  private static func metadata(of file: NpzFile) throws -> [String: String] {
    guard let tensor = try file[metadataKey] else { return [:] }
    guard tensor.dtype == .u8, tensor.shape.count == 1,
      let texts = try? decodeUntrusted([String: String].self, from: tensor.bytes, path: file.path)
    else {
      throw FormatError(
        path: file.path, place: "array \(metadataKey)",
        found: "\(tensor.dtype.rawValue) \(tensor.shape)",
        expected: "the bytes (uint8) of a JSON object of strings")
    }
    return texts
  }

  /// What to do about a file that is known not to be safetensors.
  private static func foreignFormat(_ path: String) -> FormatError? {
    guard let file = FileHandle(forReadingAtPath: path),
      let start = try? file.read(upToCount: 8)
    else { return nil }
    let python = "safetensors.torch.save_file(model.state_dict(), \"model.safetensors\")"
    let known: [(magic: [UInt8], found: String, advice: String)] = [
      (
        Array("PK\u{3}\u{4}".utf8), "a zip file, as torch.save and numpy.savez write it",
        "safetensors: \(python); a NumPy archive is to be named .npz"
      ),
      ([0x80, 0x02], "a Python pickle", "safetensors: \(python)"),
      ([0x89] + Array("HDF".utf8), "an HDF5 file", "safetensors, or the arrays in an .npz"),
      ([0x93] + Array("NUMPY".utf8), "a single NumPy array", "named arrays: numpy.savez"),
    ]
    return known.first { start.starts(with: $0.magic) }.map {
      FormatError(path: path, found: $0.found, expected: $0.advice)
    }
  }
}
