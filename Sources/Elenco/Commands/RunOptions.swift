import Shared

/// The options that every verb about one run takes.
struct RunOptions {
  static let options: Set<String> = ["--bucket", "--prefix", "--function", "--lease-seconds"]
  static let help = """
      --bucket B           the destination's bucket; ELENCO_BUCKET where it is left out
      --prefix P           its prefix; ELENCO_PREFIX, else \(RunDefaults.prefix)
      --function NAME      the worker's name or ARN; ELENCO_WORKER_FUNCTION, else elenco-worker
      --lease-seconds N    the template's LeaseSeconds; 60
    """

  let run: RunName
  let destination: Destination
  let worker: String
  let terms: LeaseTerms

  /// - Throws: `UsageError` when the run or the bucket is missing or no such thing.
  init(run name: String?, _ arguments: Arguments, usage: String) throws {
    let environment = ProcessEnvironment.all()
    guard let name else { throw UsageError("the run's name is missing", usage: usage) }
    guard let run = RunName(name) else {
      throw UsageError("a run's name is \(RunName.rule); \"\(name.printable)\" is none", usage: usage)
    }
    guard let bucket = arguments["--bucket"] ?? environment["ELENCO_BUCKET"], S3Name.isBucket(bucket) else {
      throw UsageError("--bucket is missing, or names no bucket", usage: usage)
    }
    let prefix = arguments["--prefix"] ?? environment["ELENCO_PREFIX"] ?? RunDefaults.prefix
    guard S3Name.isPrefix(prefix) else {
      throw UsageError("--prefix neither begins nor ends with /", usage: usage)
    }
    if let text = arguments["--lease-seconds"], Int(text).map({ LeaseTerms.seconds.contains($0) }) != true {
      throw UsageError(
        "--lease-seconds is a number from \(LeaseTerms.seconds.lowerBound) to \(LeaseTerms.seconds.upperBound)",
        usage: usage)
    }
    let seconds = arguments["--lease-seconds"].map { ["ELENCO_LEASE_SECONDS": $0] } ?? environment
    self.run = run
    destination = Destination(bucket: bucket, prefix: prefix)
    worker = arguments["--function"] ?? environment["ELENCO_WORKER_FUNCTION"] ?? "elenco-worker"
    terms = try LeaseTerms(environment: seconds)
  }

  /// The run, as S3 has it.
  func reader(_ s3: S3Client) -> RunReader { RunReader(s3: s3, destination: destination, run: run) }

  /// The command that mends a shard.
  func replayCommand(shard: Int) -> String {
    "elenco replay \(run) --shard \(shard) --bucket \(destination.bucket) --prefix \(destination.prefix) --function \(worker)"
  }
}
