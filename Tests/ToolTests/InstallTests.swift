import Foundation
import Testing

@Suite struct `Install` {
  @Test func `a moved tool runs its built-in data and a report without the build`() throws {
    let run = try script(
      "check-install.sh", [Tool.executable.path(percentEncoded: false)], in: Scratch())
    #expect(run.code == 0, "\(run.output)")
    #expect(run.output.contains("ran: digits, cifar10-vgg"), "\(run.output)")
  }

  @Test func `installing twice and uninstalling leaves what was there before`() throws {
    let scratch = try Scratch()
    try FileManager.default.createDirectory(
      atPath: scratch.path("a prefix/bin"), withIntermediateDirectories: true)
    try scratch.write("mine", to: "a prefix/bin/other")
    let tool = Tool.executable.path(percentEncoded: false)
    for _ in 0..<2 {
      let run = try script("install.sh", [scratch.path("a prefix"), tool], in: scratch)
      #expect(run.code == 0, "\(run.output)")
      #expect(run.output.contains("is not in PATH"))
    }
    #expect(try files(in: scratch).count == 7)
    #expect(
      FileManager.default.contentsEqual(
        atPath: tool, andPath: scratch.path("a prefix/bin/landbridge")))

    let run = try script("install.sh", ["--uninstall", scratch.path("a prefix")], in: scratch)
    #expect(run.code == 0, "\(run.output)")
    #expect(try files(in: scratch) == ["a prefix/bin/other"])
  }

  @Test(arguments: [
    (["", "TOOL"], "found no prefix"), (["prefix", "TOOL"], "expected an absolute path"),
    (["/PREFIX", "/nowhere/landbridge"], "found no program /nowhere/landbridge"),
    (["/PREFIX", "/bin/false"], "/bin/false does not run"), (["/PREFIX"], "usage: "),
  ])
  func `a wrong prefix or tool is refused and nothing written`(
    arguments: [String], message: String
  ) throws {
    let scratch = try Scratch()
    let run = try script(
      "install.sh",
      arguments.map {
        switch $0 {
        case "TOOL": Tool.executable.path(percentEncoded: false)
        case "/PREFIX": scratch.path("prefix")
        default: $0
        }
      }, in: scratch)
    #expect(run.code == 1)
    #expect(run.output.hasPrefix("install: ") && run.output.contains(message), "\(run.output)")
    #expect(try files(in: scratch) == [])
  }

  private func files(in scratch: Scratch) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: scratch.path("")).sorted().filter {
      var isDirectory: ObjCBool = false
      return unsafe FileManager.default.fileExists(
        atPath: scratch.path($0), isDirectory: &isDirectory) && !isDirectory.boolValue
    }
  }

  /// Runs a script of the package; errors are among the output.
  private func script(
    _ name: String, _ arguments: [String], in scratch: Scratch
  ) throws -> Tool.Run {
    try runMerged(
      ["bash", Repository.root.appending(path: "scripts/" + name).path(percentEncoded: false)]
        + arguments, in: scratch.url)
  }
}
