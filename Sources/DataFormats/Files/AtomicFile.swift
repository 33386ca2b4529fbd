public import Foundation
internal import Synchronization

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
/// fails, the temporary file is removed and what was at `path` is untouched. An existing file
/// passes on its permissions; a symbolic link stays and its target is replaced; a device or pipe
/// is written to directly.
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
  var status = stat()
  var target = path
  var mode: mode_t?
  if unsafe stat(path, &status) == 0 {
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFDIR else {
      throw FormatError.system(.cannotCreate, path: path, code: EISDIR)
    }
    guard unsafe access(path, W_OK) == 0 else {
      throw FormatError.system(.cannotCreate, path: path, code: errno)
    }
    guard kind == S_IFREG else { return try writeDirectly(to: path, body) }
    mode = status.st_mode & 0o7777
    if let resolved = unsafe realpath(path, nil) {
      target = unsafe String(cString: resolved)
      unsafe free(resolved)
    }
  }
  let (descriptor, temporary) = try createTemporary(beside: target, for: path)
  do {
    if let mode, fchmod(descriptor, mode) != 0 {
      throw FormatError.system(.cannotWrite, path: path, code: errno)
    }
    let result = try writeAll(descriptor, path: path, body)
    guard unsafe rename(temporary, target) == 0 else {
      throw FormatError.system(.cannotCreate, path: path, code: errno)
    }
    synchronizeDirectory(of: target)
    return result
  } catch {
    unsafe unlink(temporary)
    throw error
  }
}

private func writeDirectly<Result>(
  to path: String, _ body: (inout FileOutput) throws -> Result
) throws -> Result {
  let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FormatError.system(.cannotCreate, path: path, code: errno) }
  return try writeAll(descriptor, path: path, body)
}

/// Runs `body`, flushes to the disk and closes the descriptor, whatever happens.
private func writeAll<Result>(
  _ descriptor: Int32, path: String, _ body: (inout FileOutput) throws -> Result
) throws -> Result {
  var output = FileOutput(descriptor: descriptor, path: path)
  do {
    let result = try body(&output)
    try output.flush()
    // Pipes and terminals answer EINVAL: they have no disk to flush to.
    guard fsync(descriptor) == 0 || errno == EINVAL || errno == ENOTSUP else {
      throw FormatError.system(.cannotWrite, path: path, code: errno)
    }
    guard close(descriptor) == 0 else {
      throw FormatError.system(.cannotWrite, path: path, code: errno)
    }
    return result
  } catch {
    close(descriptor)
    throw error
  }
}

private let temporaryCount = Atomic<Int>(0)

private func createTemporary(beside target: String, for path: String) throws -> (Int32, String) {
  let cut = target.lastIndex(of: "/").map { target.index(after: $0) } ?? target.startIndex
  guard cut < target.endIndex else {
    throw FormatError.system(.cannotCreate, path: path, code: path.isEmpty ? ENOENT : EISDIR)
  }
  // File names are limited to 255 bytes; the suffix takes at most 40.
  let name = String(decoding: target[cut...].utf8.prefix(200), as: UTF8.self)
  while true {
    let number = temporaryCount.add(1, ordering: .relaxed).newValue
    let temporary = "\(target[..<cut]).\(name).tmp-\(getpid())-\(number)"
    let descriptor = unsafe open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
    if descriptor >= 0 { return (descriptor, temporary) }
    // Left behind by a dead process that had the same number.
    if errno == EEXIST { continue }
    throw FormatError.system(.cannotCreate, path: path, code: errno)
  }
}

/// Makes the new name survive a power failure. Some file systems cannot; the data is safe anyway.
private func synchronizeDirectory(of target: String) {
  let directory = target.lastIndex(of: "/").map { target[...$0] } ?? "."
  let descriptor = unsafe open(String(directory), O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return }
  fsync(descriptor)
  close(descriptor)
}
