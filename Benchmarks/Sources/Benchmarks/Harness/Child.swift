import ArgumentParser
import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// How a program that was run to its end used the machine.
struct ChildUse {
  /// From before the start until its end was seen.
  var seconds: Double
  /// The largest resident set, in bytes.
  var peak: Int
}

struct ChildFailure: Error, CustomStringConvertible {
  var description: String
}

/// Runs a program, its output discarded.
///
/// - Throws: `ChildFailure` if it cannot be started or does not end with 0.
func runChild(_ program: String, _ arguments: [String]) throws -> ChildUse {
  var texts: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) }
  texts.append(nil)
  defer { for text in texts { free(text) } }
  #if canImport(Glibc)
    var actions = posix_spawn_file_actions_t()
  #else
    var actions: posix_spawn_file_actions_t?
  #endif
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
  var (process, status, use) = (pid_t(), Int32(), rusage())
  var code: Int32 = 0
  let seconds = elapsed {
    code = posix_spawn(&process, program, &actions, nil, texts, environ)
    if code == 0 { while wait4(process, &status, 0, &use) < 0 && errno == EINTR {} }
  }
  guard code == 0 else { throw ChildFailure(description: "\(program): cannot be started") }
  guard status == 0 else {
    throw ChildFailure(
      description: "\(program) \(arguments.joined(separator: " ")): wait status \(status)")
  }
  #if os(macOS)
    let unit = 1
  #else
    let unit = 1024
  #endif
  return ChildUse(seconds: seconds, peak: Int(use.ru_maxrss) * unit)
}

/// The largest resident set of a program, in bytes.
///
/// Linux counts what the parent had in memory at the start as the child's own, so that a small
/// process of its own (``Peak``) has to start it.
func peakMemory(of program: String, _ arguments: [String]) throws -> Int {
  let process = Process()
  process.executableURL = URL(filePath: ownExecutable)
  process.arguments = ["peak", program, "--"] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  guard process.terminationStatus == 0,
    let peak = Int(text.trimmingCharacters(in: .whitespacesAndNewlines))
  else { throw ChildFailure(description: "\(program): its memory could not be measured") }
  return peak
}

let ownExecutable =
  Bundle.main.executablePath ?? URL(filePath: CommandLine.arguments[0]).path(percentEncoded: false)

struct Peak: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a program and print the bytes of its largest resident set.",
    shouldDisplay: false)

  @Argument var program: String
  @Argument(parsing: .postTerminator) var arguments: [String] = []

  func run() throws { print(try runChild(program, arguments).peak) }
}
