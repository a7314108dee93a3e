import Foundation
import Testing

@testable import Shared

@Suite("Events") struct EventTests {
  private static func dispatch(_ text: String, _ edit: (inout DispatcherEvent.Defaults) -> Void = { _ in })
    throws
    -> DispatcherEvent
  {
    try DispatcherEvent.sample(text, requestID: "53dc4d37-1234-4000-8000-0123456789ab", edit)
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
    #expect((event.columns, event.titleTypes) == (SourceColumns(), ["movie"]))
    #expect((event.requestsPerSecond, event.rateScope, event.workers) == (40, .run, 60))
    #expect((event.lookup, event.dryRun) == (.find, false))
    #expect(event.encoding == DataFileEncoding(.object, .uncompressed))
    #expect("\(event.run)" == "20261124T030000Z-53dc4d37")
    #expect(event.date == "2026-11-24")
  }

  @Test("every field of an event is read")
  func fields() throws {
    let event = try Self.dispatch(
      #"{"source":{"bucket":"bbb","key":"k/é.csv"},"destination":{"bucket":"ccc","prefix":"a/b"},"genres":["War"],"match":"any","columns":{"id":"key","genres":"Gênero "},"titleTypes":["tvMovie","short"],"shards":7,"filmsPerFile":5,"requestsPerSecond":0.5,"rateScope":"adaptive","workers":3,"lookup":"direct","format":"lines","compression":"gzip","run":"night.1","dryRun":true}"#
    )
    #expect(event.source == ObjectAddress(bucket: "bbb", key: "k/é.csv"))
    #expect(event.destination == Destination(bucket: "ccc", prefix: "a/b"))
    #expect((event.genres, event.match, event.shards, event.filmsPerFile) == (["War"], .any, 7, 5))
    #expect(event.columns == SourceColumns(id: "key", genres: "Gênero "))
    #expect(event.titleTypes == ["tvMovie", "short"])
    #expect((event.requestsPerSecond, event.rateScope, event.workers) == (0.5, .adaptive, 3))
    #expect(event.lookup == .direct)
    #expect(event.encoding == DataFileEncoding(.lines, .gzip))
    #expect(("\(event.run)", event.dryRun) == ("night.1", true))
  }

  @Test(
    "an invalid field is refused with its name and its valid values",
    arguments: [
      ("{\"shard\":1}", "unknown field \"shard\""), ("{\"shards\":0}", "from 1 to 1000, not 0"),
      ("{\"shards\":\"7\"}", "\"shards\" must be a whole number from 1 to 1000, not a string"),
      ("{\"shards\":1.5}", "\"shards\" must be"), ("{\"filmsPerFile\":1001}", "from 1 to 1000"),
      ("{\"requestsPerSecond\":-1}", "from 0 to 10000, not -1"),
      ("{\"format\":\"csv\"}", "\"object\", \"lines\", not \"csv\""),
      ("{\"format\":\"Lines\"}", "\"object\", \"lines\", not \"Lines\""),
      ("{\"compression\":\"zstd\"}", "\"none\", \"gzip\", not \"zstd\""),
      ("{\"compression\":true}", "\"compression\" must be one of \"none\", \"gzip\""),
      ("{\"rateScope\":\"all\"}", "\"run\", \"worker\", \"adaptive\""),
      ("{\"workers\":0}", "\"workers\""), ("{\"lookup\":7}", "\"find\", \"direct\""),
      ("{\"match\":\"some\"}", "\"within\""),
      ("{\"genres\":[]}", "an array of 1 to 50 strings"),
      ("{\"genres\":[7]}", "an array that contains a number"),
      ("{\"genres\":[\"a,b\"]}", "without a comma"),
      ("{\"genres\":[\"a|b\"]}", "without a comma or |"),
      ("{\"genres\":[\" \"]}", "one name of 1 to 100 bytes"),
      ("{\"columns\":[\"id\"]}", "\"columns\" must be an object, not an array"),
      ("{\"columns\":{\"key\":\"x\"}}", "the event's columns has an unknown field \"key\""),
      ("{\"columns\":{\"key\":\"x\"}}", "the known fields are id, genres"),
      ("{\"columns\":{\"id\":7}}", "the event's columns's field \"id\" must be a string, not a number"),
      ("{\"columns\":{\"id\":\" \"}}", "a column's name of 1 to 200 bytes"),
      ("{\"columns\":{\"genres\":\"\"}}", "a column's name of 1 to 200 bytes"),
      ("{\"columns\":{\"id\":\"\(String(repeating: "x", count: 201))\"}}", "1 to 200 bytes"),
      ("{\"titleTypes\":[]}", "\"titleTypes\" must be an array of 1 to 20 strings, not an array of 0"),
      ("{\"titleTypes\":[\(String(repeating: "\"x\",", count: 20))\"x\"]}", "not an array of 21"),
      ("{\"titleTypes\":\"movie\"}", "an array of 1 to 20 strings, not a string"),
      ("{\"titleTypes\":[7]}", "an array that contains a number"),
      ("{\"titleTypes\":[\"movie\",\"\"]}", "each title type must be a name of 1 to 100 bytes"),
      ("{\"genres\":\"Drama\"}", "an array of 1 to 50 strings, not a string"),
      ("{\"run\":\"a/b\"}", "1 to 64 letters"), ("{\"run\":\"\"}", "1 to 64 letters"),
      ("{\"dryRun\":1}", "true or false, not a number"),
      ("{\"source\":{\"key\":\"\"}}", "an invalid key"),
      ("{\"source\":{\"bucket\":\"B\"}}", "an invalid bucket name"),
      ("{\"source\":{\"path\":\"x\"}}", "the event's source has an unknown field \"path\""),
      ("{\"source\":\"x\"}", "must be an object"),
      ("{\"destination\":{\"prefix\":\"/a\"}}", "no / at either end"),
      ("[]", "must be a JSON object, not an array"),
      ("{\"a\":", "not well-formed JSON"), ("7", "not a number"),
    ])
  func refused(text: String, words: String) {
    let error = #expect(throws: EventError.self) { try Self.dispatch(text) }
    #expect(error?.description.contains(words) == true, "\(error.map { $0.description } ?? "")")
  }

  @Test(
    "a duplicate field is refused, even if its name is escaped or it is nested",
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

  @Test("a worker event with a duplicate field is refused")
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

  @Test("objects nested deeper than the limit are refused")
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

  @Test("an event may name one column of the source, or none")
  func columns() throws {
    #expect(try Self.dispatch("{\"columns\":{}}").columns == SourceColumns())
    #expect(
      try Self.dispatch("{\"columns\":{\"id\":\"key\",\"genres\":null}}").columns == SourceColumns(id: "key"))
  }

  @Test("an event that names no source key or bucket is refused if none is configured")
  func nothingConfigured() {
    #expect(throws: EventError.self) { try Self.dispatch("{}") { $0.sourceKey = nil } }
    #expect(throws: EventError.self) { try Self.dispatch("{}") { $0.bucket = nil } }
  }

  @Test(
    "a scheduled event's run is named after the event's time and id, for EventBridge rules and EventBridge Scheduler"
  )
  func scheduled() throws {
    let rule =
      #"{"version":"0","id":"9c1b7c1e-5d0a-4d5e-8f3e-2f6a7b8c9d01","detail-type":"Scheduled Event","source":"aws.events","account":"1","time":"2026-11-22T03:00:00Z","region":"us-east-1","resources":["arn"],"detail":{}}"#
    let first = try Self.dispatch(rule)
    #expect("\(first.run)" == "20261122T030000Z-9c1b7c1e")
    #expect(first.date == "2026-11-22")
    let scheduler = rule.replacingOccurrences(of: "\"detail\":{}", with: "\"detail\":\"{}\"")
    #expect(try Self.dispatch(scheduler) == first)
    let withShards = rule.replacingOccurrences(of: "\"detail\":{}", with: "\"detail\":{\"shards\":3}")
    #expect(try Self.dispatch(withShards).shards == 3)
    let misspelt = rule.replacingOccurrences(of: "\"detail\":{}", with: "\"detail\":{\"shrads\":3}")
    #expect(throws: EventError.self) { try Self.dispatch(misspelt) }
    let withoutTime = rule.replacingOccurrences(of: "2026-11-22T03:00:00Z", with: "yesterday")
    #expect(throws: EventError.self) { try Self.dispatch(withoutTime) }
  }

  @Test("an encoded shard plan is a valid worker event")
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

  @Test("a worker event with only run and shard refers to the stored plan")
  func stored() throws {
    let event = try Self.worker(#"{"run":"r1","shard":17,"replay":"all"}"#)
    let run = try #require(RunName("r1"))
    #expect(event.work == .stored(run: run, shard: 17, destination: Destination(bucket: "lake", prefix: "p")))
    #expect(event.replay == .all)
    // Its worker returns once the shard is done. A worker that is invoked with a plan continues with other shards.
    #expect(!event.helps)
    #expect(try Self.worker(#"{"run":"r1","shard":1,"films":[]}"#).helps)
    #expect(try Self.worker(#"{"run":"r1","shard":1,"helps":true}"#).helps)
    #expect(event.resume == nil)
    let time = "2026-11-24T03:00:59.000Z"
    #expect(try Self.worker(#"{"run":"r1","shard":1,"resume":"\#(time)"}"#).resume == time)
    #expect(throws: EventError.self) { try Self.worker(#"{"run":"r1","shard":1,"resume":"soon"}"#) }
    let shared = try Self.worker(#"{"run":"r1","shard":1,"workers":7}"#)
    #expect(
      shared.work
        == .stored(
          run: run, shard: 1, destination: Destination(bucket: "lake", prefix: "p"), workers: 7))
  }

  @Test(
    "an invalid worker event is refused",
    arguments: [
      ("{}", "needs the field \"run\""), ("{\"run\":\"r\"}", "needs the field \"shard\""),
      ("{\"run\":\"r\",\"shard\":-1}", "from 0 to 999"),
      ("{\"run\":\"r\",\"shard\":1,\"x\":1}", "unknown field \"x\""),
      ("{\"run\":\"r\",\"shard\":1,\"replay\":\"some\"}", "\"missing\", \"all\""),
      ("{\"run\":\"r\",\"shard\":1,\"films\":[\"7\"]}", "not an IMDb id"),
      ("{\"run\":\"r\",\"shard\":70,\"films\":[]}", "less than 60"),
      ("{\"run\":\"r\",\"shard\":1,\"films\":[],\"date\":\"2026-13-01\"}", "a date such as"),
      ("{\"run\":\"r\",\"shard\":1,\"films\":[],\"date\":\"9999-01-01\"}", "a date such as"),
      ("{\"run\":\"r\",\"shard\":1,\"films\":[],\"requestsPerSecond\":1e-22}", "at least 0.001"),
      ("{\"run\":\"r\",\"shard\":1,\"generation\":\"a\\nb\"}", "ASCII characters without spaces"),
      ("{\"run\":\"r\",\"shard\":1,\"lease\":\"\"}", "1 to 200 printable ASCII characters"),
    ])
  func wrongWorker(text: String, words: String) {
    let error = #expect(throws: EventError.self) { try Self.worker(text) }
    #expect(error?.description.contains(words) == true, "\(error.map { $0.description } ?? "")")
  }
}
