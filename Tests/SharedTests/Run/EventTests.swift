import Foundation
import Testing

@testable import Shared

@Suite("Events") struct EventTests {
  private static let now = UnixTime(seconds: 1_795_489_200)

  private static func dispatch(_ text: String, _ edit: (inout DispatcherEvent.Defaults) -> Void = { _ in })
    throws
    -> DispatcherEvent
  {
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("lake", "raw", "movies.csv")
    edit(&defaults)
    return try DispatcherEvent(
      parsing: Array(text.utf8), defaults: defaults, now: now,
      requestID: "53dc4d37-1234-4000-8000-0123456789ab")
  }

  private static func worker(_ text: String) throws -> WorkerEvent {
    try WorkerEvent(parsing: Array(text.utf8), defaultBucket: "lake", defaultPrefix: "p")
  }

  @Test(
    "an empty event is a full run with the defaults",
    arguments: ["{}", "", "{\"genres\":null,\"dryRun\":null}"])
  func defaults(text: String) throws {
    let event = try Self.dispatch(text)
    #expect(event.source == ObjectAddress(bucket: "raw", key: "movies.csv"))
    #expect(event.destination == Destination(bucket: "lake", prefix: "Raw/TMDB/JSON/Atores"))
    #expect(event.genres == ["Drama", "Romance"])
    #expect((event.match, event.shards, event.filmsPerFile) == (.within, 60, 100))
    #expect((event.requestsPerSecond, event.rateScope, event.workers) == (40, .run, 60))
    #expect((event.lookup, event.dryRun) == (.find, false))
    #expect("\(event.run)" == "20261124T030000Z-53dc4d37")
    #expect(event.date == "2026-11-24")
  }

  @Test("every field is taken")
  func fields() throws {
    let event = try Self.dispatch(
      #"{"source":{"bucket":"bbb","key":"k/é.csv"},"destination":{"bucket":"ccc","prefix":"a/b"},"genres":["War"],"match":"any","shards":7,"filmsPerFile":5,"requestsPerSecond":0.5,"rateScope":"adaptive","workers":3,"lookup":"direct","run":"night.1","dryRun":true}"#
    )
    #expect(event.source == ObjectAddress(bucket: "bbb", key: "k/é.csv"))
    #expect(event.destination == Destination(bucket: "ccc", prefix: "a/b"))
    #expect((event.genres, event.match, event.shards, event.filmsPerFile) == (["War"], .any, 7, 5))
    #expect((event.requestsPerSecond, event.rateScope, event.workers) == (0.5, .adaptive, 3))
    #expect(event.lookup == .direct)
    #expect(("\(event.run)", event.dryRun) == ("night.1", true))
  }

  @Test(
    "what is wrong is refused with the field's name and what it may be",
    arguments: [
      ("{\"shard\":1}", "no field \"shard\""), ("{\"shards\":0}", "from 1 to 1000 and is 0"),
      ("{\"shards\":\"7\"}", "\"shards\" must be a whole number from 1 to 1000 and is a string"),
      ("{\"shards\":1.5}", "\"shards\" must be"), ("{\"filmsPerFile\":1001}", "from 1 to 1000"),
      ("{\"requestsPerSecond\":-1}", "from 0 to 10000 and is -1"),
      ("{\"rateScope\":\"all\"}", "\"run\", \"worker\", \"adaptive\""),
      ("{\"workers\":0}", "\"workers\""), ("{\"lookup\":7}", "\"find\", \"direct\""),
      ("{\"match\":\"some\"}", "\"within\""),
      ("{\"genres\":[]}", "an array of 1 to 50 strings"),
      ("{\"genres\":[7]}", "an array with a number in it"),
      ("{\"genres\":[\"a,b\"]}", "without a comma"),
      ("{\"genres\":\"Drama\"}", "an array of 1 to 50 strings and is a string"),
      ("{\"run\":\"a/b\"}", "1 to 64 letters"), ("{\"run\":\"\"}", "1 to 64 letters"),
      ("{\"dryRun\":1}", "true or false and is a number"),
      ("{\"source\":{\"key\":\"\"}}", "no valid key"),
      ("{\"source\":{\"bucket\":\"B\"}}", "no valid bucket name"),
      ("{\"source\":{\"path\":\"x\"}}", "the event's source has no field \"path\""),
      ("{\"source\":\"x\"}", "must be an object"),
      ("{\"destination\":{\"prefix\":\"/a\"}}", "neither begins nor ends with /"),
      ("[]", "must be a JSON object and is an array"),
      ("{\"a\":", "not well-formed JSON"), ("7", "is a number"),
    ])
  func refused(text: String, words: String) {
    let error = #expect(throws: EventError.self) { try Self.dispatch(text) }
    #expect(error?.description.contains(words) == true, "\(error.map { $0.description } ?? "")")
  }

  @Test(
    "a field that is given twice is refused, however it is spelt and however deep it lies",
    arguments: [
      (#"{"shards":7,"run":"r","shards":7}"#, #"the event has the field "shards" twice; give it once."#),
      (#"{"run":"r","\u0072un":"s"}"#, #"the event has the field "run" twice; give it once."#),
      (#"{"run":null,"run":"s"}"#, #"the event has the field "run" twice; give it once."#),
      (
        #" { "source" : { "key":"a","key":"b"} } "#,
        #"the event's source has the field "key" twice; give it once."#
      ),
      (
        #"{"detail-type":"x","detail":{"source":{"key":"a","k\u0065y":"b"}}}"#,
        #"the event's detail's source has the field "key" twice; give it once."#
      ),
      (
        #"{"detail-type":"x","id":"i","time":"2026-11-22T03:00:00Z","detail":"{\"run\":\"a\",\"run\":\"b\"}"}"#,
        #"the scheduled event's detail has the field "run" twice; give it once."#
      ),
    ])
  func twice(text: String, sentence: String) {
    #expect(throws: EventError(sentence)) { try Self.dispatch(text) }
  }

  @Test("a worker's event with a field twice is refused")
  func twiceForWorker() {
    #expect(throws: EventError("the event has the field \"shard\" twice; give it once.")) {
      try Self.worker(#"{"run":"r","shard":1,"shard":2}"#)
    }
  }

  @Test("different objects may have fields of the same name")
  func sameNames() throws {
    let event = try Self.dispatch(#"{"source":{"bucket":"bbb"},"destination":{"bucket":"ccc"}}"#)
    #expect((event.source.bucket, event.destination.bucket) == ("bbb", "ccc"))
  }

  @Test("objects within one another are followed to a depth")
  func depth() throws {
    func nested(_ levels: Int) -> String {
      String(repeating: #"{"a":"#, count: levels - 1) + "{}" + String(repeating: "}", count: levels - 1)
    }
    _ = try JSONValue.event(Array(nested(DuplicateFields.depthMax).utf8))
    let error = #expect(throws: EventError.self) {
      try JSONValue.event(Array(nested(DuplicateFields.depthMax + 1).utf8))
    }
    #expect(error?.description.contains("more than 8 objects deep") == true)
  }

  @Test("without a source or a bucket the event has to name them")
  func nothingConfigured() {
    #expect(throws: EventError.self) { try Self.dispatch("{}") { $0.sourceKey = nil } }
    #expect(throws: EventError.self) { try Self.dispatch("{}") { $0.bucket = nil } }
  }

  @Test("a scheduled event names its run by its time and id, whoever sends it and however often")
  func scheduled() throws {
    let rule =
      #"{"version":"0","id":"9c1b7c1e-5d0a-4d5e-8f3e-2f6a7b8c9d01","detail-type":"Scheduled Event","source":"aws.events","account":"1","time":"2026-11-22T03:00:00Z","region":"us-east-1","resources":["arn"],"detail":{}}"#
    let first = try Self.dispatch(rule)
    #expect("\(first.run)" == "20261122T030000Z-9c1b7c1e")
    #expect(first.date == "2026-11-22")
    let scheduler = rule.replacingOccurrences(of: "\"detail\":{}", with: "\"detail\":\"{}\"")
    #expect(try Self.dispatch(scheduler) == first)
    let own = rule.replacingOccurrences(of: "\"detail\":{}", with: "\"detail\":{\"shards\":3}")
    #expect(try Self.dispatch(own).shards == 3)
    let wrong = rule.replacingOccurrences(of: "\"detail\":{}", with: "\"detail\":{\"shrads\":3}")
    #expect(throws: EventError.self) { try Self.dispatch(wrong) }
    let timeless = rule.replacingOccurrences(of: "2026-11-22T03:00:00Z", with: "yesterday")
    #expect(throws: EventError.self) { try Self.dispatch(timeless) }
  }

  @Test("a plan that is encoded is the worker's event as it is")
  func plan() throws {
    let plan = ShardPlan(
      run: try #require(RunName("r1")), date: "2026-11-24", shard: 2, shards: 3,
      destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 2, requestsPerSecond: 1.5,
      rateScope: .adaptive, workers: 2, lookup: .direct, genres: ["War"],
      films: ["tt0000001", "tt10000002", "tt0000003"])
    let event = try Self.worker(String(decoding: try JSONText.encode(plan), as: UTF8.self))
    #expect(event.work == .plan(plan))
    #expect((event.replay, event.hop, event.lease) == (.missing, 0, nil))
    #expect(plan.files.map { Array($0) } == [["tt0000001", "tt10000002"], ["tt0000003"]])
    #expect(plan.key(ofFile: 2) == "p/2026/11/24/Atores-T2-2.json")
  }

  @Test("run and shard alone name a plan that is stored")
  func stored() throws {
    let event = try Self.worker(#"{"run":"r1","shard":17,"replay":"all"}"#)
    let run = try #require(RunName("r1"))
    #expect(event.work == .stored(run: run, shard: 17, destination: Destination(bucket: "lake", prefix: "p")))
    #expect(event.replay == .all)
    // It answers when its shard is done; a plan's worker goes on with others.
    #expect(!event.helps)
    #expect(try Self.worker(#"{"run":"r1","shard":1,"films":[]}"#).helps)
    #expect(try Self.worker(#"{"run":"r1","shard":1,"helps":true}"#).helps)
    let shared = try Self.worker(#"{"run":"r1","shard":1,"workers":7}"#)
    #expect(
      shared.work
        == .stored(
          run: run, shard: 1, destination: Destination(bucket: "lake", prefix: "p"), workers: 7))
  }

  @Test(
    "a worker's event that is wrong is refused",
    arguments: [
      ("{}", "needs a run"), ("{\"run\":\"r\"}", "needs a shard"),
      ("{\"run\":\"r\",\"shard\":-1}", "from 0 to 999"),
      ("{\"run\":\"r\",\"shard\":1,\"x\":1}", "no field \"x\""),
      ("{\"run\":\"r\",\"shard\":1,\"replay\":\"some\"}", "\"missing\", \"all\""),
      ("{\"run\":\"r\",\"shard\":1,\"films\":[\"7\"]}", "no IMDb id"),
      ("{\"run\":\"r\",\"shard\":70,\"films\":[]}", "less than the 60 shards"),
      ("{\"run\":\"r\",\"shard\":1,\"films\":[],\"date\":\"2026-13-01\"}", "a date such as"),
      ("{\"run\":\"r\",\"shard\":1,\"films\":[],\"date\":\"9999-01-01\"}", "a date such as"),
      ("{\"run\":\"r\",\"shard\":1,\"films\":[],\"requestsPerSecond\":1e-22}", "at least 0.001"),
      ("{\"run\":\"r\",\"shard\":1,\"generation\":\"a\\nb\"}", "ASCII characters without a blank"),
      ("{\"run\":\"r\",\"shard\":1,\"lease\":\"\"}", "1 to 200 ASCII characters"),
    ])
  func wrongWorker(text: String, words: String) {
    let error = #expect(throws: EventError.self) { try Self.worker(text) }
    #expect(error?.description.contains(words) == true, "\(error.map { $0.description } ?? "")")
  }
}
