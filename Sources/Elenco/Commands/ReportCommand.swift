import Shared

/// `elenco report`: a page about a run.
enum ReportCommand: Command {
  static let spec = CommandSpec(
    name: "report", summary: "write a page about a run, with charts, as one HTML file",
    operand: RunOptions.optionalOperand,
    description: """
      Write a page about a run, by default the one that was planned last: its state and numbers beside the
      forecast, what failed and the commands that fix it, a lane per shard over time, requests per second,
      response times, and file sizes. The page is one HTML file that loads nothing.

      The page of a run that is under way shows the run so far.
      """,
    options: [.file("--out", "FILE", "the file to write", isRequired: true)] + RunLocation.options
      + RunHistory.WorkerSettings.options,
    exitStatus: "0 if the page is written, 1 if not, 2 for an invalid command line.",
    example: "elenco report 20261124T030000Z-53dc4d37 --bucket my-lake --out report.html")

  static func main(_ arguments: Arguments) throws -> Bool {
    let (name, location) = (try RunOptions.name(arguments), try RunLocation(arguments))
    let settings = try RunHistory.WorkerSettings(arguments)
    let path = arguments.required("--out")
    let history = try EventLoop.run { loop in
      let s3 = try CommandLineServices.services(loop: loop).s3
      let options = try await RunOptions(name, location, s3)
      return try await RunHistory.read(options.reader(s3), options, settings: settings)
    }
    try write(history, to: path)
    return true
  }

  /// Writes the page and says where it is.
  static func write(_ history: RunHistory, to path: String) throws {
    try OutputFile.write(ReportPage.html(history).text, to: path)
    Terminal.note("page about run \(history.plan.run) written to \(path)")
  }
}
