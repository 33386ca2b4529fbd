import Foundation

/// A Python that has what a part of the docs needs.
enum Python {
  static let executable =
    ProcessInfo.processInfo.environment["LANDBRIDGE_PYTHON"] ?? "python3"

  /// Runs a script in a directory, with the built tool found by its name.
  static func run(
    _ script: String, _ arguments: [String] = [], in directory: URL
  ) throws -> Tool.Run {
    let tools = Tool.executable.deletingLastPathComponent().path(percentEncoded: false)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return try runMerged(
      [executable, "-c", script] + arguments,
      environment: ["PATH": tools + ":" + path, "OMP_NUM_THREADS": "1"], in: directory)
  }

  static func has(_ modules: String) -> Bool {
    let directory = URL(filePath: NSTemporaryDirectory())
    return (try? run("import " + modules, in: directory).code) == 0
  }
}
