import ArgumentParser
struct DropoutCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "dropout")
}
