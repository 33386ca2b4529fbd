internal import CZlib
internal import Foundation

/// Which wrapping is around deflated data. The raw values are the window bits of zlib.
enum DeflateFraming: Int32 {
  case raw = -15
  case gzip = 31
}

struct Inflated {
  var bytes: Data
  /// The compressed bytes that were used up.
  var consumed: Int
  /// Whether the end of the stream was reached and its checksum was right.
  var isComplete: Bool
}

/// Unpacks deflated data, stopping without an error once `limit` bytes are out.
///
/// Gzip files may have several members, as `cat a.gz b.gz` makes them, and zeros after the last.
/// Memory grows with what really comes out, whatever lengths the file claims.
///
/// - Throws: `FormatError` naming the offset in the compressed data.
func inflate(
  _ input: Data, _ framing: DeflateFraming, limit: Int, path: String, place: String? = nil
) throws -> Inflated {
  var output = GrowingBuffer(limit: limit)
  return try unsafe input.withUnsafeBytes { input in
    // On the heap because zlib keeps the address and refuses a stream that has moved.
    let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    defer { unsafe stream.deallocate() }
    let size = unsafe Int32(MemoryLayout<z_stream>.size)
    guard unsafe inflateInit2_(stream, framing.rawValue, ZLIB_VERSION, size) == Z_OK else {
      throw FormatError(.cannotRead, path: path, found: "no memory to decompress")
    }
    defer { unsafe inflateEnd(stream) }
    var position = 0
    func fail(_ found: String) -> FormatError {
      let offset = "offset \(position) of the compressed data"
      return FormatError(
        path: path, place: place.map { "\($0), \(offset)" } ?? offset, found: found,
        expected: framing == .gzip ? "gzip data" : "deflated data")
    }
    while true {
      guard output.reserve() else {
        throw FormatError(.cannotRead, path: path, place: place, found: "no memory to decompress")
      }
      let chunk = min(input.count - position, 1 << 30)
      // zlib does not write to its input, it merely lacks the const.
      unsafe stream.pointee.next_in = UnsafeMutablePointer(
        mutating: input.baseAddress?.advanced(by: position).assumingMemoryBound(to: UInt8.self))
      unsafe stream.pointee.avail_in = UInt32(chunk)
      let free = unsafe output.free
      unsafe stream.pointee.next_out = free.start
      unsafe stream.pointee.avail_out = UInt32(free.count)
      let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
      let used = unsafe chunk - Int(stream.pointee.avail_in)
      let made = unsafe free.count - Int(stream.pointee.avail_out)
      position += used
      output.count += made
      switch status {
      case Z_STREAM_END:
        let rest = unsafe UnsafeRawBufferPointer(rebasing: input[position...])
        if unsafe framing == .raw || rest.allSatisfy({ $0 == 0 }) {
          return Inflated(bytes: output.take(), consumed: position, isComplete: true)
        }
        guard unsafe rest.starts(with: [0x1F, 0x8B]) else {
          throw fail("\(rest.count) bytes after the end")
        }
        unsafe inflateReset(stream)
      case Z_OK, Z_BUF_ERROR:
        if output.count == limit {
          return Inflated(bytes: output.take(), consumed: position, isComplete: false)
        }
        if used == 0 && made == 0 { throw fail("the end of the file") }
      case Z_MEM_ERROR:
        throw FormatError(.cannotRead, path: path, place: place, found: "no memory to decompress")
      default:
        let message = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
        throw fail(message ?? "damaged data")
      }
    }
  }
}

/// Memory that doubles as it fills, up to a limit, and becomes `Data` without a copy.
@safe private struct GrowingBuffer: ~Copyable {
  private var start: UnsafeMutablePointer<UInt8>?
  private var capacity = 0
  private let limit: Int
  var count = 0

  init(limit: Int) {
    self.limit = max(limit, 0)
    unsafe self.start = nil
  }

  deinit { unsafe Foundation.free(start) }

  /// Makes room for at least one byte unless the limit is reached; false if memory is short.
  mutating func reserve() -> Bool {
    guard count == capacity, unsafe count < limit || start == nil else { return true }
    let next = min(max(capacity * 2, 1 << 16), max(limit, 1))
    guard let grown = unsafe realloc(start, next) else { return false }
    unsafe start = grown.assumingMemoryBound(to: UInt8.self)
    capacity = next
    return true
  }

  var free: (start: UnsafeMutablePointer<UInt8>?, count: Int) {
    unsafe (start.map { unsafe $0 + count }, min(min(capacity, limit) - count, 1 << 30))
  }

  mutating func take() -> Data {
    guard count > 0, let memory = unsafe realloc(start, count) else { return Data() }
    unsafe start = nil
    capacity = 0
    return unsafe Data(bytesNoCopy: memory, count: count, deallocator: .free)
  }
}
