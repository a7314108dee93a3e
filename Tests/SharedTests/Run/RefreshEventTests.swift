import Testing

@testable import Shared

@Suite("Events of runs that start from a base") struct RefreshEventTests {
  @Test("by default, every film is fetched") func defaults() throws {
    let event = try DispatcherEvent.sample("{}")
    #expect((event.refresh, event.base, event.maxAgeDays, event.lookup) == (.all, nil, 90, .find))
  }

  @Test("the fields are read") func fields() throws {
    let event = try DispatcherEvent.sample(
      #"{"refresh":"changed","base":"night.1","maxAgeDays":30,"lookup":"auto"}"#)
    #expect((event.refresh, event.base?.description, event.maxAgeDays) == (.changed, "night.1", 30))
    #expect(event.lookup == .auto && event.lookup.lookup == nil)
    #expect(try DispatcherEvent.sample(#"{"refresh":"all","lookup":"direct"}"#).lookup.lookup == .direct)
  }

  @Test("the configuration's defaults apply, and the event's fields override them") func configured() throws {
    let defaults: (inout DispatcherEvent.Defaults) -> Void = {
      ($0.refresh, $0.maxAgeDays, $0.lookup) = (.changed, 7, .auto)
    }
    let event = try DispatcherEvent.sample(#"{"base":"b"}"#, defaults)
    #expect((event.refresh, event.maxAgeDays, event.lookup) == (.changed, 7, .auto))
    let other = try DispatcherEvent.sample(#"{"refresh":"all","maxAgeDays":1,"lookup":"find"}"#, defaults)
    #expect((other.refresh, other.maxAgeDays, other.lookup) == (.all, 1, .find))
  }

  @Test(
    "an invalid field is refused with its name and its valid values",
    arguments: [
      (#"{"refresh":"some"}"#, #"field "refresh" must be one of "all", "changed", not "some""#),
      (#"{"refresh":true}"#, #"field "refresh" must be one of"#),
      (#"{"base":"b"}"#, #"field "base" needs "refresh": "changed""#),
      (#"{"refresh":"all","base":"b"}"#, #"field "base" needs "refresh": "changed""#),
      (#"{"refresh":"changed","base":"a/b"}"#, #"field "base" must be the name of a run: 1 to 64 letters"#),
      (#"{"refresh":"changed","base":7}"#, #"field "base" must be a string, not a number"#),
      (#"{"maxAgeDays":0}"#, #"field "maxAgeDays" must be a whole number from 1 to 3650, not 0"#),
      (#"{"maxAgeDays":3651}"#, "from 1 to 3650, not 3651"),
      (#"{"maxAgeDays":"90"}"#, #""maxAgeDays" must be a whole number from 1 to 3650, not a string"#),
      (#"{"lookup":"both"}"#, #"field "lookup" must be one of "find", "direct", "auto", not "both""#),
    ])
  func refused(text: String, words: String) {
    let error = #expect(throws: EventError.self) { try DispatcherEvent.sample(text) }
    #expect(error?.description.contains(words) == true, "\(error.map { $0.description } ?? "")")
  }

  @Test("a worker's plan has a lookup that is decided") func worker() {
    #expect(throws: EventError.self) {
      try WorkerEvent(
        parsing: Array(#"{"run":"r","shard":0,"films":[],"lookup":"auto"}"#.utf8), defaultBucket: "lake",
        defaultPrefix: "p")
    }
  }
}
