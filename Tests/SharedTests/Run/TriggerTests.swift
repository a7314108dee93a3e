import Foundation
import TestSupport
import Testing

@testable import Shared

/// Events that AWS sends by itself: S3's announcements of new objects.
@Suite("Triggers") struct TriggerTests {
  static let requestID = "53dc4d37-1234-4000-8000-0123456789ab"

  static func dispatch(_ text: String, prefix: String = "Raw/Out") throws -> DispatcherEvent {
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("my-lake", "raw", "movies.csv")
    (defaults.shards, defaults.prefix) = (7, prefix)
    return try DispatcherEvent(
      parsing: Array(text.utf8), defaults: defaults, now: UnixTime(seconds: 1_795_489_200),
      requestID: requestID)
  }

  /// S3's notification with one record, whose fields can be replaced.
  static func record(
    source: String = "aws:s3", name: String = "ObjectCreated:Put", time: String = "2026-11-27T03:00:00.000Z",
    bucket: String = "my-lake", key: String = "in/movies.csv", sequencer: String = "0055AED6DCD90281E5"
  ) -> String {
    #"{"eventVersion":"2.6","eventSource":"\#(source)","eventName":"\#(name)","eventTime":"\#(time)","new":[1],"#
      + #""s3":{"bucket":{"name":"\#(bucket)","arn":"a"},"object":{"key":"\#(key)","size":1,"sequencer":"\#(sequencer)"}}}"#
  }

  static func notification(_ records: String...) -> String {
    "{\"Records\":[\(records.joined(separator: ","))]}"
  }

  /// EventBridge's event, whose fields can be replaced.
  static func objectCreated(
    source: String = "aws.s3", type: String = "Object Created", time: String = "2026-11-27T03:00:00Z",
    bucket: String = "my-lake", key: String = "in/movies.csv", sequencer: String = "0055AED6DCD90281E5"
  ) -> String {
    #"{"version":"0","id":"7a0b","detail-type":"\#(type)","source":"\#(source)","time":"\#(time)","resources":["a"],"#
      + #""detail":{"bucket":{"name":"\#(bucket)"},"object":{"key":"\#(key)","sequencer":"\#(sequencer)"},"reason":"x"}}"#
  }

  /// Expects an event with this source and this name, and the stack's defaults for all else.
  static func expect(_ event: DispatcherEvent, key: String, run: String) throws {
    #expect(event.source == ObjectAddress(bucket: "my-lake", key: key))
    #expect("\(event.run)" == run)
    #expect(event.date == "\(run.prefix(4))-\(run.dropFirst(4).prefix(2))-\(run.dropFirst(6).prefix(2))")
    #expect(!event.isNamedByRequest)
    let plain = try Self.dispatch("{}")
    #expect((event.destination, event.genres, event.match) == (plain.destination, plain.genres, plain.match))
    #expect((event.shards, event.workers, event.filmsPerFile) == (7, 7, plain.filmsPerFile))
    #expect((event.requestsPerSecond, event.rateScope) == (plain.requestsPerSecond, plain.rateScope))
    #expect((event.lookup, event.dryRun) == (plain.lookup, false))
  }

  @Test(
    "a recorded event starts a run of its object, named after its time and sequencer",
    .enabled(if: SharedData.has("inputs/event-object-created.json"), "\(SharedData.missing)"),
    arguments: [
      ("event-object-created", "Raw/Local/CSV/Movies/movies.csv"),
      ("event-s3-notification", "Raw/Local/CSV/Movies/movies 2026+.csv"),
    ])
  func recorded(file: String, key: String) throws {
    let folder = try #require(SharedData.folder)
    let text = try String(contentsOf: folder.appending(path: "inputs/\(file).json"), encoding: .utf8)
    try Self.expect(try Self.dispatch(text), key: key, run: "20261127T030000Z-00A1")
  }

  @Test(
    "a sample event of this repository starts a run of its object",
    arguments: [
      ("object-created", "Raw/Local/CSV/Movies/movies.csv"),
      ("s3-notification", "Raw/Local/CSV/Movies/movies of 2026.csv"),
    ])
  func sample(file: String, key: String) throws {
    let text = try Self.sampleEvent(file)
    try Self.expect(try Self.dispatch(text), key: key, run: "20261122T030000Z-0069211E6B3C7A41D2")
  }

  static func sampleEvent(_ name: String) throws -> String {
    try String(contentsOf: SharedData.package.appending(path: "infra/events/\(name).json"), encoding: .utf8)
  }

  @Test("both formats of one upload give the same event, and a second delivery gives it again")
  func sameUpload() throws {
    let event = try Self.dispatch(Self.objectCreated())
    try Self.expect(event, key: "in/movies.csv", run: "20261127T030000Z-0055AED6DCD90281E5")
    #expect(try Self.dispatch(Self.objectCreated()) == event)
    #expect(try Self.dispatch(Self.notification(Self.record())) == event)
  }

  @Test("every kind of creation starts a run", arguments: ["Put", "Post", "Copy", "CompleteMultipartUpload"])
  func kinds(kind: String) throws {
    let event = try Self.dispatch(Self.notification(Self.record(name: "ObjectCreated:\(kind)")))
    #expect(event.source.key == "in/movies.csv")
  }

  @Test("different sequencers give different runs, whichever characters they share")
  func sequencers() throws {
    let sequencers = [
      "0055AED6DCD90281E5", "0055AED6DCD90281E6", "0055AED6DCD90281E50", "1055AED6DCD90281E5",
      "0055AED6DC", "0055AED6", "00", "0", String(repeating: "A", count: ObjectCreatedEvent.sequencerMax),
    ]
    for make in [{ Self.objectCreated(sequencer: $0) }, { Self.notification(Self.record(sequencer: $0)) }] {
      let runs = try sequencers.map { try Self.dispatch(make($0)).run }
      #expect(Set(runs).count == sequencers.count)
      #expect(runs.allSatisfy { RunName($0.description) != nil })
    }
  }

  @Test(
    "a notification's key is percent-encoded, with + for a space; EventBridge's key is plain",
    arguments: [
      "movies+2026%2B.csv", "a+b/c%25d.csv", "caf%C3%A9.csv", "100%25", "%E6%98%A0%E7%94%BB+%26+x.csv",
      "a%3Db%3Fc",
      "plain/key.csv",
    ])
  func keys(encoded: String) throws {
    let plain = try #require(encoded.replacingOccurrences(of: "+", with: " ").removingPercentEncoding)
    #expect(try Self.dispatch(Self.notification(Self.record(key: encoded))).source.key == plain)
    #expect(try Self.dispatch(Self.objectCreated(key: encoded)).source.key == encoded)
    #expect(try Self.dispatch(Self.objectCreated(key: plain)).source.key == plain)
  }

  @Test(
    "of several records of one object the newest counts; S3 appends zeros to the shorter sequencer to compare",
    arguments: [
      (["01", "03", "02"], "03"), (["0A", "09"], "0A"), (["1", "0F"], "1"), (["0A1", "0A"], "0A1"),
      (["05", "05"], "05"),
    ])
  func severalRecords(sequencers: [String], newest: String) throws {
    let records = sequencers.map { Self.record(sequencer: $0) }.joined(separator: ",")
    #expect("\(try Self.dispatch(Self.notification(records)).run)" == "20261127T030000Z-\(newest)")
  }

  @Test(
    "an event of S3 that does not announce one new object is refused with the reason", arguments: refusals)
  func refused(text: String, words: String) {
    let error = #expect(throws: EventError.self) { try Self.dispatch(text) }
    let sentence = error.map { $0.description } ?? ""
    #expect(sentence.contains(words) && sentence.hasSuffix("."), "\(sentence)")
  }

  private static let refusals = [
    (
      notification(record(), record(key: "in/other.csv")),
      "records of different objects, s3://my-lake/in/movies.csv"
    ),
    (notification(record(), record(bucket: "other")), "but a run has one source"),
    (notification(record(name: "ObjectRemoved:Delete")), "\"ObjectRemoved:Delete\", but only a new object"),
    (notification(record(), record(name: "ObjectTagging:Put")), "Limit the bucket's notification"),
    (notification(record(name: "s3:TestEvent")), "\"s3:TestEvent\", but only a new object"),
    (notification(record(source: "aws:sns")), "must be \"aws:s3\" or \"aws:sqs\", not \"aws:sns\""),
    (notification(record(time: "yesterday")), "\"eventTime\" must be a time such as"),
    (notification(record(key: "")), "an invalid key"), (notification(record(key: "a%00b")), "an invalid key"),
    (notification(record(bucket: "B")), "an invalid bucket name"),
    (notification(record(sequencer: "")), "must be 1 to 47 letters and digits"),
    (notification(record(sequencer: "a/b")), "must be 1 to 47 letters and digits"),
    (notification(record(sequencer: "a.b")), "must be 1 to 47 letters and digits"),
    (objectCreated(sequencer: String(repeating: "0", count: 48)), "must be 1 to 47 letters and digits"),
    (
      notification(record().replacing(#","sequencer":"0055AED6DCD90281E5""#, with: "")),
      "\"sequencer\" is missing"
    ),
    (notification(record().replacing(#""key":"in/movies.csv","#, with: "")), "\"key\" is missing"),
    (notification(record().replacing(#""name":"my-lake","#, with: "")), "\"name\" is missing"),
    (notification(record().replacing(#""eventTime""#, with: #""x""#)), "\"eventTime\" is missing"),
    (notification(record().replacing(#""eventName""#, with: #""x""#)), "\"eventName\" is missing"),
    (notification(record().replacing(#""s3":"#, with: #""x":"#)), "\"s3\" is missing"),
    (notification(record().replacing(#""bucket":"#, with: #""x":"#)), "\"bucket\" is missing"),
    (notification(record().replacing(#""object":"#, with: #""x":"#)), "\"object\" is missing"),
    (notification(record().replacing(#""eventSource":"aws:s3","#, with: "")), "not \"none\""),
    (notification(record().replacing(#""my-lake""#, with: "7")), "\"name\" must be a string, not a number"),
    (
      notification(record().replacing(#""size":1"#, with: #""size":1,"size":2"#)),
      "has the field \"size\" twice"
    ),
    (#"{"Records":[]}"#, "at least one record"), (#"{"Records":{}}"#, "at least one record"),
    (#"{"Records":[7]}"#, "must be a JSON object, not a number"),
    (#"{"Records":null,"shard":1}"#, "unknown field \"shard\""),
    (
      #"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-27T03:00:00Z","Bucket":"my-lake"}"#,
      "S3's test message (s3:TestEvent)"
    ),
    (objectCreated(type: "Object Deleted"), "\"Object Deleted\", but only \"Object Created\" starts a run"),
    (objectCreated(source: "aws.events"), "must be \"aws.s3\", not \"aws.events\""),
    (objectCreated(time: "2026-11-27"), "\"time\" must be a time such as"),
    (objectCreated().replacing(#""detail":"#, with: #""x":"#), "\"detail\" is missing"),
    (objectCreated().replacing(#""time""#, with: #""x""#), "\"time\" is missing"),
    (objectCreated().replacing(#""detail-type":"Object Created","#, with: ""), "\"detail-type\" is missing"),
    (objectCreated().replacing(#""key":"in/movies.csv","#, with: ""), "\"key\" is missing"),
  ]

  @Test(
    "a run's own output never starts a run",
    arguments: [
      "2026/11/27/Atores-T0-1.json", "2026/11/27/Atores-T0-1.jsonl.gz", "2026/11/27/_SUCCESS",
      "_runs/r1/failed.csv",
      "_runs/r1/manifest.json", "_runs/_latest.json", "horror/_runs/r1/failed.csv",
      "horror/2026/11/27/_SUCCESS",
    ])
  func ownOutput(key: String) throws {
    for prefix in ["Raw/Out", ""] {
      let key = prefix.isEmpty ? key : prefix + "/" + key
      for text in [Self.objectCreated(key: key), Self.notification(Self.record(key: key))] {
        let error = #expect(throws: EventError.self) { try Self.dispatch(text, prefix: prefix) }
        #expect(error?.description.contains("is written by Elenco's runs") == true)
      }
      // The same key in another bucket, or in the field "source", is a source like any other.
      #expect(
        try Self.dispatch(Self.objectCreated(bucket: "raw", key: key), prefix: prefix).source.key == key)
      #expect(try Self.dispatch(#"{"source":{"bucket":"my-lake","key":"\#(key)"}}"#).source.key == key)
    }
    #expect(
      try Self.dispatch(Self.objectCreated(key: "Raw/Out/in/movies.csv")).source.key.hasSuffix("movies.csv"))
    #expect(
      try Self.dispatch(Self.objectCreated(key: "Raw/Outside/_SUCCESS")).source.key.hasSuffix("_SUCCESS"))
  }
}
