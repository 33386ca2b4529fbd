import Foundation
import LinearAlgebra
import Testing

/// What the pages show as printed is what the tool prints. `scripts/refresh-docs.sh` pastes it anew.
///
/// To the last digit, but for speeds: results are the same bytes everywhere.
@Suite struct `Pasted output` {
  private let isRefreshing =
    ProcessInfo.processInfo.environment["LANDBRIDGE_REFRESH_DOCS"] != nil

  @Test(
    "consoles, run as they stand",
    arguments: [["README.md", "docs/pruning.md"], ["docs/training.md"]])
  func consoles(pages: [String]) throws {
    let scratch = try Scratch()
    for name in pages {
      var page = try Page(name)
      for index in page.blocks.indices where page.blocks[index].language == "console" {
        let block = page.blocks[index]
        var fresh = ""
        for (command, stated) in page.commands(block) {
          let run = try Shell.run(
            "landbridge() { \"$tool\" \"$@\"; }; " + command, in: scratch)
          let printed = run.errors + run.output
          // A page need not show what a command prints.
          fresh += "$ \(command)\n" + (stated.isEmpty ? "" : printed)
          if !isRefreshing, !stated.isEmpty {
            #expect(words(printed) == words(stated), "\(name): \(command)")
          }
        }
        if isRefreshing { page.replace(block, by: fresh) }
      }
      if isRefreshing { try page.write() }
    }
  }

  /// The whole quick reproduction: some minutes.
  @Test func `the demo`() throws {
    let scratch = try Scratch()
    let run = try Tool.run("reproduce", "--preset", "quick", "-q", "-o", "results", in: scratch)
    try #require(run.code == 0, "\(run.errors)")
    let fixture = Repository.root.appending(path: "Tests/ToolTests/Fixtures/demo.txt")
    if isRefreshing { try run.output.write(to: fixture, atomically: true, encoding: .utf8) }
    let recorded = try String(contentsOf: fixture, encoding: .utf8)
    #expect(
      hasFusedMultiplyAdd
        ? run.output == recorded : outline(run.output) == outline(recorded))
    // README shows the tables of the first three experiments.
    var page = try Page("README.md")
    let begin = try #require(page.lines.firstIndex(of: "<!-- demo:begin -->"))
    let block = try #require(page.blocks.first { $0.lines.lowerBound == begin + 2 })
    let end = try #require(
      recorded.range(of: "\nCIFAR-10 features, three layers, all trained\n")
    ).lowerBound
    let shown =
      String(recorded[..<end]).trimmingCharacters(in: .newlines)
      .replacing(/\n\n\n+/, with: "\n\n") + "\n\n… (the tables of three more experiments follow)\n"
    if isRefreshing {
      page.replace(block, by: shown)
      try page.write()
    }
    #expect(page.text(block) == shown || isRefreshing)
  }

  @Test func `digits and widths do not count, words and signs do`() {
    #expect(outline("loss  0.0497\n────  ────") == outline("loss 1.2e-05 ─ ─"))
    #expect(outline("59 200 parameters") == outline("7 parameters"))
    #expect(outline("barrier 0.1 (exact)") != outline("barrier 0.1 (sampled)"))
    #expect(outline("hash " + String(repeating: "a", count: 64)) == outline("hash 12"))
  }
}
