import ArgumentParser
import Foundation

/// What every suite is told.
struct Settings {
  /// For one piece of work, besides warming up.
  var seconds: Double
  var threads: [Int]
  var rates: Rates
  var landbridge: String?
  var filter: String

  /// Whether a piece of work was asked for: its suite, if the filter is the name of one, or else
  /// what contains the filter.
  func wants(_ suite: String, _ work: String) -> Bool {
    if suites.contains(where: { $0.name == filter }) { return suite == filter }
    return filter.isEmpty || "\(suite) \(work)".localizedCaseInsensitiveContains(filter)
  }
}

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the suites and print medians, spreads and ratios.",
    discussion: """
      Suites: \(suites.map(\.name).joined(separator: ", ")). Pieces of work that a ratio compares \
      run in turn. With --baseline every result is also divided by the stored one; times of \
      arithmetic are multiplied by the sgemm rate of their own run first, so that machines of \
      different speed compare.
      """)

  @Option(help: "Only this suite, or the pieces of work whose names contain this.") var filter = ""
  @Option(help: "Seconds for each piece of work.") var seconds = 1.0
  @Option(name: .shortAndLong, help: "Write the numbers to this JSON file.") var output: String?
  @Option(help: "Compare with a file that --save-baseline wrote.") var baseline: String?
  @Option(help: "Write the numbers where --baseline reads them; rows not run stay.")
  var saveBaseline: String?
  @Option(help: "A Markdown file whose bench section is replaced by what is printed.")
  var document: String?
  @Option(help: "The built tool, for its start-up time and memory.") var landbridge: String?

  func run() throws {
    let stored = try baseline.map { try BenchmarkReport.read($0) }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let threads = cores > 1 ? [1, 2] : [1]
    let rates = try Rates.measured(threads: threads, seconds: min(seconds, 1))
    let settings = Settings(
      seconds: seconds, threads: threads, rates: rates, landbridge: landbridge, filter: filter)
    var report = BenchmarkReport(machine: .current, rates: rates, rows: [])
    var printed = ""
    func show(_ text: String) {
      print(text)
      fflush(nil)
      printed += text + "\n"
    }
    show(report.machine.lines.joined(separator: "\n"))
    for t in threads {
      show(
        "\(t) thread\(t == 1 ? "" : "s"): sgemm \(short(rates.sgemm[t]! / 1e9)) GFLOP/s "
          + "(\(rates.sgemmOf[t]!)), "
          + "triad \(short(rates.triad[t]! / 1e9)) GB/s")
    }
    for suite in suites {
      let rows = try suite.rows(settings)
      guard !rows.isEmpty else { continue }
      report.rows += rows
      let table = report.table(suite: suite.name, baseline: stored).text(width: 80)
      show("\n" + table.dropLast())
    }
    try output.map { try report.write(to: $0) }
    try document.map { try replaceSection("bench", of: $0, with: "```\n\(printed)```\n") }
    if let path = saveBaseline {
      let new = Set(report.rows.map(\.key))
      let kept = (try? BenchmarkReport.read(path).rows.filter { !new.contains($0.key) }) ?? []
      if !filter.isEmpty { report.rows = kept + report.rows }
      try report.write(to: path)
    }
  }
}
