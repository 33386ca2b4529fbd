import ArgumentParser
import Artifacts
import DataFormats
import Foundation
import Landbridge
import LinearAlgebra

enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, csv

  /// What the ending of a file's name says.
  static let endings: [(ending: String, format: OutputFormat)] = [
    ("txt", .text), ("json", .json), ("csv", .csv),
  ]

  /// What to write: what was asked for, else what the name of the file says, else text.
  static func resolved(_ asked: OutputFormat?, path: String?) -> OutputFormat {
    if let asked { return asked }
    let ending = path.map(pathEnding)
    return endings.first { $0.ending == ending }?.format ?? .text
  }
}

/// Options of every command that computes.
struct BasicOptions: ParsableArguments {
  @Option(help: "How results are written. Default text; in a file, by its ending.")
  var format: OutputFormat?

  @Option(
    help: ArgumentHelp(
      "Threads that share the work; results do not depend on it. Default: all cores.",
      valueName: "count"))
  var threads: Int?

  @Flag(name: .shortAndLong, help: "No progress, no messages but errors.")
  var quiet = false

  /// As many as asked for, else one per core that there is memory for.
  var threadCount: Int {
    if let threads { return threads }
    // A stack and what products copy of their operands.
    let affordable = AvailableMemory.now().bytes / (16 << 20)
    return max(1, min(ProcessInfo.processInfo.activeProcessorCount, affordable))
  }

  func validate() throws { try positive("--threads", threads, atMost: 1024) }
}

/// Options of the commands that work on networks.
struct SharedOptions: ParsableArguments {
  @OptionGroup var basic: BasicOptions

  @Option(
    help: ArgumentHelp(
      "Names the random numbers: initial weights, order of samples, draws. Default 0.",
      valueName: "number"))
  var seed: UInt64?

  @Option(help: "Floating-point type. Default float, or that of the model.")
  var precision: Precision?

  var format: OutputFormat? { basic.format }
  var threadCount: Int { basic.threadCount }
  var quiet: Bool { basic.quiet }
}

/// A command whose work is done in `Float` or `Double`.
protocol EngineCommand: ParsableCommand {
  var shared: SharedOptions { get }
  /// What is computed with where the command line does not say.
  func defaultPrecision() throws -> Precision
  func run<Scalar: MatrixScalar>(in type: Scalar.Type) throws
}

extension EngineCommand {
  func defaultPrecision() throws -> Precision { .float }

  func run() throws {
    switch try shared.precision ?? defaultPrecision() {
    case .float: try run(in: Float.self)
    case .double: try run(in: Double.self)
    }
  }
}
