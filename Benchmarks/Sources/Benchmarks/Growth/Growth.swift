import ArgumentParser
import Foundation
import Reports

struct Growth: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "How cost grows with N, d, K, the block size and threads, against the roofline.",
    discussion: """
      Writes figures (svg, csv, gnuplot script) and numbers (cost.json), prints a table, and with \
      --document replaces the section between <!-- growth:begin --> and <!-- growth:end -->.
      """)

  @Option(name: .shortAndLong, help: "Where figures and numbers go.") var output: String
  @Option(help: "Seconds for each point.") var seconds = 0.2
  @Option(help: "A Markdown file with a section to replace.") var document: String?
  @Flag(help: "Measure nothing: draw the numbers of an earlier run again.") var redraw = false

  func run() throws {
    let folder = URL(filePath: output, directoryHint: .isDirectory)
    let file = folder.appending(path: "cost.json")
    let measured: GrowthResults
    if redraw {
      measured = try JSONDecoder().decode(GrowthResults.self, from: Data(contentsOf: file))
    } else {
      measured = try GrowthResults.measured(seconds: seconds)
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try encoder.encode(measured).write(to: file, options: .atomic)
    }
    try measured.trainingFigure.write(into: folder)
    try measured.memoryFigure.write(into: folder)
    let (tables, partings) = (measured.tables, measured.partings)
    print(tables + "\n" + partings.joined(separator: "\n"))
    if let document {
      let text = """
        Measured on: \(measured.machine.lines.joined(separator: "; ")); \(measured.rateText).

        ```
        \(tables)```

        \(partings.map { "- " + $0 }.joined(separator: "\n"))

        """
      try replaceSection("growth", of: document, with: text)
    }
  }
}
