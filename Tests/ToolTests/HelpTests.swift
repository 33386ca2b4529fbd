import Foundation
import Testing

@Suite struct `Help` {
  static let commands: [(name: String, options: [String])] = [
    (
      "train",
      [
        "--data", "--hidden", "--activation", "--loss", "--step-size", "--schedule", "--steps",
        "--passes", "--time", "--trained", "--scaling", "--bias", "--first-law", "--middle-law",
        "--output-law", "--method", "--block-size", "--evaluations", "--evaluate-every",
        "--checkpoint-every", "--resume", "--output", "--names", "--fold-scaling",
      ]
    ),
    (
      "evaluate",
      ["--data", "--loss", "--activation", "--scaling", "--layers", "--confidence", "--output"]
    ),
    (
      "dropout",
      [
        "--data", "--layers", "--keep", "--keep-count", "--all", "--select", "--draws", "--layer",
        "--refit",
        "--tolerance", "--output", "--figure",
      ]
    ),
    (
      "connect",
      [
        "--data", "--layers", "--method", "--keep", "--overlapping", "--refit", "--output",
        "--names", "--fold-scaling",
        "--certify-data", "--confidence", "--clip", "--input-range", "--target-range",
      ]
    ),
    (
      "prune",
      [
        "--data", "--held-out", "--keep", "--keep-count", "--tolerance", "--standard-deviations",
        "--select", "--criterion", "--layer", "--draws", "--refit", "--ridge", "--output",
        "--layers", "--names", "--fold-scaling",
      ]
    ),
  ]

  @Test(arguments: commands.map(\.name))
  func `names every option and fits 80 columns`(_ command: String) throws {
    let run = try Tool.run(command, "--help", in: Scratch())
    #expect(run.code == 0)
    #expect(run.errors.isEmpty)
    let shared = ["--format", "--seed", "--threads", "--precision", "--quiet", "--help"]
    let options = Self.commands.first { $0.name == command }!.options
    for option in options + shared {
      #expect(run.output.contains("\(option)"), "\(option) of \(command)")
    }
    for line in run.output.split(separator: "\n") {
      #expect(line.count <= 80, "\(line)")
    }
    // An overview, before any option.
    #expect(run.output.hasPrefix("OVERVIEW: "))
  }

  @Test func `of verify names its options and fits 80 columns`() throws {
    let run = try Tool.run("verify", "--help", in: Scratch())
    #expect(run.code == 0 && run.output.hasPrefix("OVERVIEW: "))
    for option in ["--data", "--start", "--end", "--directory", "--format", "--threads", "--quiet"]
    {
      #expect(run.output.contains(option))
    }
    #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  @Test func `of the tool lists the commands`() throws {
    let run = try Tool.run("--help", in: Scratch())
    #expect(run.code == 0)
    for name in Self.commands.map(\.name) + ["verify", "data", "version"] {
      #expect(run.output.contains("\n  \(name) "), "\(name)")
    }
    #expect(run.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
  }

  /// Every command, with the path to it.
  static let all = [
    [], ["train"], ["evaluate"], ["dropout"], ["prune"], ["connect"], ["verify"], ["reproduce"],
    ["features"], ["features", "vgg16"], ["data"], ["data", "list"], ["data", "info"], ["version"],
  ]

  @Test(arguments: all)
  func `fits 80 columns and shows commands that can be copied`(_ path: [String]) throws {
    let run = try Shell.run(
      "COLUMNS=80 $tool \(path.joined(separator: " ")) --help", in: Scratch())
    #expect(run.code == 0 && run.errors.isEmpty)
    let lines = run.output.components(separatedBy: "\n")
    for (index, line) in lines.enumerated() {
      #expect(line.count <= 80, "\(line)")
      // An example that was broken by the width of the screen lacks its backslash.
      guard line.hasPrefix("  landbridge ") || line.hasPrefix("    landbridge ") else { continue }
      let next = index + 1 < lines.count ? lines[index + 1] : ""
      let isWhole = next.isEmpty || next.hasPrefix("  landbridge ") || next.hasPrefix("    ")
      #expect(isWhole || line.hasSuffix("\\"), "\(line)\n\(next)")
      if next.hasPrefix("    ") && !next.hasPrefix("    landbridge") {
        #expect(line.hasSuffix("\\"), "\(line)\n\(next)")
      }
    }
    let help = try Tool.run(["help"] + path, in: Scratch())
    #expect(help.code == 0 && !help.output.isEmpty)
  }

  @Test func `of what there is not is refused, with what was meant`() throws {
    for (arguments, words) in [
      (["help", "foo"], ["foo", "train"]), (["help", "trian"], ["did you mean train?"]),
      (["help", "data", "lst"], ["data lst", "list"]), (["help", "train", "x"], ["train x"]),
      (["evalute"], ["did you mean evaluate?"]), (["data", "inof"], ["did you mean info?"]),
      (["help", "\u{1B}[2J"], ["no such command"]), ([""], ["no such command"]),
    ] {
      let run = try Tool.run(arguments, in: Scratch())
      #expect(run.code == 64 && run.output.isEmpty, "\(arguments): \(run.output)")
      #expect(run.errors.split(separator: "\n").count == 1 && !run.errors.contains("\u{1B}"))
      for word in words { #expect(run.errors.contains(word), "\(arguments): \(run.errors)") }
    }
  }

  @Test func `says what is true of reproduce and features`() throws {
    let reproduce = try Tool.run("reproduce", "--help", in: Scratch()).output
    #expect(reproduce.contains(/Default\s+float/) && !reproduce.contains("Default 0"))
    #expect(reproduce.contains(/--seed[^-]*Default 1|--seed[^-]*default: 1/))
    let features = try Tool.run("features", "vgg16", "--help", in: Scratch()).output
    #expect(!features.contains("--precision") && !features.contains("--seed"))
  }

  @Test func `of the tool lists the exit codes, as the docs do`() throws {
    let help = try Tool.run("--help", in: Scratch()).output.split(whereSeparator: \.isWhitespace)
    for code in ["64", "65", "66", "71", "73", "74", "130", "143", "129"] {
      #expect(help.contains { $0.hasPrefix(code) }, "\(code)")
    }
  }

  @Test func `version is a number, or all that computes`() throws {
    let short = try Tool.run("--version", in: Scratch())
    #expect(short.code == 0)
    #expect(short.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
    let long = try Tool.run("version", in: Scratch())
    #expect(long.output.contains(short.output.trimmingCharacters(in: .newlines)))
    #expect(long.output.contains("kernels") && long.output.contains("cores"))
  }

  @Test func `results fit 80 columns`() throws {
    let scratch = try Scratch()
    try scratch.train("a.safetensors", "--seed", "1")
    try scratch.train("b.safetensors", "--seed", "2")
    try scratch.train("deep.safetensors", "--hidden", "8,6")
    for arguments in [
      ["evaluate", "a.safetensors", "--data", gaussians],
      ["dropout", "a.safetensors", "--data", gaussians],
      ["dropout", "a.safetensors", "--data", gaussians, "--select", "random", "--refit"],
      ["dropout", "deep.safetensors", "--data", gaussians],
      ["prune", "a.safetensors", "--data", gaussians, "--tolerance", "0.2", "-o", "s.safetensors"],
      [
        "prune", "deep.safetensors", "--data", gaussians, "--keep", "0.5", "--refit", "-o",
        "s.safetensors",
      ],
      ["connect", "a.safetensors", "b.safetensors", "--data", gaussians],
      ["data", "list"], ["data", "info", "digits"], ["data", "info", "deep.safetensors"],
      ["train", "--data", "digits", "--hidden", "4", "--steps", "50", "-o", "c.safetensors"],
    ] {
      let run = try Tool.run(arguments, in: scratch)
      #expect(run.code == 0, "\(arguments): \(run.errors)")
      #expect(run.errors.isEmpty, "\(arguments): \(run.errors)")
      for line in run.output.split(separator: "\n") {
        #expect(line.count <= 80, "\(arguments[0]): \(line)")
      }
    }
  }
}
