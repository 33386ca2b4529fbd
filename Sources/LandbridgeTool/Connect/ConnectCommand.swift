import ArgumentParser
struct ConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "connect")
}
