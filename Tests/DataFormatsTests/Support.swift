import DataFormats
import Foundation
import Testing

/// A file of the reference implementations; `Fixtures/make_fixtures.py` makes them.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL!.appending(path: "Fixtures/\(name)").path(percentEncoded: false)
}

/// A file of the shared test data, or nil where they are absent.
func shared(_ name: String) -> String? {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  let folder =
    ProcessInfo.processInfo.environment["LANDBRIDGE_SHARED"]
    ?? root.deletingLastPathComponent().appending(path: "shared").path(percentEncoded: false)
  let path = folder + "/data/" + name
  return FileManager.default.fileExists(atPath: path) ? path : nil
}

/// A directory that lives as long as the call.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let url = FileManager.default.temporaryDirectory.appending(path: "formats-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: url) }
  return try body(url.path(percentEncoded: false))
}

/// Writes `bytes` to a file for the time of the call.
func withFile<Result>(_ bytes: Data, _ body: (String) throws -> Result) throws -> Result {
  try withTemporaryDirectory { directory in
    let path = directory + "/file"
    try bytes.write(to: URL(filePath: path))
    return try body(path)
  }
}

/// Checks that reading `bytes` fails with a `FormatError` that contains each of `words`.
func expectRefusal(
  _ bytes: Data, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation,
  read: (Data) throws -> some Any
) {
  do {
    _ = try read(bytes)
    Issue.record("accepted; expected an error with \(words)", sourceLocation: sourceLocation)
  } catch let error as FormatError {
    let message = "\(error)"
    #expect(error.kind == .invalidData, "\(message)", sourceLocation: sourceLocation)
    #expect(!message.contains { $0.isNewline }, "\(message)", sourceLocation: sourceLocation)
    for word in words {
      #expect(message.contains(word), "\(message)", sourceLocation: sourceLocation)
    }
  } catch {
    Issue.record("\(error) is no FormatError", sourceLocation: sourceLocation)
  }
}

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

/// Reads `count` damaged versions of `valid`: every outcome but success or a `FormatError` fails.
///
/// - Returns: How many were accepted, so that a test can tell that both outcomes occur.
@discardableResult
func mutate(
  _ valid: Data, count: Int = 4000, seed: UInt64, focus: Range<Int>? = nil,
  read: (Data) throws -> Void
) -> Int {
  var generator = SplitMix(state: seed)
  let focus = focus.map { $0.clamped(to: 0..<valid.count) } ?? 0..<valid.count
  var accepted = 0
  for _ in 0..<count {
    var bytes = [UInt8](valid)
    for _ in 0..<Int.random(in: 1...3, using: &generator) where !bytes.isEmpty {
      let place =
        Bool.random(using: &generator)
        ? Int.random(in: focus, using: &generator) % bytes.count
        : Int.random(in: bytes.indices, using: &generator)
      switch Int.random(in: 0..<8, using: &generator) {
      case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator)!
      case 2: bytes.removeSubrange(place...)
      case 3: bytes.remove(at: place)
      case 4:
        bytes.insert(UInt8.random(in: .min ... .max, using: &generator), at: place)
      case 5:
        for i in place..<min(place + 8, bytes.count) { bytes[i] = 0xFF }
      case 6:
        let end = min(place + Int.random(in: 1..<40, using: &generator), bytes.count)
        bytes.insert(
          contentsOf: Array(bytes[place..<end]), at: bytes.indices.randomElement(using: &generator)!
        )
      default: bytes[place] = UInt8.random(in: 0x20..<0x7F, using: &generator)
      }
    }
    do {
      try read(Data(bytes))
      accepted += 1
    } catch is FormatError {
    } catch {
      Issue.record("\(error) is no FormatError")
    }
  }
  return accepted
}

/// The array of `make_fixtures.py`: element i in row-major order.
func ramp(_ dtype: DType, count: Int) -> [Double] {
  (0..<count).map { i in
    switch dtype {
    case .bool: Double(i % 2)
    case .u8, .u16, .u32, .u64: Double(i)
    case .f16, .f32, .f64, .bf16: Double(3 * i - 7) / 4
    default: Double(3 * i - 7)
    }
  }
}
