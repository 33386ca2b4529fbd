import Foundation

/// A Python that has what a part of the docs needs.
enum Python {
  static let executable =
    ProcessInfo.processInfo.environment["LANDBRIDGE_PYTHON"] ?? "python3"

  /// Runs a script in a directory, with the built tool found by its name.
  static func run(
    _ script: String, _ arguments: [String] = [], in directory: URL
  ) throws -> Tool.Run {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [executable, "-c", script] + arguments
    process.currentDirectoryURL = directory
    var environment = ProcessInfo.processInfo.environment
    let tools = Tool.executable.deletingLastPathComponent().path(percentEncoded: false)
    environment["PATH"] = tools + ":" + (environment["PATH"] ?? "")
    environment["OMP_NUM_THREADS"] = "1"
    process.environment = environment
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

  static func has(_ modules: String) -> Bool {
    let directory = URL(filePath: NSTemporaryDirectory())
    return (try? run("import " + modules, in: directory).code) == 0
  }
}
