import TestSupport
import Testing

/// Events about which a schema and a function differ. The schema's description gives the reason of each.
@Suite("Limits of JSON Schemas", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct SchemaDifferenceTests {
  /// An event about which the two differ, and the reason.
  private struct Event {
    let reason, function, text: String

    init(_ reason: String, _ function: String, _ text: String) {
      (self.reason, self.function, self.text) = (reason, function, text)
    }

    var isAccepted: Bool { SchemaTests.accepts(function, text) }
    var output: OutputSchemas.Output { .init(function + "-event", text) }
  }

  private static let object =
    #""s3":{"bucket":{"name":"my-lake"},"object":{"key":"a","sequencer":"0"}}"#
  private static let created =
    #"{"eventSource":"aws:s3","eventName":"ObjectCreated:Put","eventTime":"2026-11-22T03:00:00Z","#

  private static let refusedByFunction = [
    Event("a field is given twice", "dispatcher", #"{"shards":7,"shards":7}"#),
    Event("100 characters are 200 bytes", "dispatcher", genre(String(repeating: "é", count: 100))),
    Event("a date is after 2261", "dispatcher", scheduled("{}", time: "9999-01-01T00:00:00Z")),
    Event("base without refresh", "dispatcher", #"{"base":"r"}"#),
    Event(
      "a run writes the announced object itself", "dispatcher",
      #"{"detail-type":"Object Created","source":"aws.s3","time":"2026-11-22T03:00:00Z","detail":{"bucket":"#
        + #"{"name":"lake"},"object":{"key":"Raw/TMDB/JSON/Atores/_runs/r/failed.csv","sequencer":"0"}}}"#),
    Event(
      "records of different objects", "dispatcher",
      #"{"Records":[\#(created)\#(object)},\#(created)\#(object.replacing("my-lake", with: "lake-2"))}]}"#),
    Event(
      "the decoded key is too long", "dispatcher",
      #"{"Records":[\#(created)\#(object.replacing(#""a""#, with: "\"\(String(repeating: "a", count: 1025))\""))}]}"#
    ),
    Event("neither run nor request", "dispatcher", #"{"requestPayload":{}}"#),
    Event("neither run nor request", "dispatcher", #"{"Records":[{"eventSource":"aws:sqs","body":"{}"}]}"#),
    Event("text that is not an event", "dispatcher", scheduled(#""{\"shrads\":1}""#)),
    Event(
      "text that is not an event", "dispatcher",
      #"{"Records":[{"eventSource":"aws:sqs","messageId":"m","body":"{"}]}"#),
    Event("objects nested 9 deep", "worker", #"{"requestPayload":{"run":"r","shard":0},"x":\#(nested(8))}"#),
    Event("5 envelopes", "dispatcher", enveloped(#"{"run":"r"}"#, times: 5)),
    Event("5 envelopes", "worker", enveloped(#"{"run":"r","shard":0}"#, times: 5)),
    Event("the shard is not less than shards", "worker", #"{"run":"r","shard":60,"films":[]}"#),
    Event(
      "a date is after 2261", "worker", #"{"run":"r","shard":0,"films":[],"date":"9999-01-01"}"#),
    Event("an array of base is too short", "worker", plan(tmdbIDs: "[]", keptIn: "[-1]")),
    Event("keptIn names a file that files does not have", "worker", plan(tmdbIDs: "[0]", keptIn: "[0]")),
  ]

  private static let refusedBySchema = [
    Event("null", "dispatcher", #"{"shards":null}"#),
    Event("null", "worker", #"{"run":"r","shard":0,"hop":null}"#),
    Event("no files and counts", "worker", plan(base: #"{"run":"b"}"#)),
    Event("a default", "worker", plan(base: #"{"run":"b","format":"object","files":[],"counts":{}}"#)),
    Event("any text", "worker", plan(base: #"{"run":"b","files":[{"key":"","sha256":""}]}"#)),
  ]

  @Test("the functions refuse these events, which the schemas cannot refuse")
  func onlyTheFunctionRefuses() throws {
    let faults = try OutputSchemas.faults(of: Self.refusedByFunction.map(\.output))
    #expect(faults == [])
    let accepted = Self.refusedByFunction.filter(\.isAccepted).map(\.reason)
    #expect(accepted == [])
  }

  @Test("the schemas refuse these events, which the functions accept")
  func onlyTheSchemaRefuses() throws {
    let faults = try OutputSchemas.faults(of: Self.refusedBySchema.map(\.output))
    #expect(faults.count == Self.refusedBySchema.count, "\(faults)")
    let refused = Self.refusedBySchema.filter { !$0.isAccepted }.map(\.reason)
    #expect(refused == [])
  }

  private static func genre(_ name: String) -> String { #"{"genres":["\#(name)"]}"# }

  private static func scheduled(_ detail: String, time: String = "2026-11-22T03:00:00Z") -> String {
    #"{"detail-type":"Scheduled Event","id":"i","time":"\#(time)","detail":\#(detail)}"#
  }

  private static func enveloped(_ event: String, times: Int) -> String {
    (0..<times).reduce(event) { inner, _ in
      #"{"requestContext":{"requestId":"q"},"requestPayload":\#(inner)}"#
    }
  }

  private static func nested(_ levels: Int) -> String {
    String(repeating: #"{"x":"#, count: levels - 1) + "{}" + String(repeating: "}", count: levels - 1)
  }

  private static func plan(tmdbIDs: String, keptIn: String) -> String {
    let counts = #"{"kept":0,"changed":0,"new":1,"due":0,"absent":0,"lost":0}"#
    return plan(
      base:
        #"{"run":"b","files":[],"counts":\#(counts),"tmdbIDs":\#(tmdbIDs),"keptIn":\#(keptIn),"fetchedOn":[0]}"#,
      films: #"["tt0000009"]"#)
  }

  private static func plan(base: String, films: String = "[]") -> String {
    #"{"run":"r","shard":0,"films":\#(films),"base":\#(base)}"#
  }
}
