/// A dispatcher's event, validated and with its defaults filled in.
package struct DispatcherEvent: Equatable, Sendable {
  package let source: ObjectAddress
  package let destination: Destination
  package let genres: [String]
  package let match: Match
  /// The names of the source's columns, where they are not the usual ones.
  package let columns: SourceColumns
  /// The title types that count as films, in a source that has title types.
  package let titleTypes: [String]
  package let shards: Int
  package let filmsPerFile: Int
  package let requestsPerSecond: Double
  package let rateScope: RateScope
  package let workers: Int
  package let lookup: LookupChoice
  package let refresh: Refresh
  /// The run to start from; nil takes the newest complete one. Only with `refresh` `changed`.
  package let base: RunName?
  /// After how many days, at the latest, a film that has not changed is fetched again.
  package let maxAgeDays: Int
  package let encoding: DataFileEncoding
  package let run: RunName
  /// Whether the run's name comes from this attempt of the request. A retry would get another name.
  package let isNamedByRequest: Bool
  /// The request that the event belongs to. For a failure record this is the failed request, so that a replay continues
  /// the run that the request had named.
  package let requestID: String
  /// The run's UTC date.
  package let date: String
  package let dryRun: Bool
  /// Nil replaces a run of the same selection in the day's folder, and refuses every other one.
  package let onExisting: OnExisting?

  package var selection: RunSelection {
    RunSelection(source: source, genres: genres, match: match, titleTypes: titleTypes)
  }

  /// Which films a list of genres selects.
  package enum Match: String, CaseIterable, Codable, Sendable {
    /// Every genre of the film is one of the requested ones.
    case within
    /// At least one genre of the film is one of the requested ones.
    case any
    /// The film has every requested genre.
    case all
  }

  /// Values for fields that an event leaves out.
  package struct Defaults: Sendable, Equatable {
    package var sourceBucket: String?
    package var sourceKey: String?
    package var bucket: String?
    package var prefix = RunDefaults.prefix
    package var shards = RunDefaults.shards
    package var filmsPerFile = RunDefaults.filmsPerFile
    package var requestsPerSecond = RunDefaults.requestsPerSecond
    package var rateScope = RateScope.run
    /// Nil means one per shard.
    package var workers: Int?
    package var lookup = LookupChoice.find
    package var refresh = Refresh.all
    package var maxAgeDays = RunDefaults.maxAgeDays
    package var encoding = DataFileEncoding()

    package init() {}
  }

  /// Parses and validates an event: `{}`, an object of the fields above, EventBridge's scheduled event, whose `time`
  /// and `id` name the run and whose `detail` can contain the same fields, or an `ObjectCreatedEvent`. Each can be in an
  /// `EventEnvelope`.
  /// - Parameters:
  ///   - now, requestID: together name the run if the event does not.
  /// - Throws: `EventError`, which names the field and its allowed values.
  package init(
    parsing bytes: [UInt8], defaults: Defaults, now: UnixTime, requestID: String
  ) throws(EventError) {
    let envelope = try EventEnvelope(opening: JSONValue.event(bytes))
    let requestID = envelope.requestID ?? requestID
    if let created = try ObjectCreatedEvent(envelope.event, owner: envelope.owner) {
      self = try Self(
        EventFields(created.dispatcherEvent, owner: envelope.owner), defaults: defaults, now: created.time,
        run: created.run, isRequest: false, requestID: requestID)
      try created.check(isOutsideOf: destination)
    } else if case .object(let object) = envelope.event, object["detail-type"] != nil {
      let scheduled = try ScheduledEvent(envelope.event)
      self = try Self(
        EventFields(scheduled.detail, owner: "the scheduled event's detail"), defaults: defaults,
        now: scheduled.time, run: scheduled.run, isRequest: false, requestID: requestID)
    } else {
      self = try Self(
        EventFields(envelope.event, owner: envelope.owner), defaults: defaults, now: now,
        run: RunName(time: now, id: requestID), isRequest: true, requestID: requestID)
      try envelope.check(namesRun: !isNamedByRequest)
    }
  }

  private init(
    _ given: EventFields, defaults: Defaults, now: UnixTime, run defaultRun: RunName,
    isRequest: Bool, requestID: String
  ) throws(EventError) {
    var fields = given
    destination = try fields.destination(
      "destination", defaultBucket: defaults.bucket, defaultPrefix: defaults.prefix)
    source = try fields.source(defaults: defaults)
    genres = try fields.genres()
    match = try fields.choice("match", Match.self) ?? .within
    columns = try fields.columns()
    titleTypes = try fields.titleTypes()
    shards = try fields.integer("shards", in: RunLimits.shards) ?? defaults.shards
    filmsPerFile = try fields.integer("filmsPerFile", in: RunLimits.filmsPerFile) ?? defaults.filmsPerFile
    requestsPerSecond = try fields.requestsPerSecond() ?? defaults.requestsPerSecond
    rateScope = try fields.choice("rateScope", RateScope.self) ?? defaults.rateScope
    workers = min(try fields.integer("workers", in: RunLimits.workers) ?? defaults.workers ?? shards, shards)
    lookup = try fields.choice("lookup", LookupChoice.self) ?? defaults.lookup
    refresh = try fields.choice("refresh", Refresh.self) ?? defaults.refresh
    base = try fields.base(refresh: refresh)
    maxAgeDays = try fields.integer("maxAgeDays", in: RunLimits.maxAgeDays) ?? defaults.maxAgeDays
    encoding = try fields.encoding(defaults: defaults.encoding)
    let givenRun = try fields.run()
    run = givenRun ?? defaultRun
    isNamedByRequest = givenRun == nil && isRequest
    self.requestID = requestID
    date = now.date
    dryRun = try fields.bool("dryRun") ?? false
    onExisting = try fields.choice("onExisting", OnExisting.self)
    try fields.finish()
  }
}

/// The parts of EventBridge's scheduled event, from a rule or from the Scheduler, that a dispatcher uses
/// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html).
private struct ScheduledEvent {
  let time: UnixTime
  let run: RunName
  let detail: JSONValue

  /// Fields of the envelope whose values are ignored.
  private static let ignoredFields = ["version", "source", "account", "region", "resources", "detail-type"]

  init(_ value: JSONValue) throws(EventError) {
    var fields = try EventFields(value, owner: "the scheduled event")
    for name in Self.ignoredFields { _ = fields.value(name) }
    guard let id = try fields.string("id"), let text = try fields.string("time") else {
      throw EventError("the scheduled event needs the fields \"id\" and \"time\", because they name the run.")
    }
    guard let time = UnixTime(iso8601: text) else {
      throw fields.refusal("time", "must be a time such as 2026-11-24T03:00:00Z, not \"\(text.printable)\"")
    }
    self.time = time
    run = RunName(time: time, id: id)
    detail = try .scheduledDetail(fields.value("detail"))
    try fields.finish()
  }
}

extension JSONValue {
  /// Reads a scheduled event's `detail`: the Scheduler sends JSON in a string (`"{}"`), a rule sends an object.
  package static func scheduledDetail(_ value: JSONValue?) throws(EventError) -> JSONValue {
    guard case .string(let text) = value else { return value ?? .object([:]) }
    return try event([UInt8](text.utf8), owner: "the scheduled event's detail")
  }
}

extension EventFields {
  fileprivate mutating func source(defaults: DispatcherEvent.Defaults) throws(EventError) -> ObjectAddress {
    var fields = try object("source")
    let bucket = try fields?.string("bucket") ?? defaults.sourceBucket
    let key = try fields?.string("key") ?? defaults.sourceKey
    try fields?.finish()
    guard let bucket, let key else {
      throw refusal(
        "source",
        "must name a bucket and a key because ELENCO_SOURCE_BUCKET or ELENCO_SOURCE_KEY is not set")
    }
    guard S3Name.isBucket(bucket) else {
      throw refusal("source", "has an invalid bucket name, \"\(bucket.printable)\"")
    }
    guard S3Name.isKey(key) else { throw refusal("source", "has an invalid key, \"\(key.printable)\"") }
    return ObjectAddress(bucket: bucket, key: key)
  }

  fileprivate mutating func base(refresh: Refresh) throws(EventError) -> RunName? {
    guard let text = try string("base") else { return nil }
    guard let name = RunName(text) else {
      throw refusal("base", "must be the name of a run: \(RunName.rule), not \"\(text.printable)\"")
    }
    guard refresh == .changed else {
      throw refusal(
        "base", "needs \"refresh\": \"changed\", because a run that fetches every film has no base")
    }
    return name
  }

  fileprivate mutating func genres() throws(EventError) -> [String] {
    guard let genres = try strings("genres", count: RunLimits.genres) else { return RunDefaults.genres }
    for genre in genres where !genre.isName(in: RunLimits.genreBytes) || genre.contains(where: ",|".contains)
    {
      throw refusal(
        "genres",
        "contains \"\(genre.printable)\"; each genre must be one name of 1 to 100 bytes without a comma or |")
    }
    return genres
  }
}
