import ArgumentParser
import Foundation
import Landbridge
import LinearAlgebra

@main struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "Times Landbridge against the machine's own matrix product and step-by-step BLAS.")

  @Option(help: "Seconds per measurement.") var seconds = 1.0
  @Option(help: "Write the numbers to this JSON file as well.") var output: String?
  @Flag(help: "Leave out the step-by-step twin.") var blockedOnly = false

  struct Row: Codable {
    var name: String
    var threads: Int
    var method: String
    var microsecondsPerStep: Measurement
    var gigaflopsPerSecond: Double
    var shareOfGEMM: Double
  }

  func run() throws {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    print("\(cores) cores, kernels \(kernelLevel), \(blasDescription)")
    var rows: [Row] = []
    let threadCounts = cores > 1 ? [1, 2] : [1]
    let rates = threadCounts.map { gemmRate(threads: $0, seconds: seconds) }
    for (threads, rate) in zip(threadCounts, rates) {
      print("sgemm 1536³, \(threads) threads: \(fixed(rate / 1e9, 1)) GFLOP/s")
    }
    print(
      "\n" + columns(["work", "method", "threads", "µs/step", "spread", "GFLOP/s", "of sgemm"]))
    for shape in TrainingShape.all {
      for (threads, rate) in zip(threadCounts, rates) {
        for method in SGDMethod.allCases where method == .blocked || (threads == 1 && !blockedOnly)
        {
          let time = shape.time(method, threads: threads, seconds: seconds)
          let speed = shape.flopsPerStep / time.median
          print(
            columns([
              shape.name, method.rawValue, "\(threads)", fixed(time.median * 1e6, 2),
              "±\(fixed((time.slowest - time.fastest) / time.median * 50, 0)) %",
              fixed(speed / 1e9, 1), "\(fixed(speed / rate * 100, 0)) %",
            ]))
          rows.append(
            Row(
              name: shape.name, threads: threads, method: method.rawValue,
              microsecondsPerStep: time, gigaflopsPerSecond: speed / 1e9,
              shareOfGEMM: speed / rate))
        }
      }
    }
    if let output {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
      try encoder.encode(rows).write(to: URL(fileURLWithPath: output), options: .atomic)
    }
  }

  private func fixed(_ value: Double, _ digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }

  private func columns(_ cells: [String]) -> String {
    let widths = [36, 13, 8, 11, 8, 9, 9]
    return zip(cells, widths).enumerated().map { index, cell in
      let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
      return index < 2 ? cell.0 + padding : padding + cell.0
    }.joined()
  }
}
