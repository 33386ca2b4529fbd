import ArgumentParser
import DataFormats
import Foundation

/// After -o: results go to standard output.
let standardOutputName = "-"

/// Finds out before long work whether its result can be written, and removes what a killed process
/// left of an earlier one.
///
/// - Throws: `FormatError` of kind `cannotCreate`.
func requireWritable(_ path: String) throws {
  func fail(_ found: String) -> FormatError {
    FormatError(.cannotCreate, path: path, found: found)
  }
  TemporaryFiles.removeLeftovers(of: path)
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

/// Finds out before long work whether a model can be written to `path`, whose ending says how.
///
/// - Throws: `ValidationError` for other endings, `FormatError` of kind `cannotCreate`.
func requireModelOutput(_ path: String) throws {
  guard path != standardOutputName else {
    throw ValidationError(
      "--output -: a model does not go to standard output, expected a name that ends in "
        + ".safetensors or .npz")
  }
  try requireWritable(path)
  guard !hasEnding(path, in: ["safetensors", "npz"]), !isDevice(path) else { return }
  let ending = pathEnding(path)
  let hint =
    ["pt", "pth", "ckpt", "bin"].contains(ending)
    ? "; safetensors.torch.load_file reads safetensors into a state_dict" : ""
  throw ValidationError(
    "--output \(path): expected a name that ends in .safetensors or .npz\(hint)")
}

/// Finds out before long work whether a result can be written to `path`.
///
/// - Parameter hasArrays: whether it can be an `.npz`.
func requireResultOutput(_ path: String?, format: OutputFormat?, hasArrays: Bool = false) throws {
  guard let path, path != standardOutputName else { return }
  try requireWritable(path)
  let endings = OutputFormat.endings.map(\.ending) + (hasArrays ? ["npz"] : [])
  guard format == nil, !isDevice(path), !pathEnding(path).isEmpty, !hasEnding(path, in: endings)
  else { return }
  let known = endings.map { "." + $0 }.joined(separator: ", ")
  throw ValidationError(
    "--output \(path): expected a name that ends in one of \(known), or --format, which says what "
      + "is written whatever the name")
}

/// `json` of `a/b.JSON`; empty without a dot.
func pathEnding(_ path: String) -> String {
  let name = path.split(separator: "/").last ?? ""
  guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return "" }
  return name[name.index(after: dot)...].lowercased()
}

private func hasEnding(_ path: String, in endings: [String]) -> Bool {
  endings.contains(pathEnding(path))
}

/// Whether something that is neither a file nor a directory is there, whose name says nothing.
private func isDevice(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0
    && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
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
