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
