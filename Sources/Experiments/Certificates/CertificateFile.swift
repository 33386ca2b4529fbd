internal import DataFormats
package import Foundation

extension Certificate {
  /// No certificate is longer; 10 000 knots fit.
  static let maximumLength = 1 << 24

  /// As `certificate.json` has it: sorted keys, numbers in full precision.
  package func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads a certificate that may come from anyone.
  ///
  /// - Throws: `FormatError`: no such file; no JSON, keys missing, unknown or given twice, values of
  ///   another type or not finite; names of files that lead out of the directory; knots and
  ///   segments that do not fit together.
  package init(path: String) throws {
    let bytes = try fileContents(path).bytes
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
      throw FormatError(path: path, place: "key \(shown(key))", found: "an unknown key")
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
        path: path, place: "key format", found: shown(header.format), expected: formatName)
    }
    guard header.version == formatVersion else {
      throw FormatError(
        path: path, place: "key version", found: "\(header.version)", expected: "\(formatVersion)")
    }
  }

  private func checkStructure(_ path: String) throws {
    func require(
      _ condition: Bool, _ place: String, _ found: String, _ expected: String
    ) throws {
      if !condition {
        throw FormatError(path: path, place: "key \(place)", found: found, expected: expected)
      }
    }
    try require(models.count == 2, "models", "\(models.count)", "2")
    try require(knots.count >= 2, "knots", "\(knots.count)", "at least 2")
    try require(
      segments.count == knots.count - 1, "segments", "\(segments.count)",
      "\(knots.count - 1), one fewer than knots")
    for (index, segment) in segments.enumerated() {
      try require(
        segment.from == index && segment.to == index + 1, "segments.\(index)",
        "from \(segment.from) to \(segment.to)", "from \(index) to \(index + 1)")
    }
    for (index, knot) in knots.enumerated() {
      try require(
        isInside(knot.file), "knots.\(index).file", shown(knot.file),
        "a relative name below the certificate, without “..”")
    }
    for (index, model) in models.enumerated() {
      try require(
        isInside(model.file) && !model.file.contains("/"), "models.\(index).file",
        shown(model.file), "the name of a file, without a directory")
      try require(
        model.layers == models[0].layers, "models.\(index).layers", "other ones",
        "those of models.0")
    }
    try require(
      ["F32", "F64"].contains(data.dtype), "data.dtype", shown(data.dtype), "F32 or F64")
    try require(
      (population == nil) != (noPopulation == nil), "population",
      population == nil ? "nothing" : "and noPopulation",
      "either population or noPopulation")
    guard let population else { return }
    try require(
      population.delta > 0 && population.delta < 1, "population.delta", "\(population.delta)",
      "between 0 and 1")
    if let clipped = population.clipped {
      try require(clipped.clip > 0, "population.clipped.clip", "\(clipped.clip)", "above 0")
    }
    for (key, range) in [
      ("inputRange", population.inputRange), ("targetRange", population.targetRange),
    ] {
      guard let range else { continue }
      try require(
        range.count == 2 && range[0] <= range[1], "population.\(key)", "\(range.prefix(3))",
        "[lower, upper]")
    }
  }
}

/// Whether a name from a certificate stays in its directory, links aside.
func isInside(_ name: String) -> Bool {
  let parts = name.split(separator: "/", omittingEmptySubsequences: false)
  let isPlain = name.unicodeScalars.allSatisfy {
    $0 != "\\" && $0.properties.generalCategory != .control
  }
  return isPlain && name.utf8.count <= 1024
    && parts.allSatisfy { !["", ".", ".."].contains($0) }
}

/// Text of a certificate made fit for a message.
func shown(_ text: String) -> String {
  let plain = text.unicodeScalars.prefix(80).map { scalar in
    scalar.properties.generalCategory == .control ? "?" : String(scalar)
  }
  return "“" + plain.joined() + (text.unicodeScalars.count > 80 ? "…”" : "”")
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
        found: shown(reason as? String ?? context.debugDescription), expected: "a certificate")
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
