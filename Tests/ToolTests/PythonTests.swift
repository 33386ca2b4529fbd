import Foundation
import Testing

/// The commands and programs of docs/python.md, run as they stand there.
@Suite struct `Python page` {
  /// The fenced blocks of a section as one program; commands run in a shell.
  private func program(of section: String) throws -> String {
    let page = try String(
      contentsOf: Repository.root.appending(path: "docs/python.md"), encoding: .utf8)
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
