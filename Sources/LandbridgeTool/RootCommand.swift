import ArgumentParser
import DataFormats
import CSystem
import Artifacts
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

      Exit codes: 0 done; 1 the work itself failed (training diverged, a claim does not hold); \
      64 the command line; 65 what a file holds; 66 a file that is missing or cannot be read; \
      71 memory, or a thread, was refused; 73 a place that cannot be written to; 74 writing failed \
      (a full disk). A signal gives 128 + its number: 130 Ctrl-C, 143 kill, 129 a closed terminal; \
      train then writes a checkpoint first.
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
    lb_end_on_refused_memory()
    openStandardDescriptors()
    ShortenedFile.catchFault()
    Interruption.catchSignals()
    var name = ""
    do {
      try checkCommandNames(Array(CommandLine.arguments.dropFirst()))
      var command = try parseAsRoot()
      name = type(of: command).configuration.commandName.map { $0 + " " } ?? ""
      try command.run()
    } catch {
      report(error, command: name)
    }
  }

  /// A file that is opened while 0, 1 or 2 is closed would get that number, and what is meant for the
  /// screen would be written into it. What is opened here in their places fails when it is used.
  private static func openStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Refuses names of commands that there are not, with those that were probably meant.
  private static func checkCommandNames(_ arguments: [String]) throws {
    var (names, type): (ArraySlice<String>, any ParsableCommand.Type) = (arguments[...], Self.self)
    let isHelp = names.first == "help"
    if isHelp { names.removeFirst() }
    var path = isHelp ? ["help"] : []
    while let name = names.popFirst(), !name.hasPrefix("-") {
      let subcommands = type.configuration.subcommands
      // What follows the last command are its arguments; after “help” there are none.
      if subcommands.isEmpty && !isHelp { return }
      path.append(name)
      let known = subcommands.map { $0.configuration.commandName! }
      if let index = known.firstIndex(of: name) {
        type = subcommands[index]
      } else if name != "help" {
        throw ToolFailure(
          ExitStatus.usage,
          "\(quoted(path.joined(separator: " "))): no such command; "
            + suggestion(for: name, among: known))
      }
    }
  }

  private static func suggestion(for name: String, among known: [String]) -> String {
    let close = known.filter { $0.hasPrefix(name) || editDistance(name, $0) <= 2 }
    return close.isEmpty
      ? "there is " + (known.isEmpty ? "nothing below it" : known.joined(separator: ", "))
      : "did you mean " + close.joined(separator: " or ") + "?"
  }

  /// Ends the process: help and versions as they are, anything else as one line and an exit code.
  ///
  /// - Parameter command: the one that ran, empty if none did.
  private static func report(_ error: any Error, command: String) -> Never {
    Interruption.yieldToSignal()
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
    discussion: """
      For bug reports. Results are the same bytes with the kernels x86-64-v3, x86-64-v4 and arm64 \
      NEON; x86-64, for processors without fused multiply-add (before 2013), has others.
      """)

  func run() throws {
    try writeStandardOutput(
      """
      landbridge \(landbridgeVersion)
      kernels    \(kernelLevel)\(hasFusedMultiplyAdd ? "" : " (no fused multiply-add: other last digits)")
      cores      \(ProcessInfo.processInfo.activeProcessorCount)

      """)
  }
}
