import Testing

@testable import Elenco

@Suite("The event of a dry run") struct PlanCommandTests {
  @Test("is the given one with dryRun set") func dryRun() throws {
    let event = try PlanCommand.dryRun(#"{"shards":7,"dryRun":false}"#)
    #expect(String(decoding: event, as: UTF8.self) == #"{"dryRun":true,"shards":7}"#)
  }

  @Test(
    "is not written anew from one that is wrong",
    arguments: [
      (#"{"shards":7,"shards":8}"#, "has the field \"shards\" twice"), ("{", "not well-formed JSON"),
      ("[]", "must be a JSON object"),
    ])
  func refused(event: String, words: String) {
    let error = #expect(throws: UsageError.self) { try PlanCommand.dryRun(event) }
    #expect(error?.description.contains(words) == true)
  }
}
