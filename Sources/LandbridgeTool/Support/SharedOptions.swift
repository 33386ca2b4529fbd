import ArgumentParser
import Foundation
import Landbridge
import LinearAlgebra

enum Precision: String, CaseIterable, Codable, ExpressibleByArgument {
  case float, double
}

enum OutputFormat: String, CaseIterable, ExpressibleByArgument {
  case text, json, csv
}

/// Options that every command of the engine takes.
struct SharedOptions: ParsableArguments {
  @Option(help: "How results are printed.")
  var format = OutputFormat.text

  @Option(
    help: ArgumentHelp(
      "Names the random numbers: initial weights, order of samples, draws. Default 0.",
      valueName: "number"))
  var seed: UInt64?

  @Option(
    help: ArgumentHelp(
      "Threads that share the work; results do not depend on it. Default: all cores.",
      valueName: "count"))
  var threads: Int?

  @Option(help: "Floating-point type. Default float, or that of the model.")
  var precision: Precision?

  @Flag(name: .shortAndLong, help: "No progress, no messages but errors.")
  var quiet = false

  var threadCount: Int { threads ?? ProcessInfo.processInfo.activeProcessorCount }

  func validate() throws {
    if let threads, !(1...1024).contains(threads) {
      throw ValidationError("--threads \(threads): expected a number from 1 to 1024")
    }
  }
}

/// A command whose work is done in `Float` or `Double`.
protocol EngineCommand: ParsableCommand {
  var shared: SharedOptions { get }
  /// What is computed with where the command line does not say.
  func defaultPrecision() throws -> Precision
  func run<Scalar: Real>(in type: Scalar.Type) throws
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
