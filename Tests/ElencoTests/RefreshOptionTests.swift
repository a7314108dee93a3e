import Testing

@testable import Elenco
@testable import Shared

@Suite("Options of a run that starts from a base") struct RefreshOptionTests {
  private static func event(_ words: [String]) throws -> String {
    try EventFieldOptions.event(Arguments(["--function", "dispatcher"] + words, PlanCommand.spec)).text
  }

  @Test("without options, the event is sent as it is given") func none() throws {
    #expect(try Self.event(["--event", #"{ "shards" : 7 }"#]) == #"{ "shards" : 7 }"#)
    #expect(try Self.event([]) == "{}")
  }

  @Test("options set the event's fields and replace its own") func fields() throws {
    let text = try Self.event([
      "--refresh", "changed", "--base", "night.1", "--max-age=30", "--lookup", "auto", "--event",
      #"{"shards":7,"maxAgeDays":1}"#,
    ])
    #expect(text == #"{"base":"night.1","lookup":"auto","maxAgeDays":30,"refresh":"changed","shards":7}"#)
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("lake", "lake", "movies.csv")
    let event = try DispatcherEvent(
      parsing: Array(text.utf8), defaults: defaults, now: UnixTime(seconds: 0), requestID: "r")
    #expect((event.refresh, event.maxAgeDays, event.lookup) == (.changed, 30, .auto))
  }

  @Test("in a scheduled event, they are fields of its detail") func scheduled() throws {
    let text = try Self.event([
      "--refresh", "all", "--event",
      #"{"detail":"{\"shards\":7}","detail-type":"x","id":"e","time":"2026-11-24T03:00:00Z"}"#,
    ])
    let expected =
      #"{"detail":{"refresh":"all","shards":7},"detail-type":"x","id":"e","time":"2026-11-24T03:00:00Z"}"#
    #expect(text == expected)
  }

  @Test(
    "an invalid value, and an event without a place for fields, are refused",
    arguments: [
      (["--refresh", "some"], "--refresh must be one of all, changed"),
      (["--lookup", "both"], "--lookup must be one of find, direct, auto"),
      (["--base", "a/b"], "--base must be the name of a run: 1 to 64 letters"),
      (["--max-age", "0"], "--max-age must be a whole number of days from 1 to 3650"),
      (["--max-age", "ten"], "--max-age must be"),
      (["--refresh", "changed", "--event", #"{"Records":[]}"#], "take no fields from options"),
    ])
  func refused(words: [String], text: String) {
    let error = #expect(throws: UsageError.self) { try Self.event(words) }
    #expect(error?.description.contains(text) == true, "\(error.map { $0.description } ?? "")")
  }

  @Test("run and plan take the options", arguments: ["run", "plan"]) func commands(command: String) {
    let error = #expect(throws: UsageError.self) {
      let words = [
        "--function", "f", "--refresh", "changed", "--base", "b", "--max-age", "7", "--lookup", "both",
      ]
      _ = try command == "run" ? RunCommand.main(words) : PlanCommand.main(words)
    }
    #expect(error?.description.contains("--lookup must be one of") == true)
  }

  private static func response(_ more: String) throws -> DispatcherResponse {
    try JSONText.decode(
      DispatcherResponse.self,
      from: Array(
        """
        {"run":"r","date":"2026-11-24","startedAt":"2026-11-24T03:00:00.000Z",
        "source":{"bucket":"lake","key":"movies.csv","rows":2,"films":2,"rowsSkipped":0,"firstSkipped":[]},
        "destination":{"bucket":"lake","prefix":"p"},"films":2,"shards":2,"files":2,"filmsPerFile":100,
        "filmsPerShard":[1,1],"workers":2,"dryRun":true,"invoked":0\(more),
        "forecast":{"requests":4,"seconds":1,"hopsPerShard":1,"peakConcurrency":2,"dollars":0,"cheapestWorkers":1,
        "cheapestDollars":0},"notInvoked":[],"seconds":1}
        """.utf8))
  }

  @Test("a plan says how many films are kept, and why the others are fetched") func line() throws {
    let more =
      #","refresh":{"base":"b","counts":{"kept":57000,"changed":1180,"new":12,"due":0,"absent":1,"lost":0}}"#
      + #","lookup":{"taken":"direct","reason":"Both are the same."}"#
    let text = PlanCommand.describe(try Self.response(more))
    #expect(
      text.contains(
        "\nrefresh    57,000 films kept from run b, 1,193 to fetch: 1,180 changed, 12 new, 1 absent before\n"),
      "\(text)")
    #expect(text.contains("\nlookup     direct. Both are the same."))
    let nothing =
      #","refresh":{"base":"b","counts":{"kept":1,"changed":0,"new":0,"due":0,"absent":0,"lost":0}}"#
    #expect(
      PlanCommand.describe(try Self.response(nothing)).contains(
        "refresh    1 film kept from run b, 0 to fetch"))
  }

  @Test("a plan without a base and with a given lookup has neither line") func without() throws {
    let text = PlanCommand.describe(try Self.response(""))
    #expect(!text.contains("refresh") && !text.contains("lookup"))
  }

  @Test("a response without a base has the bytes that it had before there were bases") func bytes() throws {
    let text = String(decoding: try JSONText.encode(Self.response("")), as: UTF8.self)
    #expect(!text.contains("refresh") && !text.contains("lookup"))
  }
}
