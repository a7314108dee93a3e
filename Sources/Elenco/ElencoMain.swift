import Glibc
import Shared

/// Entry point of `elenco`, the command line that starts, follows, repairs and checks runs.
@main
struct ElencoMain {
  static let usage = """
    usage: elenco COMMAND [OPTIONS]

    Commands:
      run      start a run and follow it until it ends
      plan     show the requests, time and cost of a run without starting it
      status   show the state of a run's shards, and a command to fix each failed one
      replay   invoke workers again for shards of a run
      cancel   stop a run's workers; a replay continues the run
      verify   check a run's data files against its manifest and its shard plans

    Run "elenco COMMAND --help" to see the options of a command, and "elenco --version" to see the version.

    Credentials and region are read from the environment or from an AWS profile, as by the AWS CLI.
    Set AWS_ENDPOINT_URL to use an endpoint other than AWS, such as a local cloud.
    """

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

  private static let commands: [String: (usage: String, main: @Sendable ([String]) throws -> Bool)] = [
    "run": (RunCommand.usage, RunCommand.main), "plan": (PlanCommand.usage, PlanCommand.main),
    "status": (StatusCommand.usage, StatusCommand.main), "replay": (ReplayCommand.usage, ReplayCommand.main),
    "cancel": (CancelCommand.usage, CancelCommand.main), "verify": (VerifyCommand.usage, VerifyCommand.main),
  ]

  /// Runs the command that the arguments name.
  /// - Returns: whether it succeeded; false gives exit status 1.
  private static func run(_ arguments: [String]) throws -> Bool {
    guard let name = arguments.first else { throw UsageError("no command is given", usage: usage) }
    if ["--help", "-h", "help"].contains(name) {
      try Terminal.result(usage)
      return true
    }
    if name == "--version" {
      try Terminal.result("elenco \(ElencoVersion.current) (\(LinkedLibraries.versions))")
      return true
    }
    guard let command = commands[name] else {
      throw UsageError("unknown command \"\(name.printable)\"", hint: "elenco --help lists the commands")
    }
    if arguments.contains("--help") {
      try Terminal.result(command.usage)
      return true
    }
    return try command.main(Array(arguments.dropFirst()))
  }
}
