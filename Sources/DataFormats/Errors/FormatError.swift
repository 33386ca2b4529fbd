public import Foundation

/// What is wrong with a file: where, what was found and what was expected, on one line.
///
/// Every reader and writer of this module throws this type and no other. Text that comes from the
/// file is shortened before it gets here; control characters, wherever they are from, are escaped.
public struct FormatError: Error, Hashable, Sendable {
  /// The class of the problem, which a tool maps to its exit code.
  public enum Kind: Hashable, Sendable {
    /// There is no such file or directory (`EX_NOINPUT`, 66).
    case noSuchFile
    /// The file is there and cannot be read (`EX_NOINPUT`, 66).
    case cannotRead
    /// The content breaks the rules of its format (`EX_DATAERR`, 65).
    case invalidData
    /// The file to be written cannot be created (`EX_CANTCREAT`, 73).
    case cannotCreate
    /// Writing began and failed, for instance on a full disk (`EX_IOERR`, 74).
    case cannotWrite
    /// More memory is needed than this process may take (`EX_OSERR`, 71).
    case noMemory
  }

  public let kind: Kind
  /// The file, as the caller named it.
  public let path: String
  /// Where in the file: an offset, a line and column, a record or a key.
  public let place: String?
  /// What was found there, or the words of the operating system.
  public let found: String
  /// What the format wants there.
  public let expected: String?

  public init(
    _ kind: Kind = .invalidData, path: String, place: String? = nil, found: String,
    expected: String? = nil
  ) {
    self.kind = kind
    self.path = path
    self.place = place
    self.found = found
    self.expected = expected
  }
}

extension FormatError: CustomStringConvertible, LocalizedError {
  public var description: String {
    var parts = path.isEmpty ? [] : [path]
    if let place { parts.append(place) }
    if let expected {
      parts.append("found \(found), expected \(expected)")
    } else {
      parts.append(found)
    }
    return printable(parts.joined(separator: ": ").unicodeScalars, limit: 4000)
  }

  public var errorDescription: String? { description }
}

extension FormatError {
  /// The error of a system call, with the text of `errno`.
  static func system(_ kind: Kind, path: String, code: Int32) -> FormatError {
    let missing = kind == .cannotRead && (code == ENOENT || code == ENOTDIR)
    let text = unsafe String(cString: strerror(code))
    return FormatError(
      missing ? .noSuchFile : code == ENOMEM ? .noMemory : kind, path: path, found: text)
  }
}

/// Text of a file made fit for a message: in quotes, one line, at most 60 characters.
package func quoted(_ text: some StringProtocol) -> String {
  let start = printable(text.unicodeScalars.prefix(60)).replacing("\"", with: "\\\"")
  return "\"" + start + (text.unicodeScalars.dropFirst(60).isEmpty ? "\"" : "…\"")
}

/// Text with its control and format characters escaped: it stays on its line and changes nothing
/// about the terminal. Shortened if it takes more than `limit` bytes.
package func printable(
  _ scalars: some Sequence<Unicode.Scalar>, limit: Int = .max
) -> String {
  var result = ""
  for scalar in scalars {
    guard result.utf8.count < limit else { return result + "…" }
    if scalar.isInvisible {
      result += scalar.escaped(asASCII: true)
    } else {
      result.unicodeScalars.append(scalar)
    }
  }
  return result
}

extension Unicode.Scalar {
  /// Whether it could end a line, steer a terminal or turn the direction of a text.
  package var isInvisible: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}

/// Bytes of a file made fit for a message.
func quoted(bytes: some Collection<UInt8>) -> String {
  quoted(String(decoding: bytes.prefix(256), as: UTF8.self))
}
