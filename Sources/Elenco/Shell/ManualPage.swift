import Shared

/// Makes the man page elenco(1) from the commands' tables.
enum ManualPage {
  static func text(_ specs: [CommandSpec], version: String) -> String {
    """
    .TH ELENCO 1 "\(ElencoVersion.date)" "Elenco \(roff(version))" "User Commands"
    .SH NAME
    elenco \\- fetch the credits of films from TMDB into an S3 data lake
    .SH SYNOPSIS
    .B elenco
    .I COMMAND
    [\\fIOPTIONS\\fR]
    .SH DESCRIPTION
    .B elenco
    starts, follows, repairs and checks runs.
    A run is carried out by AWS Lambda functions, which a dispatcher function
    starts; it continues without this program.
    .PP
    Credentials and region are read from the environment or from an AWS profile,
    as by the AWS CLI.
    For profiles with SSO, a role or an external process, version 2 of the AWS CLI
    is asked.
    .SH COMMANDS
    \(specs.map(command).joined(separator: "\n"))
    .SH ENVIRONMENT
    \(environment.map { ".TP\n.B \(roff($0.name))\n\(roff($0.meaning))" }.joined(separator: "\n"))
    .SH NOTES
    This product uses the TMDB API but is not endorsed or certified by TMDB.
    """
  }

  private static let environment = [
    (name: "ELENCO_BUCKET", meaning: "The destination's bucket, if --bucket is not given."),
    (name: "ELENCO_PREFIX", meaning: "The destination's prefix, if --prefix is not given."),
    (name: "ELENCO_WORKER_FUNCTION", meaning: "The worker function, if --function is not given."),
    (
      name: "ELENCO_DISPATCHER_FUNCTION",
      meaning: "The dispatcher function of elenco logs, if --dispatcher is not given."
    ),
    (
      name: "ELENCO_LEASE_SECONDS",
      meaning: "The template's parameter LeaseSeconds, if --lease-seconds is not given."
    ),
    (name: "AWS_ENDPOINT_URL", meaning: "An endpoint other than AWS, such as a local cloud."),
    (name: "NO_COLOR", meaning: "If it is set and not empty, no colours are used."),
  ]

  private static func command(_ spec: CommandSpec) -> String {
    let paragraphs = CommandSpec.paragraphs(spec.description).map(wrapped).joined(separator: "\n.PP\n")
    let options = spec.options.map { option in
      let value = option.placeholder.map { " \\fI\(roff($0))\\fR" } ?? ""
      return
        ".TP\n\\fB\(roff(option.name))\\fR\(value)\n\(wrapped(option.help + (option.isRequired ? " (required)" : "")))"
    }
    return """
      .SS elenco \(roff(([spec.name] + spec.synopsis).joined(separator: " ")))
      \(paragraphs)
      \(options.joined(separator: "\n"))
      .PP
      \(wrapped("Exit status: \(spec.exitStatus)"))
      .PP
      Example:
      .PP
      .RS 4
      .nf
      \(roff(spec.example))
      .fi
      .RE
      """
  }

  /// Text in lines of at most 78 characters, as mandoc advises.
  private static func wrapped(_ text: String) -> String {
    TextWrap.lines(roff(text), columns: 78).map { $0.hasPrefix(".") ? "\\&" + $0 : $0 }.joined(
      separator: "\n")
  }

  /// Escapes what roff interprets. A period or quote at the start of a line is a request.
  private static func roff(_ text: String) -> String {
    let escaped = text.map { $0 == "\\" ? "\\e" : $0 == "-" ? "\\-" : $0 == "'" ? "\\(aq" : "\($0)" }.joined()
    return escaped.hasPrefix(".") ? "\\&" + escaped : escaped
  }
}
