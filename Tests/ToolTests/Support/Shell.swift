import Foundation
import Testing

/// The tool run by a shell, which sets limits, closes descriptors and builds pipes. `$tool` is the
/// tool.
enum Shell {
  /// Runs a script of Bash; one that takes longer than five minutes hangs and is killed.
  static func run(
    _ script: String, environment: [String: String] = [:], in directory: Scratch
  ) throws -> Tool.Run {
    let name = UUID().uuidString
    let (output, errors) = (
      directory.logs.appending(path: name + ".out"), directory.logs.appending(path: name + ".err")
    )
    for url in [output, errors] { try Data().write(to: url) }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", script]
    process.currentDirectoryURL = directory.url
    process.environment = ProcessInfo.processInfo.environment
      .merging(["tool": Tool.executable.path(percentEncoded: false)]) { $1 }
      .merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let end = ContinuousClock.now + .seconds(300)
    while process.isRunning {
      if ContinuousClock.now > end {
        kill(process.processIdentifier, SIGKILL)
        Issue.record("hangs: \(script)")
      }
      usleep(10_000)
    }
    process.waitUntilExit()
    return Tool.Run(
      code: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8),
      isOrderly: process.terminationReason == .exit)
  }
}
