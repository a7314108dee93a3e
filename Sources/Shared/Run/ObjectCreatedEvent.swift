/// S3's announcement of a new object, which starts a run with that object as the source: an event notification, or
/// EventBridge's "Object Created".
///
/// Both can arrive more than once, and have the same time and sequencer each time. Fields that are not needed are
/// ignored, because AWS adds fields to these events.
package struct ObjectCreatedEvent: Equatable, Sendable {
  package let object: ObjectAddress
  /// When the object was created.
  package let time: UnixTime
  /// S3's number for this version of the object, in hexadecimal digits. A later version has a larger one.
  package let sequencer: String
  /// The run that the event starts, named after the time and the sequencer. The sequencer is not shortened: sequencers
  /// of objects that are created at about the same time have the same first digits.
  package let run: RunName

  /// - Parameter owner: the name of the event in errors.
  /// - Returns: nil if the event is not from S3.
  /// - Throws: `EventError` if the event announces something else than one new object, or lacks what is needed.
  package init?(_ value: JSONValue, owner: String) throws(EventError) {
    guard case .object(let object) = value else { return nil }
    if let records = object["Records"], records != .null {
      self = try Self.newest(EventFields(value, owner: owner))
    } else if object["Event"] == .string("s3:TestEvent") {
      throw EventError(
        "\(owner) is S3's test message (s3:TestEvent), which S3 sends when a notification is set up. It announces no "
          + "object, so there is no run to start, and you can delete it.")
    } else if object["source"] == .string("aws.s3") || object["detail-type"] == .string("Object Created") {
      self = try Self(detail: EventFields(value, owner: owner))
    } else {
      return nil
    }
  }

  /// The dispatcher's event that the announcement stands for.
  package var dispatcherEvent: JSONValue {
    .object(["source": .object(["bucket": .string(object.bucket), "key": .string(object.key)])])
  }

  /// Refuses an object that a run writes to this destination: such a run would start itself again and again.
  package func check(isOutsideOf destination: Destination) throws(EventError) {
    let folder = destination.prefix.isEmpty ? "" : destination.prefix + "/"
    guard object.bucket == destination.bucket, object.key.hasPrefix(folder) else { return }
    let names = object.key.dropFirst(folder.count).split(separator: "/")
    guard let last = names.last,
      names.contains("_runs") || last == "_SUCCESS" || last.hasPrefix(RunLayout.dataFileStart)
    else { return }
    throw EventError(
      "\(object) is written by Elenco's runs, so a run that it starts could start itself again. Limit the rule or "
        + "the notification to the key of your source. To use the object as a source, name it in the field \"source\"."
    )
  }
}

/// S3's event notification
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html).
extension ObjectCreatedEvent {
  /// Reads the records, which must all be about one object, and returns the newest one.
  private static func newest(_ given: EventFields) throws(EventError) -> ObjectCreatedEvent {
    var fields = given
    var newest: ObjectCreatedEvent?
    for record in try fields.records("Records") {
      let event = try ObjectCreatedEvent(record: record)
      guard let other = newest else {
        newest = event
        continue
      }
      guard other.object == event.object else {
        throw EventError(
          "the event has records of different objects, \(other.object) and \(event.object), but a run has one source. "
            + "Send an event for each.")
      }
      if other.isOlder(than: event) { newest = event }
    }
    guard let newest else { throw fields.refusal("Records", "must have at least one record") }
    return newest
  }

  private init(record given: EventFields) throws(EventError) {
    var record = given
    let source = try record.string("eventSource") ?? "none"
    guard source == "aws:s3" else {
      throw record.refusal("eventSource", "must be \"aws:s3\" or \"aws:sqs\", not \"\(source.printable)\"")
    }
    let name = try record.needed("eventName")
    guard name.hasPrefix("ObjectCreated:") else {
      throw record.refusal(
        "eventName",
        "is \"\(name.printable)\", but only a new object (ObjectCreated:*) starts a run. Limit the bucket's "
          + "notification to s3:ObjectCreated:*")
    }
    let time = try record.time("eventTime")
    guard let details = try record.object("s3") else { throw record.refusal("s3", EventFields.missing) }
    // "+" is a space, and everything else is percent-encoded.
    try self.init(details, time: time) { PercentEncoding.decode($0, plusIsSpace: true) }
  }

  /// Whether the other event is about a later version. S3 compares sequencers as text, after it has appended zeros to
  /// the shorter one.
  private func isOlder(than other: ObjectCreatedEvent) -> Bool {
    let count = max(sequencer.utf8.count, other.sequencer.utf8.count)
    func padded(_ text: String) -> String { text + String(repeating: "0", count: count - text.utf8.count) }
    return padded(sequencer) < padded(other.sequencer)
  }
}

/// EventBridge's event (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html).
extension ObjectCreatedEvent {
  private init(detail given: EventFields) throws(EventError) {
    var fields = given
    let (source, type) = (try fields.needed("source"), try fields.needed("detail-type"))
    guard source == "aws.s3" else {
      throw fields.refusal("source", "must be \"aws.s3\", not \"\(source.printable)\"")
    }
    guard type == "Object Created" else {
      throw fields.refusal(
        "detail-type",
        "is \"\(type.printable)\", but only \"Object Created\" starts a run. Limit the rule's pattern to it")
    }
    let time = try fields.time("time")
    guard let detail = try fields.object("detail") else {
      throw fields.refusal("detail", EventFields.missing)
    }
    try self.init(detail, time: time) { $0 }
  }

  /// - Parameters:
  ///   - fields: an object with `bucket` and `object`, which both formats have.
  ///   - decode: decodes the key.
  private init(_ given: EventFields, time: UnixTime, decode: (String) -> String) throws(EventError) {
    var fields = given
    guard var bucket = try fields.object("bucket") else {
      throw fields.refusal("bucket", EventFields.missing)
    }
    guard var object = try fields.object("object") else {
      throw fields.refusal("object", EventFields.missing)
    }
    self.object = ObjectAddress(bucket: try bucket.needed("name"), key: decode(try object.needed("key")))
    self.time = time
    sequencer = try object.needed("sequencer")
    guard !sequencer.isEmpty, sequencer.utf8.allSatisfy(\.isASCIIAlphanumeric),
      let run = RunName("\(time.basic)-\(sequencer)")
    else {
      throw object.refusal(
        "sequencer",
        "must be 1 to \(Self.sequencerMax) letters and digits, because it names the run, not "
          + "\"\(sequencer.printable)\"")
    }
    self.run = run
  }

  /// Maximum length of a sequencer. A run's name has 64 characters at most, 17 of them for the time. S3's have 18.
  static let sequencerMax = 47
}

extension EventFields {
  fileprivate static let missing = "is missing"

  /// Takes a string that must be there.
  fileprivate mutating func needed(_ name: String) throws(EventError) -> String {
    guard let text = try string(name) else { throw refusal(name, Self.missing) }
    return text
  }

  /// Takes a time that must be there.
  fileprivate mutating func time(_ name: String) throws(EventError) -> UnixTime {
    let text = try needed(name)
    guard let time = UnixTime(iso8601: text) else {
      throw refusal(name, "must be a time such as 2026-11-24T03:00:00Z, not \"\(text.printable)\"")
    }
    return time
  }
}

extension UInt8 {
  fileprivate var isASCIIAlphanumeric: Bool {
    (48...57).contains(self) || (65...90).contains(self) || (97...122).contains(self)
  }
}
