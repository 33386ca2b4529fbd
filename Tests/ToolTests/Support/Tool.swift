import Foundation
import Testing

/// The built tool, run as a user runs it.
enum Tool {
  /// What a finished run left.
  struct Run {
    var code: Int32
    var output: String
    var errors: String

    /// Standard output as a JSON object.
    func json(_ location: SourceLocation = #_sourceLocation) throws -> [String: Any] {
      try #require(try parseJSON(Data(output.utf8)) as? [String: Any], sourceLocation: location)
    }

    /// Whether it ended by itself, without a signal.
    var isOrderly: Bool
  }

  /// `landbridge` beside the test bundle.
  static let executable: URL = {
    let bundles = CommandLine.arguments.filter { $0.contains(".xctest") }
      .map { URL(filePath: $0) }
    for start in bundles + [Bundle.main.bundleURL] {
      var directory = start
      for _ in 0..<4 {
        let candidate = directory.appending(path: "landbridge")
        var isDirectory: ObjCBool = false
        let exists = unsafe FileManager.default.fileExists(
          atPath: candidate.path(percentEncoded: false), isDirectory: &isDirectory)
        if exists && !isDirectory.boolValue { return candidate }
        directory = directory.deletingLastPathComponent()
      }
    }
    fatalError("no landbridge beside \(CommandLine.arguments[0]): run swift build first")
  }()

  /// Runs to the end.
  static func run(_ arguments: String..., in directory: Scratch) throws -> Run {
    try run(arguments, in: directory)
  }

  static func run(_ arguments: [String], in directory: Scratch) throws -> Run {
    let running = try start(arguments, in: directory)
    return try running.finish()
  }

  static func start(_ arguments: [String], in directory: Scratch) throws -> RunningTool {
    try RunningTool(arguments, in: directory)
  }
}

final class RunningTool {
  private let process = Process()
  private let output: URL
  private let errors: URL

  init(_ arguments: [String], in directory: Scratch) throws {
    let name = UUID().uuidString
    output = directory.logs.appending(path: name + ".out")
    errors = directory.logs.appending(path: name + ".err")
    #if os(Linux)
      // Whoever runs the tests may ignore what closes a terminal, and so would the tool.
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments =
        ["--default-signal=HUP", Tool.executable.path(percentEncoded: false)] + arguments
    #else
      process.executableURL = Tool.executable
      process.arguments = arguments
    #endif
    process.currentDirectoryURL = directory.url
    process.standardInput = FileHandle.nullDevice
    for url in [output, errors] { try Data().write(to: url) }
    process.standardOutput = try FileHandle(forWritingTo: output)
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  func finish() throws -> Tool.Run {
    process.waitUntilExit()
    return Tool.Run(
      code: process.terminationStatus, output: try String(contentsOf: output, encoding: .utf8),
      errors: try String(contentsOf: errors, encoding: .utf8),
      isOrderly: process.terminationReason == .exit)
  }

  /// Waits until `condition` holds; gives up when the process has ended, or after a minute.
  func wait(until condition: () -> Bool) -> Bool {
    for _ in 0..<12_000 {
      if condition() { return true }
      if !process.isRunning { return condition() }
      usleep(5_000)
    }
    return false
  }
}

/// JSON with every number as it was written; `JSONSerialization` rounds some of them otherwise.
func parseJSON(_ data: Data) throws -> Any {
  enum Value: Decodable {
    case null, text(String), number(Double), flag(Bool), list([Value]), object([String: Value])

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .null
      } else if let flag = try? container.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? container.decode(Double.self) {
        self = .number(number)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else if let list = try? container.decode([Value].self) {
        self = .list(list)
      } else {
        self = .object(try container.decode([String: Value].self))
      }
    }

    var any: Any {
      switch self {
      case .null: NSNull()
      case .text(let text): text
      case .number(let number): NSNumber(value: number)
      case .flag(let flag): flag
      case .list(let list): list.map(\.any)
      case .object(let object): object.mapValues(\.any)
      }
    }
  }
  return try JSONDecoder().decode(Value.self, from: data).any
}

/// A directory of its own for one test, removed in the end.
final class Scratch {
  let url: URL
  let logs: URL

  init() throws {
    let base = URL(filePath: NSTemporaryDirectory(), directoryHint: .isDirectory)
      .appending(path: "landbridge-tests-\(UUID().uuidString)", directoryHint: .isDirectory)
    url = base.appending(path: "work", directoryHint: .isDirectory)
    logs = base.appending(path: "logs", directoryHint: .isDirectory)
    for directory in [url, logs] {
      try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(at: url.deletingLastPathComponent()) }

  func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

  func write(_ text: String, to name: String) throws { try write(Data(text.utf8), to: name) }

  func write(_ data: Data, to name: String) throws {
    try data.write(to: url.appending(path: name))
  }

  func bytes(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }

  /// Everything in the directory, hidden files too.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path("")).sorted() }
  }

  /// Trains a small network on Gaussians.
  @discardableResult
  func train(_ name: String, _ more: String...) throws -> Tool.Run {
    let run = try Tool.run(
      [
        "train", "--data", "gaussians:d=6,delta=0.5,mean=0.5,n=500", "--quiet", "--format",
        "json", "-o", name,
      ] + (more.contains("--hidden") ? [] : ["--hidden", "8"])
        + (more.contains("--steps") ? [] : ["--steps", "600"]) + more, in: self)
    try #require(run.code == 0, "\(run.errors)")
    return run
  }
}

/// The samples of ``Scratch/train(_:_:)``.
let gaussians = "gaussians:d=6,delta=0.5,mean=0.5,n=500"
