import Shared

/// Where runs and their workers are: the options of every command that reads a run.
struct RunLocation {
  static let options: [CommandSpec.Option] = [
    .text("--bucket", "BUCKET", "the destination's bucket (default: $ELENCO_BUCKET)"),
    .text(
      "--prefix", "PREFIX", "the destination's prefix (default: $ELENCO_PREFIX or \(RunDefaults.prefix))"),
    .text(
      "--function", "NAME",
      "name or ARN of the worker function (default: $ELENCO_WORKER_FUNCTION or elenco-worker)"),
    .text(
      "--lease-seconds", "N",
      "the template's parameter LeaseSeconds (default: $ELENCO_LEASE_SECONDS or 60)"),
  ]

  let destination: Destination
  let worker: String
  let terms: LeaseTerms

  /// - Throws: `UsageError` if the bucket is missing, or if any option is invalid.
  init(_ arguments: Arguments) throws {
    let environment = ProcessEnvironment.all()
    guard let bucket = arguments["--bucket"] ?? environment["ELENCO_BUCKET"], S3Name.isBucket(bucket) else {
      throw arguments.refusal("option --bucket or ELENCO_BUCKET is required, and must be a valid bucket name")
    }
    let prefix = arguments["--prefix"] ?? environment["ELENCO_PREFIX"] ?? RunDefaults.prefix
    guard S3Name.isPrefix(prefix) else {
      throw arguments.refusal(
        "option --prefix must be a valid key prefix, which neither starts nor ends with /")
    }
    let given = try arguments.wholeNumber("--lease-seconds", in: LeaseTerms.seconds)
    let seconds = given.map { ["ELENCO_LEASE_SECONDS": "\($0)"] } ?? environment
    destination = Destination(bucket: bucket, prefix: prefix)
    worker = arguments["--function"] ?? environment["ELENCO_WORKER_FUNCTION"] ?? "elenco-worker"
    terms = try LeaseTerms(environment: seconds)
  }

  /// Where a run is that was started by an invocation of the dispatcher, with workers as the environment says.
  init(destination: Destination, environment: [String: String]) throws {
    self.destination = destination
    worker = environment["ELENCO_WORKER_FUNCTION"] ?? "elenco-worker"
    terms = try LeaseTerms(environment: environment)
  }

  /// The options as text, for commands that are shown to the reader.
  var text: String {
    let prefix = destination.prefix.isEmpty ? "--prefix=" : "--prefix \(destination.prefix)"
    return "--bucket \(destination.bucket) \(prefix) --function \(worker)"
  }
}

/// A run, and where it and its workers are.
struct RunOptions {
  static let operand = CommandSpec.Operand(name: "RUN", isRequired: true)
  /// Of a command that takes the latest run if no name is given.
  static let optionalOperand = CommandSpec.Operand(name: "RUN", isRequired: false)

  let run: RunName
  let location: RunLocation

  var destination: Destination { location.destination }
  var worker: String { location.worker }
  var terms: LeaseTerms { location.terms }

  init(run: RunName, location: RunLocation) {
    self.run = run
    self.location = location
  }

  /// - Throws: `UsageError` if the run or the bucket is missing, or if any option is invalid.
  init(_ arguments: Arguments) throws {
    guard let run = try Self.name(arguments) else {
      throw arguments.refusal("the name of a run is required; \"elenco runs\" lists the runs")
    }
    self.init(run: run, location: try RunLocation(arguments))
  }

  /// - Parameter run: nil takes the run that was planned last.
  /// - Throws: `NoRuns`.
  init(_ run: RunName?, _ location: RunLocation, _ s3: any RunObjects) async throws {
    if let run {
      self.init(run: run, location: location)
    } else {
      self.init(run: try await RunCatalog(s3: s3, location: location).latest(), location: location)
    }
  }

  /// The run's name on the command line; nil if it is not given.
  static func name(_ arguments: Arguments) throws -> RunName? {
    guard let text = arguments.operand else { return nil }
    guard let run = RunName(text) else {
      throw arguments.refusal("invalid run name \"\(text.printable)\": it must be \(RunName.rule)")
    }
    return run
  }

  /// A reader of the run's objects in S3.
  func reader(_ s3: any ObjectStore) -> RunReader { RunReader(s3: s3, destination: destination, run: run) }

  /// The option `--shard`; nil if it is not given.
  /// - Throws: `UsageError` if it is not a number that a shard can have.
  static func shard(_ arguments: Arguments) throws(UsageError) -> Int? {
    try arguments.wholeNumber("--shard", in: 0...RunLimits.shards.upperBound - 1)
  }

  /// The command that replays a shard.
  func replayCommand(shard: Int) -> String { "elenco replay \(run) --shard \(shard) \(location.text)" }

  /// The command that prints what the functions have logged about a shard.
  func logsCommand(shard: Int) -> String { "elenco logs \(run) --shard \(shard) \(location.text)" }

  /// The command that replays every shard that needs it.
  var replayIncompleteCommand: String { "elenco replay \(run) --incomplete \(location.text)" }
}
