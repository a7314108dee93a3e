import Shared
import Testing

@testable import Elenco

@Suite("The event on the command line") struct EventOptionTests {
  @Test("a dry run's is the given one with dryRun set") func dryRun() throws {
    let event = try PlanCommand.dryRun(EventOption(#"{"shards":7,"dryRun":false}"#, usage: ""))
    #expect(String(decoding: event, as: UTF8.self) == #"{"dryRun":true,"shards":7}"#)
  }

  @Test(
    "a scheduled event's dry run is its detail's, an object or the Scheduler's string",
    arguments: [#","detail":{"shards":7}"#, #","detail":"{\"shards\":7}""#, ""])
  func scheduledDryRun(detail: String) throws {
    let given = #"{"detail-type":"Scheduled Event","id":"e1","time":"2026-11-24T03:00:00Z"\#(detail)}"#
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("lake", "lake", "movies.csv")
    let event = try DispatcherEvent(
      parsing: PlanCommand.dryRun(EventOption(given, usage: "")), defaults: defaults,
      now: UnixTime(nanoseconds: 0), requestID: "r")
    #expect(event.dryRun && event.shards == (detail.isEmpty ? defaults.shards : 7))
  }

  @Test(
    "a scheduled event whose detail is no object is refused before it is sent",
    arguments: [("[]", "must be a JSON object"), (#""{""#, "not well-formed JSON")])
  func scheduledRefused(detail: String, words: String) {
    let given = #"{"detail-type":"x","id":"e1","time":"2026-11-24T03:00:00Z","detail":\#(detail)}"#
    let error = #expect(throws: UsageError.self) {
      _ = try PlanCommand.main(["--function", "dispatcher", "--event", given])
    }
    #expect(error?.description.contains(words) == true)
  }

  @Test("what is left out or empty is an empty one", arguments: [nil, ""]) func none(given: String?) throws {
    #expect(try EventOption(given, usage: "").text == "{}")
  }

  @Test(
    "one that is wrong is refused before it is sent",
    arguments: [
      (#"{"shards":7,"shards":8}"#, "has the field \"shards\" twice"), ("{", "not well-formed JSON"),
      ("[]", "must be a JSON object"),
    ], ["run", "plan"])
  func refused(event: (String, String), verb: String) throws {
    let error = #expect(throws: UsageError.self) {
      let words = ["--function", "dispatcher", "--event", event.0]
      _ = try verb == "run" ? RunCommand.main(words) : PlanCommand.main(words)
    }
    #expect(error?.description.contains(event.1) == true)
  }
}
