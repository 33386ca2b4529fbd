import DataFormats
import Foundation
import Testing

/// SplitMix64 (Steele, Lea, Flood, 2014).
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A valid file and ways to damage it. Equal seeds give equal damage.
struct Damage {
  let valid: [UInt8]
  /// Where the structure of the format is: lengths, offsets, names.
  let structure: Range<Int>
  var generator: SplitMix

  init(_ valid: Data, structure: Range<Int>, seed: UInt64) {
    self.valid = [UInt8](valid)
    self.structure = structure.clamped(to: 0..<valid.count)
    generator = SplitMix(state: seed)
  }

  /// The file cut off after each of its bytes, or each seventh of more than 4096.
  var truncations: some Sequence<[UInt8]> {
    stride(from: 0, to: valid.count, by: valid.count > 4096 ? 7 : 1).lazy.map {
      Array(valid.prefix($0))
    }
  }

  /// At each place of the structure, each number that breaks sums and products, in each width and
  /// byte order.
  func extremeNumbers(_ body: ([UInt8]) -> Void) {
    for place in structure {
      for number in Damage.numbers where place + number.count <= valid.count {
        var bytes = valid
        bytes.replaceSubrange(place..<place + number.count, with: number)
        body(bytes)
      }
    }
  }

  static let numbers: [[UInt8]] = [1, 2, 4, 8].flatMap { width -> [[UInt8]] in
    func number(first: UInt8, rest: UInt8, last: UInt8) -> [UInt8] {
      [first] + [UInt8](repeating: rest, count: width - 1).dropLast() + (width > 1 ? [last] : [])
    }
    let ends = [
      number(first: 0, rest: 0, last: 0), number(first: 0xFF, rest: 0xFF, last: 0xFF),
      number(first: 0xFE, rest: 0xFF, last: 0xFF), number(first: 0xFF, rest: 0xFF, last: 0x7F),
      number(first: 0, rest: 0, last: 1),
    ]
    return ends + ends.dropFirst(2).map { $0.reversed() }
  }

  /// Decimal numbers of headers in text, each replaced by ones that overflow.
  func extremeDecimals(_ body: ([UInt8]) -> Void) {
    for start in structure where isDigit(valid[start]) {
      if start > structure.lowerBound && isDigit(valid[start - 1]) { continue }
      let end = valid[start...].firstIndex { !isDigit($0) } ?? valid.count
      for text in ["", "0", "-1", "4294967296", "9223372036854775807", "18446744073709551616"] {
        var bytes = valid
        bytes.replaceSubrange(start..<end, with: text.utf8)
        body(bytes)
      }
    }
  }

  private func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

  /// A beginning of one file with an end of the other, some bytes exchanged.
  mutating func splice(with other: [UInt8]) -> [UInt8] {
    let first = Int.random(in: 0...valid.count, using: &generator)
    let second = Int.random(in: 0...other.count, using: &generator)
    if Bool.random(using: &generator) { return Array(valid[..<first]) + Array(other[second...]) }
    return Array(other[..<second]) + Array(valid[first...])
  }

  /// One to three random changes, half of them in the structure.
  mutating func randomChange() -> [UInt8] {
    var bytes = valid
    for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
      let place =
        Bool.random(using: &generator)
        ? Int.random(in: structure, using: &generator) % bytes.count
        : Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<7, using: &generator) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator)!
      case 2: bytes.removeSubrange(place...)
      case 3: bytes.remove(at: place)
      case 4: bytes.insert(UInt8.random(in: .min ... .max, using: &generator), at: place)
      case 5:
        let end = min(place + Int.random(in: 1..<40, using: &generator), bytes.count)
        let target = Int.random(in: bytes.indices, using: &generator)
        bytes.insert(contentsOf: Array(bytes[place..<end]), at: target)
      default: bytes[place] = UInt8.random(in: 0x20..<0x7F, using: &generator)
      }
    }
    return bytes
  }
}

/// What became of damaged files.
struct Outcome: Equatable {
  var accepted = 0
  var refused = 0
  /// What was expected in place of what was found: one for each check that struck.
  var reasons: Set<String> = []

  /// Reads `bytes`: anything but success or a `FormatError` with a proper message is a failure.
  mutating func note(_ bytes: [UInt8], read: (Data) throws -> Void) {
    do {
      try read(Data(bytes))
      accepted += 1
    } catch let error as FormatError {
      refused += 1
      reasons.insert(error.expected?.filter { !$0.isNumber } ?? error.found)
      let message = error.description
      if error.kind != .invalidData || message.utf8.count > 4096
        || !message.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
      {
        Issue.record("\(error.kind): \(message)")
      }
    } catch {
      Issue.record("\(error) is no FormatError")
    }
  }
}
