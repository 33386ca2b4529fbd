import ArgumentParser

@main struct Benchmarks: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "benchmarks",
    abstract: "What Landbridge's work costs on this machine.",
    discussion: "docs/performance.md says what is measured and how to read it.",
    subcommands: [
      Run.self, Growth.self, Worker.self, TrainChild.self, Peak.self,
    ], defaultSubcommand: Run.self)
}
