import Shared

/// The options of every command that takes a run's name.
struct RunOptions {
  static let options: Set<String> = ["--bucket", "--prefix", "--function", "--lease-seconds"]
  static let help = """
    \(locationHelp)
      --function NAME      name or ARN of the worker function (default: $ELENCO_WORKER_FUNCTION or
                           elenco-worker)
    """

  /// The help of a command that invokes no function. It takes `--function` all the same, so that the same options can be
  /// given to every command.
  static let locationHelp = """
      --bucket BUCKET      the destination's bucket (default: $ELENCO_BUCKET)
      --prefix PREFIX      the destination's prefix (default: $ELENCO_PREFIX or \(RunDefaults.prefix))
      --lease-seconds N    the template's parameter LeaseSeconds (default: $ELENCO_LEASE_SECONDS or 60)
    """

  let run: RunName
  let destination: Destination
  let worker: String
  let terms: LeaseTerms

  /// - Throws: `UsageError` if the run or the bucket is missing, or if any option is invalid.
  init(_ arguments: Arguments, usage: String) throws {
    let environment = ProcessEnvironment.all()
    guard let name = arguments.operand else {
      throw UsageError("the name of a run is required", usage: usage)
    }
    guard let run = RunName(name) else {
      throw UsageError("invalid run name \"\(name.printable)\": it must be \(RunName.rule)", usage: usage)
    }
    guard let bucket = arguments["--bucket"] ?? environment["ELENCO_BUCKET"], S3Name.isBucket(bucket) else {
      throw UsageError(
        "option --bucket or ELENCO_BUCKET is required, and must be a valid bucket name", usage: usage)
    }
    let prefix = arguments["--prefix"] ?? environment["ELENCO_PREFIX"] ?? RunDefaults.prefix
    guard S3Name.isPrefix(prefix) else {
      throw UsageError(
        "option --prefix must be a valid key prefix, which neither starts nor ends with /", usage: usage)
    }
    if let text = arguments["--lease-seconds"], Int(text).map({ LeaseTerms.seconds.contains($0) }) != true {
      throw UsageError(
        "option --lease-seconds must be a whole number from \(LeaseTerms.seconds.lowerBound) to "
          + "\(LeaseTerms.seconds.upperBound)",
        usage: usage)
    }
    let seconds = arguments["--lease-seconds"].map { ["ELENCO_LEASE_SECONDS": $0] } ?? environment
    self.run = run
    destination = Destination(bucket: bucket, prefix: prefix)
    worker = arguments["--function"] ?? environment["ELENCO_WORKER_FUNCTION"] ?? "elenco-worker"
    terms = try LeaseTerms(environment: seconds)
  }

  /// A reader of the run's objects in S3.
  func reader(_ s3: S3Client) -> RunReader { RunReader(s3: s3, destination: destination, run: run) }

  /// The command that replays a shard.
  func replayCommand(shard: Int) -> String { "elenco replay \(run) --shard \(shard) \(locations)" }

  /// The command that replays every shard that needs it.
  var replayIncompleteCommand: String { "elenco replay \(run) --incomplete \(locations)" }

  /// The options that say where the run and its workers are.
  private var locations: String {
    "--bucket \(destination.bucket) --prefix \(destination.prefix) --function \(worker)"
  }
}
