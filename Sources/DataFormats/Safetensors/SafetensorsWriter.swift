internal import Foundation

/// Writes a safetensors file that is there either complete or not at all.
///
/// The bytes depend on the arguments alone: metadata is sorted by key; tensors are stored with the
/// larger element sizes first, otherwise in the order given, so that every element is aligned; the
/// header is padded with spaces to a multiple of 8 bytes, all as the reference implementation does.
/// Memory: the header; tensors go to the file from where they are.
///
/// - Parameters:
///   - tensors: Names and tensors; the names that the tensors carry themselves are ignored.
///   - metadata: Texts for `__metadata__`, left out if empty.
///   - path: The file to write.
/// - Throws: `FormatError` if a name occurs twice or is reserved, or the file cannot be written.
public func writeSafetensors(
  _ tensors: [(String, Tensor)], metadata: [String: String] = [:], to path: String
) throws {
  var names: Set<String> = ["__metadata__"]
  for (name, _) in tensors where !names.insert(name).inserted {
    throw FormatError(
      path: path, place: "key \(quoted(name))",
      found: name == "__metadata__" ? "a reserved name" : "a name that occurs twice",
      expected: "distinct names other than \"__metadata__\"")
  }
  // Swift's sort is stable, which keeps the given order among equal sizes.
  let ordered = tensors.sorted { $0.1.dtype.size > $1.1.dtype.size }
  let header = safetensorsHeader(ordered, metadata: metadata)
  guard header.count <= SafetensorsFile.maximumHeaderLength else {
    throw FormatError(
      path: path, found: "a header of \(header.count) bytes",
      expected: "at most \(SafetensorsFile.maximumHeaderLength)")
  }
  try writeAtomically(to: path) { output in
    try output.write((0..<8).map { UInt8(truncatingIfNeeded: header.count >> ($0 * 8)) })
    try output.write(header)
    for (_, tensor) in ordered { try output.write(tensor.bytes) }
  }
}

private func safetensorsHeader(
  _ tensors: [(String, Tensor)], metadata: [String: String]
) -> [UInt8] {
  var members: [String] = []
  if !metadata.isEmpty {
    let texts = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    let pairs = texts.map { jsonString($0.key) + ":" + jsonString($0.value) }
    members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
  }
  var offset = 0
  for (name, tensor) in tensors {
    let shape = tensor.shape.map(String.init).joined(separator: ",")
    let end = offset + tensor.bytes.count
    members.append(
      "\(jsonString(name)):{\"dtype\":\"\(tensor.dtype.rawValue)\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(offset),\(end)]}")
    offset = end
  }
  var header = Array("{\(members.joined(separator: ","))}".utf8)
  while header.count % 8 != 0 { header.append(0x20) }
  return header
}

/// A JSON string with the escapes that JSON demands and no others.
private func jsonString(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"": result += "\\\""
    case "\\": result += "\\\\"
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    case "\u{8}": result += "\\b"
    case "\u{C}": result += "\\f"
    case _ where scalar.value < 0x20:
      let digits = String(scalar.value, radix: 16)
      result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}
