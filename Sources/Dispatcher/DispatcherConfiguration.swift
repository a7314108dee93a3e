import Shared

/// What the dispatcher takes from its environment.
struct DispatcherConfiguration: Sendable, Equatable {
  let defaults: DispatcherEvent.Defaults
  /// The worker's name or ARN.
  let workerFunction: String
  /// The worker's memory in MB and its timeout in seconds: the forecast goes by them.
  let workerMemory: Int
  let workerTimeout: Int
  let lease: LeaseTerms

  /// - Throws: `AWSConfigurationError` with a sentence that names the variable.
  init(environment: [String: String]) throws(AWSConfigurationError) {
    let variables = Variables(environment)
    guard let worker = variables["ELENCO_WORKER_FUNCTION"] else {
      throw AWSConfigurationError(
        "ELENCO_WORKER_FUNCTION is not set: it names the worker's function or its ARN.")
    }
    workerFunction = worker
    workerMemory = try variables.integer("ELENCO_WORKER_MEMORY", 128...10_240) ?? 128
    workerTimeout = try variables.integer("ELENCO_WORKER_TIMEOUT", 5...900) ?? 900
    lease = try LeaseTerms(environment: environment)
    var defaults = DispatcherEvent.Defaults()
    defaults.bucket = variables["ELENCO_BUCKET"]
    defaults.prefix = variables["ELENCO_PREFIX"] ?? RunDefaults.prefix
    defaults.sourceBucket = variables["ELENCO_SOURCE_BUCKET"] ?? defaults.bucket
    defaults.sourceKey = variables["ELENCO_SOURCE_KEY"]
    defaults.shards = try variables.integer("ELENCO_SHARDS", RunLimits.shards) ?? defaults.shards
    defaults.filmsPerFile =
      try variables.integer("ELENCO_FILMS_PER_FILE", RunLimits.filmsPerFile) ?? defaults.filmsPerFile
    defaults.requestsPerSecond =
      try variables.requestsPerSecond("ELENCO_REQUESTS_PER_SECOND") ?? defaults.requestsPerSecond
    defaults.rateScope = try variables.choice("ELENCO_RATE_SCOPE", RateScope.self) ?? .run
    defaults.lookup = try variables.choice("ELENCO_LOOKUP", Lookup.self) ?? .find
    // 0, the template's default, is one worker per shard.
    let workers = try variables.integer("ELENCO_WORKERS", 0...RunLimits.workers.upperBound) ?? 0
    defaults.workers = workers == 0 ? nil : workers
    self.defaults = defaults
  }
}

/// Environment variables, an empty one counting as not set.
private struct Variables {
  private let environment: [String: String]

  init(_ environment: [String: String]) { self.environment = environment }

  subscript(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws(AWSConfigurationError) -> Int? {
    guard let text = self[name] else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw wrong(name, "a whole number from \(range.lowerBound) to \(range.upperBound)", text)
    }
    return value
  }

  func requestsPerSecond(_ name: String) throws(AWSConfigurationError) -> Double? {
    guard let text = self[name] else { return nil }
    let (least, most) = (RunLimits.requestsPerSecondMin, RunLimits.requestsPerSecond.upperBound)
    guard let value = Double(text), value == 0 || (least...most).contains(value) else {
      throw wrong(name, "0, for no ceiling, or a number from \(least) to \(most.plain)", text)
    }
    return value
  }

  func choice<Choice>(_ name: String, _ type: Choice.Type) throws(AWSConfigurationError) -> Choice?
  where Choice: CaseIterable & RawRepresentable<String> {
    guard let text = self[name] else { return nil }
    guard let value = Choice(rawValue: text) else {
      throw wrong(name, "one of \(type.allCases.map(\.rawValue).joined(separator: ", "))", text)
    }
    return value
  }

  private func wrong(_ name: String, _ wanted: String, _ text: String) -> AWSConfigurationError {
    AWSConfigurationError("\(name) must be \(wanted) and is \"\(text.printable)\".")
  }
}
