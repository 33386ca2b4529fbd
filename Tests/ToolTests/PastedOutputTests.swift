import Foundation
import Testing

/// What the pages show as printed is what the tool prints. `scripts/refresh-docs.sh` pastes it anew.
///
/// Training amplifies rounding, which differs between processors, so that digits are compared by
/// whoever refreshes them, and words, columns and lines by everyone.
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
            #expect(outline(printed) == outline(stated), "\(name): \(command)")
          }
        }
        if isRefreshing { page.replace(block, by: fresh) }
      }
      if isRefreshing { try page.write() }
    }
  }

  @Test func `digits and widths do not count, words and signs do`() {
    #expect(outline("loss  0.0497\n────  ────") == outline("loss 1.2e-05 ─ ─"))
    #expect(outline("59 200 parameters") == outline("7 parameters"))
    #expect(outline("barrier 0.1 (exact)") != outline("barrier 0.1 (sampled)"))
    #expect(outline("hash " + String(repeating: "a", count: 64)) == outline("hash 12"))
  }
}
