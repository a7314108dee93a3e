/// A worker's event: a complete shard plan, or the run and shard whose plan the worker loads from S3.
package struct WorkerEvent: Equatable, Sendable {
  package enum Work: Equatable, Sendable {
    case plan(ShardPlan)
    /// - Parameter workers: how many workers share the run's rate; nil takes the plan's number.
    case stored(run: RunName, shard: Int, destination: Destination, workers: Int? = nil)
  }

  package let work: Work
  package let replay: Replay
  /// The number of this hop, from 0.
  package let hop: Int
  /// Identifies a `"replay": "all"` in all its hops. A failed request of a failure record identifies it too.
  package let generation: String?
  /// The token for which the previous hop reserved the lease; nil if this is not a next hop.
  package let lease: String?
  /// Whether the worker continues with other shards of the run that no worker holds. By default, an event with a
  /// complete plan does so; one that only names a shard to replay returns as soon as that shard is done.
  package let helps: Bool
  /// Resumes the run if it was cancelled at that time; nil leaves a cancelled run alone.
  package let resume: String?

  /// Parses and validates an event, which can be in an `EventEnvelope`.
  /// - Parameters:
  ///   - defaultBucket, defaultPrefix: the function's ELENCO_BUCKET and ELENCO_PREFIX.
  /// - Throws: `EventError`, which names the field and its allowed values.
  package init(parsing bytes: [UInt8], defaultBucket: String?, defaultPrefix: String) throws(EventError) {
    let envelope = try EventEnvelope(opening: JSONValue.event(bytes))
    var fields = try EventFields(envelope.event, owner: envelope.owner)
    replay = try fields.choice("replay", Replay.self) ?? .missing
    hop = try fields.integer("hop", in: RunLimits.hops) ?? 0
    lease = try fields.name("lease")
    generation = try fields.name("generation") ?? envelope.requestID
    helps = try fields.bool("helps") ?? fields.has("films")
    resume = try fields.timeText("resume")
    let run = try fields.requiredRun()
    guard let shard = try fields.integer("shard", in: 0...RunLimits.shards.upperBound - 1) else {
      throw EventError("the event needs the field \"shard\", as in {\"run\": \"\(run)\", \"shard\": 17}.")
    }
    let destination = try fields.destination(
      "destination", defaultBucket: defaultBucket, defaultPrefix: defaultPrefix)
    if fields.has("films") {
      work = .plan(try Self.plan(&fields, run: run, shard: shard, destination: destination))
    } else {
      work = .stored(
        run: run, shard: shard, destination: destination,
        workers: try fields.integer("workers", in: RunLimits.workers))
    }
    try fields.finish()
  }

  private static func plan(
    _ fields: inout EventFields, run: RunName, shard: Int, destination: Destination
  ) throws(EventError) -> ShardPlan {
    let films = try fields.strings("films", count: RunLimits.filmsPerShard) ?? []
    if let invalid = films.first(where: { !FilmID.isValid($0) }) {
      throw fields.refusal(
        "films", "contains \"\(invalid.printable)\", which is not an IMDb id such as tt0133093")
    }
    let shards = try fields.integer("shards", in: RunLimits.shards) ?? RunDefaults.shards
    guard shard < shards else {
      throw fields.refusal("shard", "must be less than \(shards), the number of shards, but is \(shard)")
    }
    let date = try fields.string("date") ?? UnixTime.now().date
    guard UnixTime(iso8601: date + "T00:00:00Z")?.date == date else {
      throw fields.refusal("date", "must be a date such as 2026-11-24, not \"\(date.printable)\"")
    }
    var base: ShardBase?
    if var given = try fields.object("base") { base = try ShardBase(&given, films: films.count) }
    return ShardPlan(
      run: run, date: date, shard: shard, shards: shards, destination: destination,
      filmsPerFile: try fields.integer("filmsPerFile", in: RunLimits.filmsPerFile)
        ?? RunDefaults.filmsPerFile,
      requestsPerSecond: try fields.requestsPerSecond() ?? RunDefaults.requestsPerSecond,
      rateScope: try fields.choice("rateScope", RateScope.self) ?? .run,
      workers: try fields.integer("workers", in: RunLimits.workers) ?? shards,
      lookup: try fields.choice("lookup", Lookup.self) ?? .find,
      genres: try fields.strings("genres", count: RunLimits.genres) ?? RunDefaults.genres,
      encoding: try fields.encoding(), base: base, films: films)
  }
}

extension ShardPlan {
  /// Parses a plan as it is stored: a worker's event that contains the films. Nil if it contains none.
  /// - Throws: `EventError`.
  package init?(stored bytes: [UInt8], destination: Destination) throws(EventError) {
    let event = try WorkerEvent(
      parsing: bytes, defaultBucket: destination.bucket, defaultPrefix: destination.prefix)
    guard case .plan(let plan) = event.work else { return nil }
    self = plan
  }
}

extension EventFields {
  /// A name that one worker passes to the next, and that becomes a header's value.
  fileprivate mutating func name(_ field: String) throws(EventError) -> String? {
    guard let text = try string(field) else { return nil }
    guard (1...200).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw refusal(
        field, "must be 1 to 200 printable ASCII characters without spaces, not \"\(text.printable)\"")
    }
    return text
  }

  fileprivate mutating func timeText(_ field: String) throws(EventError) -> String? {
    guard let text = try string(field) else { return nil }
    guard UnixTime(iso8601: text) != nil else {
      throw refusal(field, "must be a time such as 2026-11-24T03:00:00.000Z, not \"\(text.printable)\"")
    }
    return text
  }

  mutating func run() throws(EventError) -> RunName? {
    guard let text = try string("run") else { return nil }
    guard let name = RunName(text) else {
      throw refusal("run", "must be \(RunName.rule), not \"\(text.printable)\"")
    }
    return name
  }

  mutating func requiredRun() throws(EventError) -> RunName {
    guard let name = try run() else {
      throw EventError(
        "the event needs the field \"run\", as in {\"run\": \"20261124T030000Z-53dc4d37\", \"shard\": 17}.")
    }
    return name
  }
}

/// The event with which a worker invokes the next hop of its shard, or a worker for a shard that no worker holds.
package struct FollowUpEvent: Encodable, Sendable {
  package let run: RunName
  package let shard: Int
  package let destination: Destination
  package let hop: Int
  package let lease: String?
  package let replay: Replay
  package let generation: String?
  package let workers: Int
  package let helps: Bool

  /// - Parameters:
  ///   - hop: the number of the invoked hop.
  ///   - lease: the token for which the lease is reserved; nil for a shard that no worker holds.
  ///   - generation: the generation of the `"replay": "all"` that continues; nil if there is none.
  ///   - helps: whether the invoked worker continues with other shards.
  package init(
    plan: ShardPlan, shard: Int, hop: Int = 0, lease: String? = nil, generation: String? = nil, helps: Bool
  ) {
    run = plan.run
    self.shard = shard
    destination = plan.destination
    self.hop = hop
    self.lease = lease
    self.generation = generation
    self.helps = helps
    workers = plan.workers
    replay = generation == nil ? .missing : .all
  }
}
