internal import CZlib
internal import Foundation

/// The members of a zip archive. Nothing is ever unpacked to the disk, so names are only names.
///
/// The central directory is what counts. Members that overlap each other or the directory, which
/// bombs are made of, that are encrypted, or whose deflated members together claim more than the limit are refused
/// before anything is unpacked.
///
/// - Note: The format: PKWARE, "APPNOTE.TXT – .ZIP File Format Specification", 6.3.10.
struct ZipArchive {
  struct Member {
    var name: String
    var isDeflated: Bool
    var checksum: UInt32
    var compressedCount: Int
    var count: Int
    /// Where the local header begins.
    var offset: Int
  }

  let path: String
  let bytes: Data
  /// In the order of the directory.
  private(set) var members: [Member] = []

  init(_ bytes: Data, path: String, limit: Int) throws {
    self.path = path
    self.bytes = bytes
    let directory = try findDirectory()
    var position = directory.lowerBound
    var total = 0
    var names: Set<String> = []
    while position < directory.upperBound {
      let (member, next) = try readMember(at: position, before: directory.upperBound)
      guard names.insert(member.name).inserted else {
        throw fail(position, "member \(quoted(member.name)) a second time", "each name once")
      }
      // Stored members are parts of the file.
      let (sum, overflow) = total.addingReportingOverflow(member.isDeflated ? member.count : 0)
      guard !overflow, sum <= limit else {
        throw fail(
          position, "more than \(limit) bytes of content",
          "at most \(limit), or members that are not compressed")
      }
      total = sum
      members.append(member)
      position = next
    }
    try checkDisjoint(before: directory.lowerBound)
  }

  /// The content of a member, its length and checksum verified.
  func content(of member: Member) throws -> Data {
    let packed = try packedBytes(of: member)
    let place = "member \(quoted(member.name))"
    var content = packed
    if member.isDeflated {
      // One byte more than claimed tells a stream that goes on from one that ends in time.
      let result = try inflate(
        packed, .raw, limit: min(member.count, .max - 1) + 1, path: path, place: place)
      guard result.isComplete, result.bytes.count == member.count else {
        let count = result.bytes.count
        throw FormatError(
          path: path, place: place,
          found: count > member.count ? "more than \(member.count) bytes" : "\(count) bytes",
          expected: "\(member.count) bytes as the directory says")
      }
      content = result.bytes
    }
    let checksum = crc(content)
    guard checksum == member.checksum else {
      throw FormatError(
        path: path, place: place, found: "checksum \(String(checksum, radix: 16))",
        expected: String(member.checksum, radix: 16))
    }
    return content
  }

  /// The first bytes of a member, at most `count`, without a look at the rest and its checksum.
  func content(of member: Member, prefix count: Int) throws -> Data {
    let packed = try packedBytes(of: member)
    guard member.isDeflated else { return packed.prefix(count) }
    return try inflate(
      packed, .raw, limit: min(member.count, count), path: path,
      place: "member \(quoted(member.name))"
    ).bytes
  }

  private func packedBytes(of member: Member) throws -> Data {
    let start = try dataStart(of: member)
    guard member.compressedCount <= bytes.count - start else {
      throw fail(
        member.offset, "a member of \(member.compressedCount) bytes", "the file to hold it")
    }
    return bytes.dropFirst(start).prefix(member.compressedCount)
  }

  /// Where the packed bytes begin: behind the local header, whose other fields do not count.
  private func dataStart(of member: Member) throws -> Int {
    guard member.offset <= bytes.count - 30, try word(4, at: member.offset) == 0x0403_4B50 else {
      throw fail(member.offset, "no local header", "\"PK\\u{3}\\u{4}\"")
    }
    let nameLength = try word(2, at: member.offset + 26)
    let extraLength = try word(2, at: member.offset + 28)
    let start = member.offset + 30 + nameLength + extraLength
    guard start <= bytes.count else {
      throw fail(member.offset + 26, "a header of \(start - member.offset) bytes", "less")
    }
    let name = bytes.dropFirst(member.offset + 30).prefix(nameLength)
    guard name.elementsEqual(member.name.utf8) else {
      throw fail(
        member.offset + 30, "name \(quoted(bytes: name))",
        "\(quoted(member.name)) as in the directory")
    }
    return start
  }

  private func checkDisjoint(before limit: Int) throws {
    var end = 0
    for member in members.sorted(by: { $0.offset < $1.offset }) {
      guard member.offset >= end else {
        throw fail(member.offset, "overlapping members", "members one after the other")
      }
      let start = try dataStart(of: member)
      guard start <= limit, member.compressedCount <= limit - start else {
        throw fail(
          member.offset, "a member of \(member.compressedCount) bytes",
          "its end before the directory at offset \(limit)")
      }
      end = start + member.compressedCount
    }
  }

  /// An entry of the central directory and where the next begins.
  private func readMember(at position: Int, before limit: Int) throws -> (Member, next: Int) {
    guard position <= limit - 46, try word(4, at: position) == 0x0201_4B50 else {
      throw fail(position, "no directory entry", "\"PK\\u{1}\\u{2}\"")
    }
    let nameLength = try word(2, at: position + 28)
    let extraLength = try word(2, at: position + 30)
    let extra = position + 46 + nameLength
    let next = extra + extraLength + (try word(2, at: position + 32))
    guard next <= limit else { throw fail(position, "an entry cut off", "\(next - limit) bytes") }
    guard try word(2, at: position + 8) & 0x41 == 0 else {
      throw fail(position + 8, "an encrypted member", "a plain one")
    }
    let method = try word(2, at: position + 10)
    guard method == 0 || method == 8 else {
      throw fail(position + 10, "compression method \(method)", "0 (stored) or 8 (deflated)")
    }
    let nameBytes = bytes.dropFirst(position + 46).prefix(nameLength)
    guard let name = String(validating: nameBytes, as: UTF8.self) else {
      throw fail(position + 46, "a name that is not UTF-8", "UTF-8")
    }
    guard isStreamSafe(name) else {
      throw fail(position + 46, streamSafety.found, streamSafety.expected)
    }
    var member = Member(
      name: name, isDeflated: method == 8, checksum: UInt32(try word(4, at: position + 16)),
      compressedCount: try word(4, at: position + 20), count: try word(4, at: position + 24),
      offset: try word(4, at: position + 42))
    try readZip64(extra..<extra + extraLength, into: &member)
    guard member.isDeflated || member.count == member.compressedCount else {
      throw fail(
        position + 20, "\(member.compressedCount) stored bytes",
        "\(member.count), the length of the content")
    }
    return (member, next)
  }

  /// Fields of 32 ones have their values in the extra field 1, in this order.
  private func readZip64(_ extra: Range<Int>, into member: inout Member) throws {
    var wide: [WritableKeyPath<Member, Int>] = [\.count, \.compressedCount, \.offset]
    wide.removeAll { member[keyPath: $0] != 0xFFFF_FFFF }
    guard !wide.isEmpty else { return }
    var position = extra.lowerBound
    while position + 4 <= extra.upperBound {
      let identifier = try word(2, at: position)
      let end = position + 4 + (try word(2, at: position + 2))
      if identifier == 1, end <= extra.upperBound, position + 4 + 8 * wide.count <= end {
        for (i, field) in wide.enumerated() {
          member[keyPath: field] = try word(8, at: position + 4 + 8 * i)
        }
        return
      }
      position = end
    }
    throw fail(extra.lowerBound, "no zip64 field", "one with \(wide.count) numbers")
  }

  /// The central directory, through the record at the end of the file.
  private func findDirectory() throws -> Range<Int> {
    let last = bytes.count - 22
    let first = max(0, last - 0xFFFF)
    guard last >= 0, let record = try (first...last).reversed().first(where: isEndRecord) else {
      throw fail(max(last, 0), "no end of a zip archive", "\"PK\\u{5}\\u{6}\"")
    }
    var count = try word(4, at: record + 12)
    var start = try word(4, at: record + 16)
    var end = record
    let memberCount = try word(2, at: record + 10)
    if start == 0xFFFF_FFFF || count == 0xFFFF_FFFF || memberCount == 0xFFFF {
      let locator = record - 20
      guard locator >= 0, try word(4, at: locator) == 0x0706_4B50 else {
        throw fail(max(locator, 0), "no zip64 locator", "\"PK\\u{6}\\u{7}\"")
      }
      end = try word(8, at: locator + 8)
      guard end <= locator - 56, try word(4, at: end) == 0x0606_4B50 else {
        throw fail(locator + 8, "offset \(end)", "that of a zip64 end record")
      }
      count = try word(8, at: end + 40)
      start = try word(8, at: end + 48)
    }
    guard start <= end, count <= end - start else {
      throw fail(record + 12, "a directory at \(start) of \(count) bytes", "its end at \(end)")
    }
    return start..<start + count
  }

  private func isEndRecord(at position: Int) throws -> Bool {
    guard try word(4, at: position) == 0x0605_4B50 else { return false }
    let comment = try word(2, at: position + 20)
    return position + 22 + comment == bytes.count
  }

  /// A little-endian number of `width` bytes; larger than `Int.max` is an error.
  private func word(_ width: Int, at offset: Int) throws -> Int {
    guard offset >= 0, offset <= bytes.count - width else {
      throw fail(offset, "the end of the file", "\(width) bytes")
    }
    var value: UInt64 = 0
    for i in (0..<width).reversed() {
      value = value << 8 | UInt64(bytes[bytes.startIndex + offset + i])
    }
    guard value <= Int.max else { throw fail(offset, "\(value)", "less than 2⁶³") }
    return Int(value)
  }

  private func fail(_ offset: Int, _ found: String, _ expected: String) -> FormatError {
    FormatError(path: path, place: "offset \(offset)", found: found, expected: expected)
  }
}

/// The CRC-32 of zip and gzip.
func crc(_ bytes: Data, from checksum: UInt32 = 0) -> UInt32 {
  unsafe bytes.withUnsafeBytes { bytes in
    guard let start = bytes.baseAddress else { return checksum }
    return unsafe UInt32(
      crc32_z(uLong(checksum), start.assumingMemoryBound(to: Bytef.self), bytes.count))
  }
}
