import Shared

/// `elenco film`: where a film is, and its bytes.
enum FilmCommand: Command {
  static let spec = CommandSpec(
    name: "film", summary: "show which file and line of a run has a film, and its credits",
    operand: CommandSpec.Operand(name: "FILM", isRequired: true),
    description: """
      Print a film's credits as TMDB sent them, to standard output, and where they are, to standard error. The
      run is the one that was planned last, unless --run names another.
      """,
    options: [.text("--run", "RUN", "the run to look in (default: the latest)")] + RunLocation.options + [
      .flag("--json", "print where the film is as JSON, without its credits")
    ],
    exitStatus:
      "0 if the run has the film's credits; 1 if not, because the film is absent from TMDB, failed, is not "
      + "fetched yet or was not selected; 2 for an invalid command line.",
    example: "elenco film tt0111161 --bucket my-lake | jq '.cast[0].name'")

  /// The JSON output.
  struct Output: Encodable {
    let film: String
    let run: RunName
    let state: FilmLocation.State
    let shard: Int
    let bucket: String
    let key: String
    let line: Int?
    let bytes: Int?
    let reason: String?
  }

  static func main(_ arguments: Arguments) throws -> Bool {
    guard let film = arguments.operand, FilmID.isValid(film) else {
      throw arguments.refusal("the IMDb id of a film is required, such as tt0111161")
    }
    let name = try arguments["--run"].map { text in
      guard let run = RunName(text) else {
        throw arguments.refusal("invalid run name \"\(text.printable)\": it must be \(RunName.rule)")
      }
      return run
    }
    let location = try RunLocation(arguments)
    let (run, found) = try EventLoop.run { loop in
      let s3 = try CommandLineServices.services(loop: loop).s3
      let options = try await RunOptions(name, location, s3)
      return (options.run, try await FilmLocation.find(film, in: options.reader(s3)))
    }
    let object = ObjectAddress(bucket: location.destination.bucket, key: found.file)
    if arguments.has("--json") {
      let output = Output(
        film: film, run: run, state: found.state, shard: found.shard, bucket: object.bucket, key: object.key,
        line: found.line, bytes: found.response?.count, reason: found.reason)
      try Terminal.result(String(decoding: JSONText.encode(output), as: UTF8.self))
    } else {
      Terminal.note(text(film, run, found, object))
      if let response = found.response { try Terminal.result(String(decoding: response, as: UTF8.self)) }
    }
    return found.state == .written
  }

  private static func text(
    _ film: String, _ run: RunName, _ found: FilmLocation, _ object: ObjectAddress
  ) -> String {
    let place =
      switch found.state {
      case .written: "\(object), line \(found.line ?? 0)"
      case .absent: "absent from TMDB"
      case .failed: "failed: \(found.reason ?? "")"
      case .pending: "not fetched yet; it will be in \(object)"
      }
    return "\(film) in run \(run), shard \(found.shard): \(place)"
  }
}
