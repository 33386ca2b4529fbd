import Foundation

/// A new directory.
func temporaryDirectory() throws -> URL {
  let url = URL.temporaryDirectory.appending(path: "landbridge-tests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  return url
}

/// Runs `body` with a new directory, which is then removed.
func withDirectory(_ body: (URL) throws -> Void) throws {
  let url = try temporaryDirectory()
  defer { try? FileManager.default.removeItem(at: url) }
  try body(url)
}
