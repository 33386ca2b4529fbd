public import Foundation

/// The gnuplot program, version 5.4 or later, which draws the figures.
public struct Gnuplot: Sendable {
  public let executable: URL
  /// Where figures are drawn, each in a directory of its own that is removed afterwards.
  package var workingDirectory = FileManager.default.temporaryDirectory

  /// Finds gnuplot in the directories of a search path.
  ///
  /// - Parameter searchPath: directories separated by colons; nil takes the environment's `PATH`.
  /// - Throws: `ReportError.gnuplotMissing`, which names the packages that install it.
  public init(searchPath: String? = nil) throws(ReportError) {
    let path =
      searchPath ?? ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin"
    for directory in path.split(separator: ":") {
      let candidate = URL(fileURLWithPath: String(directory)).appendingPathComponent("gnuplot")
      let target = candidate.resolvingSymlinksInPath().path
      let type =
        try? FileManager.default.attributesOfItem(atPath: target)[.type] as? FileAttributeType
      if type == .typeRegular, FileManager.default.isExecutableFile(atPath: target) {
        executable = candidate
        return
      }
    }
    throw .gnuplotMissing(searched: path.isEmpty ? "an empty PATH" : path)
  }

  /// Draws a script that writes `name.svg` from `name.csv`, in a directory of its own.
  func draw(name: String, script: String, csv: String) throws -> Data {
    let directory = workingDirectory.appendingPathComponent(
      "landbridge-figure-" + UUID().uuidString)
    try FileManager.default.createDirectory(
      at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: directory) }
    try Data(csv.utf8).write(to: directory.appendingPathComponent(name + ".csv"))
    try Data(script.utf8).write(to: directory.appendingPathComponent(name + ".gp"))
    let messages = directory.appendingPathComponent("messages")
    try Data().write(to: messages)

    let process = Process()
    process.executableURL = executable
    process.arguments = ["--default-settings", "./" + name + ".gp"]
    process.currentDirectoryURL = directory
    process.environment = ProcessInfo.processInfo.environment.filter {
      !$0.key.hasPrefix("GNUPLOT") && !$0.key.hasPrefix("GNUTERM")
    }
    process.standardInput = FileHandle.nullDevice
    let output = try FileHandle(forWritingTo: messages)
    defer { try? output.close() }
    process.standardOutput = output
    process.standardError = output
    try process.run()
    process.waitUntilExit()

    let svg = try? Data(contentsOf: directory.appendingPathComponent(name + ".svg"))
    // On a full disk gnuplot ends as if all were well.
    guard process.terminationStatus == 0, let svg, isWhole(svg) else {
      let message = (try? Data(contentsOf: messages)) ?? Data()
      throw ReportError.gnuplotFailed(
        script: name + ".gp", status: process.terminationStatus,
        message: String(decoding: message.prefix(4000), as: UTF8.self))
    }
    return svg
  }

  private func isWhole(_ svg: Data) -> Bool {
    String(decoding: svg.suffix(64), as: UTF8.self).contains("</svg>")
  }
}
