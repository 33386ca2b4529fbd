import CSystem
import DataFormats
import Foundation

/// A directory of results that is there either complete or not at all.
///
/// Files are written into a hidden directory beside the final place, which then takes its name. A
/// result of the same kind that is there already is replaced; anything else is left alone.
struct OutputDirectory {
  /// As the user named it.
  let path: String
  /// Where files are to be written.
  let temporary: URL
  private let final: URL
  /// The file by which a former result is known, and the names it may have beside.
  private let names: [String]

  /// - Parameters:
  ///   - names: everything that a result consists of, on the top level; the first one must be there
  ///     for a directory to count as a former result.
  /// - Throws: `FormatError` of kind `cannotCreate`.
  init(_ path: String, names: [String]) throws {
    self.path = path
    self.names = names
    final = URL(filePath: path).standardizedFileURL
    try OutputDirectory.requireReplaceable(path, names: names)
    do {
      try FileManager.default.createDirectory(
        at: parentURL(of: final), withIntermediateDirectories: true)
    } catch { throw creationError(path, error) }
    temporary = URL(
      filePath: try TemporaryFiles.createDirectory(for: final.plainPath, path: path),
      directoryHint: .isDirectory)
  }

  /// Finds out before long work whether `path` is free, or holds a former result.
  static func requireReplaceable(_ path: String, names: [String]) throws {
    func fail(_ found: String) -> FormatError {
      FormatError(
        .cannotCreate, path: path, found: found,
        expected: "a new name, an empty directory or an earlier result of this command")
    }
    guard path != standardOutputName else { throw fail("the name of standard output") }
    switch FileKind(path) {
    case .other: throw fail("a file")
    case .nothing:
      // Directories above are made as needed.
      var above = parentDirectory(of: path)
      while FileKind(above) == .nothing && above != "." && above != "/" {
        above = parentDirectory(of: above)
      }
      guard FileKind(above) == .directory, unsafe access(above, W_OK | X_OK) == 0 else {
        throw FormatError(
          .cannotCreate, path: path, found: "\(above) is no directory that can be written to")
      }
    case .directory:
      let here = URL(filePath: path).standardizedFileURL
      let current = URL(filePath: FileManager.default.currentDirectoryPath).standardizedFileURL
      guard here.path(percentEncoded: false) != current.path(percentEncoded: false) else {
        throw fail("the current directory")
      }
      let found = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      let isFormer = found.contains(names[0]) && Set(found).isSubset(of: names)
      guard found.isEmpty || isFormer else {
        throw fail(
          "a directory with other files (\(found.sorted().prefix(3).joined(separator: ", ")))")
      }
    }
  }

  /// Gives the directory its name. A former result is there until this one is.
  func commit() throws {
    try OutputDirectory.requireReplaceable(path, names: names)
    try TemporaryFiles.commit([(temporary.plainPath, final.plainPath)]) { temporary, target in
      guard FileKind(path) == .directory else {
        guard unsafe rename(temporary, target) == 0 else { throw commitError() }
        return
      }
      try exchange(temporary, target)
    }
  }

  /// Puts the new directory in the place of the old one and removes that.
  private func exchange(_ new: String, _ old: String) throws {
    if unsafe lb_exchange_names(new, old) == 0 {
      try? FileManager.default.removeItem(atPath: new)
      return
    }
    // Some file systems cannot exchange names.
    let aside = new + ".old"
    guard unsafe rename(old, aside) == 0 else { throw commitError() }
    guard unsafe rename(new, old) == 0 else {
      let error = commitError()
      unsafe rename(aside, old)
      throw error
    }
    try? FileManager.default.removeItem(atPath: aside)
  }

  private func commitError() -> FormatError {
    FormatError(.cannotCreate, path: path, found: unsafe String(cString: strerror(errno)))
  }

  /// An error about a file in the temporary directory, told about its final place.
  func renaming(_ error: any Error) -> any Error {
    let prefix = temporary.plainPath + "/"
    guard let error = error as? FormatError, error.path.hasPrefix(prefix) else { return error }
    return FormatError(
      error.kind, path: path + "/" + error.path.dropFirst(prefix.count), place: error.place,
      found: error.found, expected: error.expected)
  }

  /// Removes what has been written.
  func discard() { TemporaryFiles.discard(temporary.plainPath) }
}

extension URL {
  /// Without a slash at the end.
  fileprivate var plainPath: String {
    let path = path(percentEncoded: false)
    return path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}

private func parentURL(of url: URL) -> URL { url.deletingLastPathComponent() }

private func creationError(_ path: String, _ error: any Error) -> FormatError {
  FormatError(.cannotCreate, path: path, found: systemReason(of: error))
}
