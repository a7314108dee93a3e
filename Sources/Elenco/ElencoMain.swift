import Glibc
import Shared

/// The command line: triggers runs and follows them, on AWS and on one machine alike.
@main
struct ElencoMain {
  static let usage = """
    usage: elenco VERB [OPTIONS]

      run      trigger the dispatcher and follow the run to its end

    elenco VERB --help tells a verb's options. Credentials and region come from the environment or a
    profile, as for the AWS CLI; AWS_ENDPOINT_URL names another cloud than AWS.
    """

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do {
      switch arguments.first {
      case "run": try RunCommand.main(Array(arguments.dropFirst()))
      case "--help", "-h", "help": print(usage)
      case nil: throw UsageError("a verb is missing", usage: usage)
      case let verb?: throw UsageError("there is no verb \"\(verb.printable)\"", usage: usage)
      }
    } catch let error as UsageError {
      Terminal.note("elenco: \(error)")
      exit(2)
    } catch {
      Terminal.note("elenco: \(error)")
      exit(1)
    }
  }
}
