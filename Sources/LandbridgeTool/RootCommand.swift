import ArgumentParser
import Experiments
import Foundation
import LinearAlgebra

@main
struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "landbridge",
    abstract: "How many neurons can be dropped, and how two solutions are connected.",
    discussion: """
      Wide networks trained by SGD lose little when half of their neurons are dropped, and any two \
      of them are joined by a path of low loss. This tool trains such networks, computes what \
      dropout costs for every number of neurons kept, and builds the paths with their exact barrier.

      A first tour, half a minute:
        landbridge train --data digits --hidden 800 --passes 20 --seed 1 \\
            -o a.safetensors
        landbridge train --data digits --hidden 800 --passes 20 --seed 2 \\
            -o b.safetensors
        landbridge dropout a.safetensors --data digits
        landbridge connect a.safetensors b.safetensors --data digits -o path

      Results go to standard output (--format json for programs), progress and messages to \
      standard error.
      """,
    version: landbridgeVersion,
    subcommands: commands)

  /// In the order of the help text.
  private static let commands: [any ParsableCommand.Type] = [
    ReproduceCommand.self, TrainCommand.self, EvaluateCommand.self, DropoutCommand.self,
    PruneCommand.self, ConnectCommand.self, VerifyCommand.self,
    FeaturesCommand.self, DataCommand.self, VersionCommand.self,
  ]

  static func main() {
    ShortenedFile.catchFault()
    var name = ""
    do {
      var command = try parseAsRoot()
      name = type(of: command).configuration.commandName.map { $0 + " " } ?? ""
      try command.run()
    } catch {
      report(error, command: name)
    }
  }

  /// Ends the process: help and versions as they are, anything else as one line and an exit code.
  ///
  /// - Parameter command: the one that ran, empty if none did.
  private static func report(_ error: any Error, command: String) -> Never {
    if let failure = ToolFailure(error) {
      Messages.error(failure.description)
      Foundation.exit(failure.code)
    }
    let code = exitCode(for: error)
    guard code == .validationFailure else { exit(withError: error) }
    Messages.error(message(for: error))
    // ArgumentParser ends its long message with where to find help, if it knows the command.
    if !command.isEmpty {
      Messages.write("See 'landbridge \(command)--help' for more information.")
    } else if let hint = fullMessage(for: error).split(separator: "\n").last,
      hint.contains("--help")
    {
      Messages.write(hint.trimmingCharacters(in: .whitespaces))
    }
    Foundation.exit(ExitStatus.usage)
  }
}

struct VersionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "version", abstract: "Print the version and what computes.",
    discussion: "For bug reports: the kernels the processor runs, and the BLAS library.")

  func run() throws {
    try writeStandardOutput(
      """
      landbridge \(landbridgeVersion)
      kernels    \(kernelLevel)
      BLAS       \(blasDescription.trimmingCharacters(in: .whitespaces))
      cores      \(ProcessInfo.processInfo.activeProcessorCount)

      """)
  }
}
