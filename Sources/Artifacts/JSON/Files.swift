internal import DataFormats
public import Foundation

/// JSON with sorted keys and full precision: equal values give equal bytes.
public func encodeStably(_ value: some Encodable) throws -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  return try encoder.encode(value)
}

/// Writes beside the final place, then renames.
///
/// - Throws: `FormatError` when the file cannot be written.
public func writeFile(_ data: Data, to url: URL) throws {
  try writeAtomically(to: url.path(percentEncoded: false)) { try $0.write(data) }
}

/// Makes a directory and those above it, if they are not there.
///
/// - Throws: `FormatError` when that is not possible.
public func createDirectory(_ url: URL) throws {
  do {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  } catch {
    let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
    throw FormatError(
      .cannotCreate, path: url.path(percentEncoded: false),
      found: underlying?.localizedDescription ?? error.localizedDescription,
      expected: "a directory that can be written to")
  }
}

/// The name of a file, without its directory.
func lastComponent(_ path: String) -> String {
  URL(filePath: path).lastPathComponent
}
