package import Foundation

/// The bytes of a file, and whether they are a mapping of it.
package struct FileContents {
  package var bytes: Data
  /// Mapped bytes cost no memory until they are touched, and can be let go of and touched again.
  package var isMapped: Bool
}

/// The bytes of a file: read at once up to 16 MiB, mapped from there on.
///
/// What was read cannot change any more. Another process that shortens a mapped file in place
/// makes later reads fault (SIGBUS), as with every mapped file; replacing it by `rename`, as
/// `writeAtomically` does, is harmless.
///
/// - Throws: `FormatError` if there is no such file, it cannot be read, it is no regular file
///   (a pipe could not be mapped and might never end), or it becomes shorter while it is read.
package func fileContents(_ path: String) throws -> FileContents {
  // Without O_NONBLOCK a pipe that nobody writes to would never open.
  let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
  guard descriptor >= 0 else { throw FormatError.system(.cannotRead, path: path, code: errno) }
  defer { close(descriptor) }
  var status = stat()
  guard unsafe fstat(descriptor, &status) == 0 else {
    throw FormatError.system(.cannotRead, path: path, code: errno)
  }
  let kind = status.st_mode & S_IFMT
  guard kind == S_IFREG else {
    throw FormatError(
      .cannotRead, path: path, found: kind == S_IFDIR ? "a directory" : "a pipe or device",
      expected: "a regular file")
  }
  let count = Int(status.st_size)
  return count <= 16 << 20
    ? FileContents(bytes: try read(descriptor, count: count, path: path), isMapped: false)
    : FileContents(bytes: try map(descriptor, count: count, path: path), isMapped: true)
}

private func read(_ descriptor: Int32, count: Int, path: String) throws -> Data {
  var bytes = Data(count: count)
  var filled = 0
  while filled < count {
    let added = unsafe bytes.withUnsafeMutableBytes {
      unsafe Foundation.read(descriptor, $0.baseAddress! + filled, count - filled)
    }
    if added < 0 && errno == EINTR { continue }
    guard added >= 0 else { throw FormatError.system(.cannotRead, path: path, code: errno) }
    guard added > 0 else {
      throw FormatError(
        path: path, place: "offset \(filled)", found: "the end of the file",
        expected: "\(count) bytes, its length when it was opened")
    }
    filled += added
  }
  return bytes
}

private func map(_ descriptor: Int32, count: Int, path: String) throws -> Data {
  let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
  guard let address = unsafe address, unsafe address != UnsafeMutableRawPointer(bitPattern: -1)
  else { throw FormatError.system(.cannotRead, path: path, code: errno) }
  return unsafe Data(
    bytesNoCopy: address, count: count,
    deallocator: .custom { address, count in unsafe munmap(address, count) })
}

/// Lets go of the pages that lie wholly within bytes of a mapped file: they no longer count as the
/// memory of this process, and are read again if they are touched again.
@unsafe func release(mapped bytes: UnsafeRawBufferPointer) {
  guard let base = bytes.baseAddress else { return }
  let page = Int(sysconf(Int32(_SC_PAGESIZE)))
  let start = UInt(bitPattern: base)
  let first = (start + UInt(page) - 1) / UInt(page) * UInt(page)
  let end = (start + UInt(bytes.count)) / UInt(page) * UInt(page)
  guard end > first, let address = unsafe UnsafeMutableRawPointer(bitPattern: first)
  else { return }
  unsafe madvise(address, Int(end - first), MADV_DONTNEED)
}

/// Whether a regular file or a link to one is at `path`.
func isFile(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
}

/// Whether a directory or a link to one is at `path`.
func isDirectory(_ path: String) -> Bool {
  var status = stat()
  return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// `name` inside `directory`.
func join(_ directory: String, _ name: String) -> String {
  directory.isEmpty || directory.hasSuffix("/") ? directory + name : directory + "/" + name
}
