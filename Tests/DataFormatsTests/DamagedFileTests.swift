import DataFormats
import Foundation
import Testing

/// A reader with a file that it accepts.
struct DamagedReader: Sendable, CustomTestStringConvertible {
  var name: String
  var valid: @Sendable () throws -> Data
  /// Where lengths, offsets and names are; everywhere if nil.
  var structure: @Sendable (Data) -> Range<Int> = { 0..<$0.count }
  /// The least number of different checks that must strike.
  var checks: Int
  /// How many of its beginnings may be valid too.
  var validBeginnings = 0
  var read: @Sendable (Data) throws -> Void

  var testDescription: String { name }
}

/// The short, deterministic sister of the fuzzing in docs/testing.md.
@Suite("Damaged files are refused or read, never worse")
struct DamagedFileTests {
  static let readers = [
    DamagedReader(
      name: "safetensors", valid: { try Data(readFile(fixture("all.safetensors"))) },
      structure: { _ in 0..<400 }, checks: 20
    ) { bytes in
      let file = try SafetensorsFile(bytes: bytes, path: "f")
      for name in file.names { _ = try file.tensor(name).values(as: Float.self) }
    },
    DamagedReader(
      name: "npy", valid: { try Data(readFile(fixture("v2.npy"))) }, structure: { _ in 0..<90 },
      checks: 12
    ) { _ = try readNpy(bytes: $0, path: "f").values(as: Float.self) },
    npz("stored", checks: 15), npz("deflated", checks: 15), npz("zip64", checks: 15),
    DamagedReader(name: "idx", valid: { idx }, checks: 6) {
      _ = try readIDX(bytes: $0, path: "f", decompressionLimit: 1 << 20)
    },
    DamagedReader(name: "idx, gzip", valid: { gzip(idx) }, checks: 2) {
      _ = try readIDX(bytes: $0, path: "f", decompressionLimit: 1 << 20)
    },
    DamagedReader(
      name: "cifar10", valid: { Data(count: 3073) }, structure: { _ in 0..<4 }, checks: 2
    ) { _ = try readCIFAR10(bytes: $0, path: "f", decompressionLimit: 1 << 20) },
    DamagedReader(name: "cifar10, gzip", valid: { gzip(Data(count: 3073)) }, checks: 1) {
      _ = try readCIFAR10(bytes: $0, path: "f", decompressionLimit: 1 << 20)
    },
    csv("csv", "a,b,\"c\"\n# note\n1,2.5,-3e2\r\n4,\"5\",6\n", checks: 5),
    csv("tsv", "x\ty\n1\t2\n3\t4\n", checks: 4),
    DamagedReader(name: "gzip", valid: { gzip(Data(0..<200)) }, checks: 1, validBeginnings: 2) {
      _ = try decompressed($0, path: "f", limit: 1 << 20)
    },
  ]

  /// 2 × 3 numbers of 32 bits.
  static let idx = Data([0, 0, 0x0C, 2, 0, 0, 0, 2, 0, 0, 0, 3] + [UInt8](repeating: 7, count: 24))

  static func npz(_ name: String, checks: Int) -> DamagedReader {
    DamagedReader(
      name: "npz, \(name)", valid: { try Data(readFile(fixture("\(name).npz"))) },
      structure: { bytes in
        // The first entries of the directory, and all that is behind it.
        let directory = bytes.firstRange(of: Data([0x50, 0x4B, 1, 2]))!.lowerBound
        return name == "deflated" ? directory..<directory + 150 : directory..<bytes.count
      }, checks: checks
    ) { bytes in
      let file = try NpzFile(bytes: bytes, path: "f", decompressionLimit: 1 << 20)
      for name in file.names { _ = try file.tensor(name).values(as: Float.self) }
    }
  }

  static func csv(_ name: String, _ text: String, checks: Int) -> DamagedReader {
    DamagedReader(name: name, valid: { Data(text.utf8) }, checks: checks, validBeginnings: 10) {
      _ = try readCSV(bytes: $0, path: "f")
    }
  }

  @Test("Random changes", arguments: readers)
  func random(_ reader: DamagedReader) throws {
    let valid = try reader.valid()
    try reader.read(valid)
    func outcome(count: Int) -> Outcome {
      var damage = Damage(valid, structure: reader.structure(valid), seed: 1)
      var outcome = Outcome()
      for _ in 0..<count { outcome.note(damage.randomChange(), read: reader.read) }
      return outcome
    }
    let all = outcome(count: 2000)
    #expect(all.accepted + all.refused == 2000)
    #expect(all.refused > 500 && all.reasons.count >= reader.checks, "\(all)")
    #expect(outcome(count: 300) == outcome(count: 300))
  }

  @Test("Cut off after every byte, or every seventh of a long file", arguments: readers)
  func truncations(_ reader: DamagedReader) throws {
    let valid = try reader.valid()
    var outcome = Outcome()
    for bytes in Damage(valid, structure: 0..<valid.count, seed: 0).truncations {
      outcome.note(bytes, read: reader.read)
    }
    #expect(outcome.accepted + outcome.refused >= min(valid.count, 1500))
    #expect(outcome.accepted <= reader.validBeginnings, "\(outcome)")
  }

  @Test("Numbers at the ends of their ranges", arguments: readers)
  func extremes(_ reader: DamagedReader) throws {
    let valid = try reader.valid()
    let damage = Damage(valid, structure: reader.structure(valid), seed: 0)
    var outcome = Outcome()
    damage.extremeNumbers { outcome.note($0, read: reader.read) }
    // Fewer numbers than elsewhere fit the last seven places.
    let count = damage.structure.count
    #expect(outcome.accepted + outcome.refused >= Damage.numbers.count * (count - 7))
    #expect(outcome.refused > 4 * count, "\(outcome)")
  }

  @Test("Pieces of other files", arguments: readers)
  func splices(_ reader: DamagedReader) throws {
    let valid = try reader.valid()
    var damage = Damage(valid, structure: 0..<valid.count, seed: 2)
    var outcome = Outcome()
    for other in Self.readers {
      let bytes = [UInt8](try other.valid())
      for _ in 0..<50 { outcome.note(damage.splice(with: bytes), read: reader.read) }
    }
    #expect(outcome.accepted + outcome.refused == 50 * Self.readers.count)
    #expect(outcome.refused > 25 * Self.readers.count, "\(outcome)")
  }

  @Test("Decimal numbers in headers are found and changed")
  func decimals() throws {
    for name in ["safetensors", "npy"] {
      let reader = try #require(Self.readers.first { $0.name == name })
      let valid = try reader.valid()
      var outcome = Outcome()
      Damage(valid, structure: reader.structure(valid), seed: 0).extremeDecimals {
        outcome.note($0, read: reader.read)
      }
      #expect(outcome.refused >= 10 && outcome.reasons.count >= 4, "\(outcome)")
    }
  }
}
