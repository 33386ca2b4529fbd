import Foundation
import Testing

/// A Python that has what a part of docs/python.md needs.
private enum Python {
  static let executable =
    ProcessInfo.processInfo.environment["LANDBRIDGE_PYTHON"] ?? "python3"

  /// Runs a script in a directory, with the built tool found by its name.
  static func run(_ script: String, in directory: URL) throws -> Tool.Run {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [executable, "-c", script]
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

/// The commands and programs of docs/python.md, run as they stand there.
@Suite struct `Python page` {
  /// The fenced blocks of a section as one program; commands run in a shell.
  private func program(of section: String) throws -> String {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let page = try String(contentsOf: root.appending(path: "docs/python.md"), encoding: .utf8)
    let sections = page.components(separatedBy: "\n## ")
    let text = try #require(sections.first { $0.hasPrefix(section) })
    var program = "import subprocess\n"
    let parts = text.components(separatedBy: "```")
    for block in stride(from: 1, to: parts.count, by: 2).map({ parts[$0] }) {
      if block.hasPrefix("python\n") {
        program += block.dropFirst("python\n".count)
      } else if block.hasPrefix("console\n") {
        for line in block.split(separator: "\n").dropFirst() {
          try #require(line.hasPrefix("$ landbridge "))
          program += "subprocess.run(\"\"\"\(line.dropFirst(2))\"\"\", shell=True, check=True)\n"
        }
      }
    }
    return program
  }

  private func run(_ section: String) throws -> String {
    let scratch = try Scratch()
    let run = try Python.run(program(of: section), in: scratch.url)
    #expect(run.code == 0, "\(run.output)")
    return run.output
  }

  @Test(
    .enabled(
      if: Python.has("torch, safetensors, numpy"),
      "\(Python.executable) lacks torch, safetensors or numpy (LANDBRIDGE_PYTHON names another)"))
  func `PyTorch to an answer and back, strictly loaded`() throws {
    let output = try run("PyTorch")
    #expect(output.contains("exact: True") && output.contains("switch to θ′"))
    #expect(output.contains("--layers classifier"))
  }

  @Test(
    .enabled(
      if: Python.has("jax, safetensors, numpy"),
      "\(Python.executable) lacks jax, safetensors or numpy (LANDBRIDGE_PYTHON names another)"))
  func `JAX to an answer and back`() throws {
    #expect(try run("JAX").contains("switch to θ′"))
  }

  @Test(
    .enabled(
      if: Python.has("numpy"),
      "\(Python.executable) lacks numpy (LANDBRIDGE_PYTHON names another)"))
  func `NumPy reads and writes models`() throws {
    #expect(try run("NumPy").contains("Wrote model.npz"))
  }
}
