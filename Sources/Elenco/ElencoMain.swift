import Glibc
import HTTPServer
import Shared

/// Entry point of `elenco`, the command line that starts, follows, repairs and checks runs.
@main
struct ElencoMain {
  /// In the order of the list of commands.
  static var commands: [any Command.Type] {
    [
      RunCommand.self, PlanCommand.self, RunsCommand.self, StatusCommand.self, FollowCommand.self,
      LogsCommand.self, ReplayCommand.self, CancelCommand.self, VerifyCommand.self, ReportCommand.self,
      ConsoleCommand.self, FilmCommand.self, CompletionCommand.self, ManualCommand.self,
    ]
  }

  static var usage: String {
    """
    usage: elenco COMMAND [OPTIONS]

    Commands:
    \(commands.map { "  \($0.spec.name.padded(right: 12))\($0.spec.summary)" }.joined(separator: "\n"))

    Run "elenco COMMAND --help" to see the options of a command, and "elenco --version" to see the version.

    Credentials and region are read from the environment or from an AWS profile, as by the AWS CLI, which is asked
    for those of SSO, a role or an external process.
    Set AWS_ENDPOINT_URL to use an endpoint other than AWS, such as a local cloud.
    """
  }

  static func main() {
    // When a reader such as `head` closes the pipe, write() fails with EPIPE instead of ending the program.
    signal(SIGPIPE, SIG_IGN)
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      guard try run(arguments) else { exit(1) }
    } catch let error as UsageError {
      Terminal.note("elenco: \(error)")
      exit(2)
    } catch {
      Terminal.note("elenco: \(error)")
      exit(1)
    }
  }

  /// Runs the command that the arguments name.
  /// - Returns: whether it succeeded; false gives exit status 1.
  private static func run(_ arguments: [String]) throws -> Bool {
    guard let name = arguments.first else { throw UsageError("no command is given", usage: usage) }
    if ["--help", "-h", "help"].contains(name) {
      try Terminal.result(arguments.count > 1 ? HelpText.text(command(arguments[1]).spec) : usage)
      return true
    }
    if name == "--version" {
      let libraries = "\(LinkedLibraries.versions), libmicrohttpd \(LoopbackServer.libraryVersion)"
      try Terminal.result("elenco \(ElencoVersion.current) (\(libraries))")
      return true
    }
    let command = try command(name)
    if arguments.contains("--help") || arguments.contains("-h") {
      try Terminal.result(HelpText.text(command.spec))
      return true
    }
    return try command.main(Array(arguments.dropFirst()))
  }

  /// - Throws: `UsageError` for an unknown name, with the nearest one.
  private static func command(_ name: String) throws(UsageError) -> any Command.Type {
    if let command = commands.first(where: { $0.spec.name == name }) { return command }
    throw UsageError(
      "unknown command \"\(name.printable)\"\(NearestName.hint(name, among: commands.map { $0.spec.name }))",
      hint: "elenco --help lists the commands")
  }
}
