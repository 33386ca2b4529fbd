internal import DataFormats
public import Foundation

extension Certificate {
  /// No certificate is longer; 10 000 knots fit.
  static let maximumLength = 1 << 24

  /// As `certificate.json` has it: sorted keys, numbers in full precision.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads a certificate that may come from anyone.
  ///
  /// - Throws: `FormatError`: no such file, and what ``init(bytes:path:)`` throws.
  package init(path: String) throws {
    try self.init(bytes: fileContents(path).bytes, path: path)
  }

  /// Takes the bytes of `certificate.json`.
  ///
  /// - Parameters:
  ///   - bytes: at most 16 MiB.
  ///   - path: what errors call the file.
  /// - Throws: `FormatError`: no JSON, another version, keys missing, unknown or given twice, words
  ///   that are not of the vocabulary, values of another type, not finite or out of their range,
  ///   names of files that lead out of the directory; knots and segments that do not fit together.
  public init(bytes: Data, path: String) throws {
    guard bytes.count <= Certificate.maximumLength else {
      throw FormatError(
        path: path, found: "\(bytes.count) bytes",
        expected: "a certificate of at most \(Certificate.maximumLength)")
    }
    let scanned = try KeyScanner(bytes, path: path)
    do {
      try Certificate.checkVersion(bytes, path: path)
      self = try JSONDecoder().decode(Certificate.self, from: bytes)
    } catch let error as DecodingError { throw FormatError(error, path: path) }
    // Writing it again gives every key that was understood.
    let known = try KeyScanner(json(), path: path).keys
    if let key = scanned.keys.subtracting(known).min() {
      throw FormatError(
        path: path, place: "key \(quoted(key))", found: "an unknown key",
        expected: "those of version \(Certificate.formatVersion)")
    }
    try checkStructure(path)
  }

  private struct Header: Decodable {
    var format: String
    var version: Int
  }

  /// Before the rest is looked at, which another version may have otherwise.
  private static func checkVersion(_ bytes: Data, path: String) throws {
    let header = try JSONDecoder().decode(Header.self, from: bytes)
    guard header.format == formatName else {
      throw FormatError(
        path: path, place: "key format", found: quoted(header.format), expected: formatName)
    }
    guard header.version == formatVersion else {
      throw FormatError(
        path: path, place: "key version", found: "\(header.version)",
        expected:
          "\(formatVersion); what another version claims is not checked: have connect write it anew"
      )
    }
  }
}

/// Whether a name from a certificate stays in its directory, links aside, and on its line.
func isInside(_ name: String) -> Bool {
  let parts = name.split(separator: "/", omittingEmptySubsequences: false)
  let isPlain = name.unicodeScalars.allSatisfy { !$0.isInvisible && $0 != "\\" }
  return isPlain && name.utf8.count <= 1024
    && parts.allSatisfy { !["", ".", ".."].contains($0) }
}

extension FormatError {
  fileprivate init(_ error: DecodingError, path: String) {
    func key(_ context: DecodingError.Context, _ last: [any CodingKey] = []) -> String? {
      let parts = (context.codingPath + last).map { $0.intValue.map(String.init) ?? $0.stringValue }
      return parts.isEmpty ? nil : "key " + parts.joined(separator: ".")
    }
    switch error {
    case .keyNotFound(let name, let context):
      self.init(path: path, place: key(context, [name]), found: "nothing", expected: "a value")
    case .typeMismatch(let type, let context):
      self.init(
        path: path, place: key(context), found: "a value of another type",
        expected: "\(type)")
    case .valueNotFound(let type, let context):
      self.init(path: path, place: key(context), found: "null", expected: "\(type)")
    case .dataCorrupted(let context):
      let reason = (context.underlyingError as? NSError)?.userInfo[NSDebugDescriptionErrorKey]
      self.init(
        path: path, place: key(context),
        found: quoted(reason as? String ?? context.debugDescription), expected: "a certificate")
    @unknown default: self.init(path: path, found: "\(error)", expected: "a certificate")
    }
  }
}

extension Certificate {
  /// - Throws: `FormatError` if a knot file is a link to somewhere outside of `directory`.
  package func requireKnots(inside directory: String) throws {
    func resolved(_ path: String) -> String {
      URL(filePath: path).resolvingSymlinksInPath().standardizedFileURL.path(percentEncoded: false)
    }
    let root = resolved(directory)
    let prefix = root.hasSuffix("/") ? root : root + "/"
    for knot in knots where !resolved(directory + "/" + knot.file).hasPrefix(prefix) {
      throw FormatError(
        path: directory + "/" + knot.file, found: "a link out of \(directory)",
        expected: "a file in it")
    }
  }
}
