import Foundation

/// The checkout that the tests were built from.
enum Repository {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
}

/// Runs a program of the path with what it writes to either stream as one text.
func runMerged(
  _ command: [String], environment: [String: String] = [:], in directory: URL
) throws -> Tool.Run {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = command
  process.currentDirectoryURL = directory
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  process.standardInput = FileHandle.nullDevice
  try process.run()
  let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return Tool.Run(
    code: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self),
    errors: "", isOrderly: process.terminationReason == .exit)
}
