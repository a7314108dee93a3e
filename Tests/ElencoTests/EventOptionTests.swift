import Foundation
import Shared
import TestSupport
import Testing

@testable import Elenco

@Suite("Event option") struct EventOptionTests {
  private static func option(_ event: String?) throws -> EventOption {
    try EventOption(
      Arguments(["--function", "dispatcher"] + (event.map { ["--event", $0] } ?? []), PlanCommand.spec))
  }

  @Test("a dry run sends the given event with dryRun set") func dryRun() throws {
    let event = try PlanCommand.dryRun(Self.option(#"{"shards":7,"dryRun":false}"#))
    #expect(String(decoding: event, as: UTF8.self) == #"{"dryRun":true,"shards":7}"#)
  }

  @Test(
    "for a scheduled event, dryRun is set in its detail, an object or EventBridge Scheduler's string",
    arguments: [#","detail":{"shards":7}"#, #","detail":"{\"shards\":7}""#, ""])
  func scheduledDryRun(detail: String) throws {
    let given = #"{"detail-type":"Scheduled Event","id":"e1","time":"2026-11-24T03:00:00Z"\#(detail)}"#
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("lake", "lake", "movies.csv")
    let event = try DispatcherEvent(
      parsing: PlanCommand.dryRun(Self.option(given)), defaults: defaults,
      now: UnixTime(nanoseconds: 0), requestID: "r")
    #expect(event.dryRun && event.shards == (detail.isEmpty ? defaults.shards : 7))
  }

  @Test(
    "a scheduled event whose detail is not an object is refused before it is sent",
    arguments: [("[]", "must be a JSON object"), (#""{""#, "not well-formed JSON")])
  func scheduledRefused(detail: String, words: String) {
    let given = #"{"detail-type":"x","id":"e1","time":"2026-11-24T03:00:00Z","detail":\#(detail)}"#
    let error = #expect(throws: UsageError.self) {
      _ = try PlanCommand.main(["--function", "dispatcher", "--event", given])
    }
    #expect(error?.description.contains(words) == true)
  }

  @Test(
    "an event that has no place for dryRun is refused, because the dispatcher would start a run",
    arguments: ["s3-notification", "object-created", "failed-run"])
  func noDryRun(sample: String) throws {
    let file = SharedData.package.appending(path: "infra/events/\(sample).json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let error = #expect(throws: UsageError.self) {
      _ = try PlanCommand.main(["--function", "dispatcher", "--event", text])
    }
    #expect(error?.description.contains("cannot ask for a dry run") == true)
  }

  @Test("a missing or empty option is the empty event", arguments: [nil, ""])
  func empty(given: String?) throws {
    #expect(try Self.option(given).text == "{}")
  }

  @Test(
    "an invalid event is refused before it is sent",
    arguments: [
      (#"{"shards":7,"shards":8}"#, "has the field \"shards\" twice"), ("{", "not well-formed JSON"),
      ("[]", "must be a JSON object"),
    ], ["run", "plan"])
  func refused(event: (String, String), command: String) throws {
    let error = #expect(throws: UsageError.self) {
      let arguments = ["--function", "dispatcher", "--event", event.0]
      _ = try command == "run" ? RunCommand.main(arguments) : PlanCommand.main(arguments)
    }
    #expect(error?.description.contains(event.1) == true)
  }
}
