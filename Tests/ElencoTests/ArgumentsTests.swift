import Testing

@testable import Elenco
@testable import Shared

@Suite("Command lines") struct ArgumentsTests {
  private static func parse(_ words: String, takesOperand: Bool = true) throws -> Arguments {
    try Arguments(
      words.split(separator: " ").map(String.init), options: ["--bucket", "--prefix"], flags: ["--json"],
      takesOperand: takesOperand, usage: "usage: elenco status RUN")
  }

  @Test(
    "the run's name may come before, between or after the options",
    arguments: [
      "weekly --bucket lake --json", "--bucket lake weekly --json", "--json --bucket=lake weekly",
      "--json weekly --bucket lake",
    ])
  func order(words: String) throws {
    let arguments = try Self.parse(words)
    #expect(arguments.operand == "weekly" && arguments["--bucket"] == "lake" && arguments.has("--json"))
  }

  @Test(
    "what is wrong is named",
    arguments: [
      ("weekly daily", "unexpected argument \"daily\""),
      ("weekly --buckt lake", "unknown option \"--buckt\""),
      ("weekly --bucket", "option --bucket requires a value"),
      ("--bucket a --bucket b", "option --bucket is given more than once"), ("-v", "unknown option \"-v\""),
    ])
  func refused(words: String, sentence: String) {
    #expect {
      try Self.parse(words)
    } throws: { error in
      (error as? UsageError)?.description.hasPrefix(sentence) == true
    }
  }

  @Test("a command without an operand takes none") func none() throws {
    #expect(throws: UsageError.self) { try Self.parse("weekly", takesOperand: false) }
    #expect(try Self.parse("--json", takesOperand: false).operand == nil)
  }
}
