internal import Crypto
internal import LinearAlgebra

/// Digests by which samples are known again, whatever file they come from.
///
/// That of a row is the SHA-256 of its inputs and targets as read, before scaling, standardising
/// and labels' becoming ±1: the numbers d and K′ as UInt32, d inputs and K′ targets as Float, all
/// little-endian. Values are rounded to Float and −0 is 0, so that 0.1 in a table, as float and as
/// double are the same. A label −1 is 0; a one-hot row of several columns is the index of its 1,
/// K′ = 1. docs/data.md has it in Python.
struct SampleDigests: Sendable {
  static let length = 32
  /// n × 32 bytes
  let bytes: [UInt8]

  var count: Int { bytes.count / SampleDigests.length }

  init(_ samples: RawSamples) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(samples.count * SampleDigests.length)
    for i in 0..<samples.count {
      let inputs = samples.inputs.row(i)
      let targets = SampleDigests.canonical(samples.targets.row(i))
      var words = [UInt32(inputs.count), UInt32(targets.count)]
      words += (inputs + targets).map { (Float($0) + 0).bitPattern }
      for k in words.indices { words[k] = words[k].littleEndian }
      var hash = SHA256()
      unsafe words.withUnsafeBytes { unsafe hash.update(bufferPointer: $0) }
      bytes += hash.finalize()
    }
    self.bytes = bytes
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private static func canonical(_ targets: [Double]) -> [Double] {
    if targets.count == 1 { return targets[0] == -1 ? [0] : targets }
    guard let one = targets.firstIndex(of: 1),
      targets.count(where: { $0 == 0 }) == targets.count - 1
    else { return targets }
    return [Double(one)]
  }

  func selecting(_ rows: [Int]) -> SampleDigests {
    SampleDigests(bytes: rows.flatMap { self[$0] })
  }

  subscript(_ row: Int) -> ArraySlice<UInt8> {
    bytes[row * SampleDigests.length..<(row + 1) * SampleDigests.length]
  }

  /// Of the rows in their order: SHA-256 of their digests, in hexadecimal.
  var digest: String { hexadecimal(SHA256.hash(data: bytes)) }

  /// The first 48 bits of every digest.
  var shortened: [UInt64] {
    (0..<count).map { self[$0].prefix(6).reduce(0) { $0 << 8 | UInt64($1) } }
  }

  /// How many of these rows are among those of `other`.
  func shared(with other: SampleDigests) -> Int {
    let known = Set((0..<other.count).map { other[$0] })
    return (0..<count).count { known.contains(self[$0]) }
  }
}

/// The smallest of the shortened digests of a set of rows, from which it can be told how many of
/// other rows belong to it.
///
/// Digests are as random: of rows whose digest is at most the largest one kept, membership is
/// certain, and they are a random part of all. (A. Broder, "On the resemblance and containment of
/// documents", 1997.)
struct SampleSketch: Sendable, Equatable {
  static let capacity = 256
  /// Ascending, all different.
  let digests: [UInt64]

  init(_ rows: SampleDigests) {
    digests = Array(Set(rows.shortened).sorted().prefix(SampleSketch.capacity))
  }

  /// Twelve hexadecimal digits each.
  init?(text: String) {
    guard text.utf8.count.isMultiple(of: 12), text.utf8.count <= 12 * SampleSketch.capacity else {
      return nil
    }
    let digits = Array(text.utf8)
    let parsed = stride(from: 0, to: digits.count, by: 12).map {
      UInt64(String(decoding: digits[$0..<$0 + 12], as: UTF8.self), radix: 16)
    }
    let known = parsed.compactMap { $0 }
    guard known.count == parsed.count, zip(known, known.dropFirst()).allSatisfy({ $0 < $1 }) else {
      return nil
    }
    digests = known
  }

  var text: String {
    digests.map { value in
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 12 - digits.count) + digits
    }.joined()
  }

  /// How many of `rows` belong to the set: exact if the set has fewer than ``capacity`` rows, else
  /// estimated.
  func members(of rows: SampleDigests) -> Int {
    guard let largest = digests.last else { return 0 }
    let known = Set(digests)
    let bound = digests.count < SampleSketch.capacity ? .max : largest
    let decided = rows.shortened.filter { $0 <= bound }
    let found = decided.count { known.contains($0) }
    guard found > 0 else { return 0 }
    let fraction = Double(found) / Double(decided.count)
    return max(1, Int((fraction * Double(rows.count)).rounded()))
  }
}
