import DataFormats
import Foundation

/// Finds out before long work whether its result can be written.
///
/// - Throws: `FormatError` of kind `cannotCreate`.
func requireWritable(_ path: String) throws {
  func fail(_ found: String) -> FormatError {
    FormatError(.cannotCreate, path: path, found: found)
  }
  switch FileKind(path) {
  case .directory: throw fail("is a directory, expected the name of a file")
  case .other:
    guard unsafe access(path, W_OK) == 0 else { throw fail(systemError()) }
  case .nothing:
    let directory = parentDirectory(of: path)
    switch FileKind(directory) {
    case .nothing: throw fail("there is no directory \(directory)")
    case .other: throw fail("\(directory) is no directory")
    case .directory:
      guard unsafe access(directory, W_OK | X_OK) == 0 else { throw fail(systemError()) }
    }
  }
}

enum FileKind {
  case nothing, directory, other

  init(_ path: String) {
    var status = stat()
    if unsafe stat(path, &status) != 0 {
      self = .nothing
    } else {
      self = status.st_mode & S_IFMT == S_IFDIR ? .directory : .other
    }
  }
}

/// The directory that holds the last component of `path`.
func parentDirectory(of path: String) -> String {
  var path = path[...]
  while path.count > 1, path.last == "/" { path.removeLast() }
  guard let cut = path.lastIndex(of: "/") else { return "." }
  return cut == path.startIndex ? "/" : String(path[..<cut])
}

private func systemError() -> String { unsafe String(cString: strerror(errno)) }
