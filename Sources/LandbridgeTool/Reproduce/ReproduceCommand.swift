import ArgumentParser
import Experiments
import Foundation
import Landbridge
import Reports

struct Reproduce: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run the paper's experiments: figures, tables and one report.")

  @Option(help: "quick: minutes on two cores; full: more widths, trials and steps.")
  var preset = "quick"
  @Option(name: .shortAndLong, help: "Directory for everything that comes out.")
  var output = "results"
  @Option(help: "Directory with mnist/.") var dataDir: String?
  @Option var seed: UInt64 = 1
  @Option var threads = 2

  func run() throws {
    let directory = URL(filePath: output, directoryHint: .isDirectory)
    try createDirectory(directory)
    let reproduction = Reproduction(
      preset: .init(rawValue: preset)!, dataDirectory: dataDir, seed: seed)
    guard
      let results = try reproduction.run(
        in: directory, threads: threads,
        progress: { p in
          FileHandle.standardError.write(Data("\(Int(p.fraction * 100))% \(p.message)\n".utf8))
        }, shouldStop: { false })
    else { return }
    try writeFile(encodeStably(results), to: directory.appending(path: "results.json"))
    let report = ReproductionReport(results: results)
    let url = try report.write(into: directory)
    print(report.text)
    print("\n\(url.path(percentEncoded: false))")
  }
}
