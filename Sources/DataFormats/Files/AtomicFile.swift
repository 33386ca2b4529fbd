public import Foundation

/// A file being written, with its own buffer. Made by `writeAtomically`.
public struct FileOutput: ~Copyable {
  private let descriptor: Int32
  private let path: String
  private var buffer: [UInt8] = []

  /// The number of bytes written so far.
  public private(set) var offset = 0

  fileprivate init(descriptor: Int32, path: String) {
    self.descriptor = descriptor
    self.path = path
  }

  public mutating func write(_ text: String) throws { try write(Array(text.utf8)) }

  public mutating func write(_ bytes: [UInt8]) throws {
    if bytes.count > FileOutput.bufferSize {
      try flush()
      try unsafe bytes.withUnsafeBytes { unsafe try put($0) }
    } else {
      buffer += bytes
      if buffer.count > FileOutput.bufferSize { try flush() }
    }
    offset += bytes.count
  }

  public mutating func write(_ data: Data) throws {
    try flush()
    try unsafe data.withUnsafeBytes { unsafe try put($0) }
    offset += data.count
  }

  fileprivate mutating func flush() throws {
    try unsafe buffer.withUnsafeBytes { unsafe try put($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func put(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = unsafe bytes[...]
    while unsafe !rest.isEmpty {
      // Linux and macOS write at most 2 GiB a call; macOS fails on more.
      let chunk = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
      let written = unsafe Foundation.write(descriptor, chunk.baseAddress, chunk.count)
      if written < 0 && errno == EINTR { continue }
      guard written > 0 else {
        throw FormatError.system(.cannotWrite, path: path, code: written < 0 ? errno : EIO)
      }
      unsafe rest = rest.dropFirst(written)
    }
  }

  private static let bufferSize = 1 << 16
}

/// Writes a file that is there either complete or not at all.
///
/// The bytes go to `.NAME.tmp-PID-N` in the same directory, are flushed to the disk, and take the
/// name `path` in one step; whoever has the old file open keeps the old content. If anything
/// fails, the temporary file is removed and what was at `path` is untouched; those that a killed
/// process left for the same `path` are removed too. An existing file passes on its permissions; a
/// symbolic link stays and its target is replaced; a device or pipe is written to directly.
///
/// - Parameters:
///   - path: The file to write.
///   - body: Writes the content.
/// - Returns: What `body` returns.
/// - Throws: `FormatError` with kind `cannotCreate` or `cannotWrite`, naming `path` and the reason
///   of the operating system; or what `body` throws.
public func writeAtomically<Result>(
  to path: String, _ body: (inout FileOutput) throws -> Result
) throws -> Result {
  guard let place = try Place(path) else { return try writeDirectly(to: path, body) }
  let (pending, result) = try PendingFile.write(place, body)
  try commit([pending])
  return result
}

/// Writes several files that belong together: all are complete on the disk before the first takes
/// its name, so that a full disk leaves none of them.
///
/// - Throws: as ``writeAtomically(to:_:)``.
package func writeAtomically(_ files: [(path: String, content: Data)]) throws {
  var pending: [PendingFile] = []
  do {
    for (path, content) in files {
      if let place = try Place(path) {
        pending.append(try PendingFile.write(place) { try $0.write(content) }.0)
      } else {
        try writeDirectly(to: path) { try $0.write(content) }
      }
    }
  } catch {
    for file in pending { file.discard() }
    throw error
  }
  try commit(pending)
}

private func commit(_ files: [PendingFile]) throws {
  do {
    try TemporaryFiles.commit(files.map { ($0.temporary, $0.place.target) }) { temporary, target in
      guard unsafe rename(temporary, target) == 0 else {
        let path = files.first { $0.temporary == temporary }!.place.path
        throw FormatError.system(.cannotCreate, path: path, code: errno)
      }
    }
  } catch {
    for file in files { file.discard() }
    throw error
  }
  for file in files {
    close(file.descriptor)
    synchronizeDirectory(of: file.place.target)
  }
}

/// Where a regular file is to be written.
private struct Place {
  /// As the caller named it.
  let path: String
  /// Links followed.
  private(set) var target: String
  /// The permissions of the file that is there.
  private(set) var mode: mode_t?

  /// `nil` for a device or a pipe.
  init?(_ path: String) throws {
    (self.path, target) = (path, path)
    var status = stat()
    if unsafe stat(path, &status) == 0 {
      let kind = status.st_mode & S_IFMT
      guard kind != S_IFDIR else {
        throw FormatError.system(.cannotCreate, path: path, code: EISDIR)
      }
      guard unsafe access(path, W_OK) == 0 else {
        throw FormatError.system(.cannotCreate, path: path, code: errno)
      }
      guard kind == S_IFREG else { return nil }
      mode = status.st_mode & 0o7777
      if let resolved = unsafe realpath(path, nil) {
        target = unsafe String(cString: resolved)
        unsafe free(resolved)
      }
    }
    guard !target.isEmpty, !target.hasSuffix("/") else {
      throw FormatError.system(.cannotCreate, path: path, code: path.isEmpty ? ENOENT : EISDIR)
    }
  }
}

/// A file that is complete but for its name. Its descriptor, and with it the lock, stays open.
private struct PendingFile {
  let place: Place
  let temporary: String
  let descriptor: Int32

  static func write<Result>(
    _ place: Place, _ body: (inout FileOutput) throws -> Result
  ) throws -> (PendingFile, Result) {
    let (temporary, descriptor) = try TemporaryFiles.create(for: place.target) { name in
      let descriptor = unsafe open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else {
        if errno == EEXIST { return nil as Int32? }
        throw FormatError.system(.cannotCreate, path: place.path, code: errno)
      }
      // Where there are no locks, what is left behind stays.
      flock(descriptor, LOCK_EX | LOCK_NB)
      return descriptor
    }
    let file = PendingFile(place: place, temporary: temporary, descriptor: descriptor)
    do {
      if let mode = place.mode, fchmod(descriptor, mode) != 0 {
        throw FormatError.system(.cannotWrite, path: place.path, code: errno)
      }
      return (file, try fill(descriptor, path: place.path, body))
    } catch {
      file.discard()
      throw error
    }
  }

  func discard() {
    TemporaryFiles.discard(temporary)
    close(descriptor)
  }
}

private func writeDirectly<Result>(
  to path: String, _ body: (inout FileOutput) throws -> Result
) throws -> Result {
  let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FormatError.system(.cannotCreate, path: path, code: errno) }
  defer { close(descriptor) }
  return try fill(descriptor, path: path, body)
}

/// Runs `body` and flushes to the disk.
private func fill<Result>(
  _ descriptor: Int32, path: String, _ body: (inout FileOutput) throws -> Result
) throws -> Result {
  var output = FileOutput(descriptor: descriptor, path: path)
  let result = try body(&output)
  try output.flush()
  // Pipes and terminals answer EINVAL: they have no disk to flush to.
  guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
    throw FormatError.system(.cannotWrite, path: path, code: errno)
  }
  return result
}

/// Makes the new name survive a power failure. Some file systems cannot; the data is safe anyway.
private func synchronizeDirectory(of target: String) {
  let directory = target.lastIndex(of: "/").map { target[...$0] } ?? "."
  let descriptor = unsafe open(String(directory), O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}
