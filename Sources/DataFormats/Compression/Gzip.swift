internal import CZlib
public import Foundation

/// The content of a file, decompressed if it begins as gzip files do, whatever its name is.
///
/// A large file that is not compressed is mapped, not read.
///
/// - Parameters:
///   - path: The file.
///   - decompressionLimit: The most bytes that a compressed file may unpack to;
///     ``defaultDecompressionLimit(forCompressed:)`` if nil.
/// - Throws: `FormatError` if the file cannot be read, is damaged or unpacks to more.
public func readFile(_ path: String, decompressionLimit: Int? = nil) throws -> Data {
  try decompressed(fileContents(path).bytes, path: path, limit: decompressionLimit)
}

func isGzip(_ bytes: Data) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

/// `bytes`, unpacked if they are gzip data.
///
/// - Parameters:
///   - path: The file that they come from, for messages only.
///   - limit: The most bytes to unpack to and the most memory to take;
///     ``defaultDecompressionLimit(forCompressed:)`` if nil.
/// - Throws: `FormatError` if they are damaged or unpack to more.
public func decompressed(_ bytes: Data, path: String, limit: Int? = nil) throws -> Data {
  guard isGzip(bytes) else { return bytes }
  let limit = limit ?? defaultDecompressionLimit(forCompressed: bytes.count)
  // One byte more than allowed tells content that fits exactly from content that does not.
  let result = try inflate(bytes, .gzip, limit: min(limit, Int.max - 1) + 1, path: path)
  guard result.isComplete, result.bytes.count <= limit else {
    throw FormatError(
      path: path, place: "offset \(result.consumed) of the compressed data",
      found: "more than \(limit) bytes of content",
      expected: "at most \(limit), or a file that is not compressed")
  }
  return result.bytes
}

/// `bytes` in the gzip format, without name or time, so that equal content gives equal files.
///
/// - Parameter level: 1 (fast) to 9 (small).
public func gzip(_ bytes: Data, level: Int = 6) -> Data {
  deflate(bytes, .gzip, level: level)
}

/// Deflates `bytes` in memory. Memory: the result, grown by doubling.
func deflate(_ bytes: Data, _ framing: DeflateFraming, level: Int = 6) -> Data {
  let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  unsafe stream.initialize(to: z_stream())
  defer { unsafe stream.deallocate() }
  let status = unsafe deflateInit2_(
    stream, Int32(min(max(level, 1), 9)), Z_DEFLATED, framing.rawValue, 8, Z_DEFAULT_STRATEGY,
    ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  precondition(status == Z_OK, "no memory to compress")
  defer { unsafe deflateEnd(stream) }
  var result = Data()
  var chunk = [UInt8](repeating: 0, count: 1 << 18)
  unsafe bytes.withUnsafeBytes { input in
    var position = 0
    var status = Z_OK
    while status != Z_STREAM_END {
      let available = min(input.count - position, 1 << 30)
      let isLast = position + available == input.count
      unsafe chunk.withUnsafeMutableBufferPointer { output in
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
          mutating: input.baseAddress?.advanced(by: position).assumingMemoryBound(to: UInt8.self))
        unsafe stream.pointee.avail_in = UInt32(available)
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        status = unsafe CZlib.deflate(stream, isLast ? Z_FINISH : Z_NO_FLUSH)
        unsafe result.append(
          contentsOf: output.prefix(output.count - Int(stream.pointee.avail_out)))
      }
      position += available - Int(unsafe stream.pointee.avail_in)
    }
  }
  return result
}
