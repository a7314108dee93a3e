import Glibc
import Shared

/// The command line: triggers runs and follows them, on AWS and on one machine alike.
@main
struct ElencoMain {
  static let usage = """
    usage: elenco VERB [OPTIONS]

      run      trigger the dispatcher and follow the run to its end
      plan     what a run would take, without running it
      status   a run's shards, and what mends those that need it
      replay   invoke workers for shards again
      verify   a run's files against its manifest, its films against its plans

    elenco VERB --help tells a verb's options. Credentials and region come from the environment or a
    profile, as for the AWS CLI; AWS_ENDPOINT_URL names another cloud than AWS.
    """

  static func main() {
    // Whoever reads no further, as `head`, ends the printing and not the program.
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

  private static let verbs: [String: (usage: String, main: @Sendable ([String]) throws -> Bool)] = [
    "run": (RunCommand.usage, RunCommand.main), "plan": (PlanCommand.usage, PlanCommand.main),
    "status": (StatusCommand.usage, StatusCommand.main), "replay": (ReplayCommand.usage, ReplayCommand.main),
    "verify": (VerifyCommand.usage, VerifyCommand.main),
  ]

  /// - Returns: whether all is well.
  private static func run(_ arguments: [String]) throws -> Bool {
    guard let name = arguments.first else { throw UsageError("a verb is missing", usage: usage) }
    if ["--help", "-h", "help"].contains(name) {
      try Terminal.result(usage)
      return true
    }
    guard let verb = verbs[name] else {
      throw UsageError("there is no verb \"\(name.printable)\"", usage: usage)
    }
    if arguments.contains("--help") {
      try Terminal.result(verb.usage)
      return true
    }
    return try verb.main(Array(arguments.dropFirst()))
  }
}
