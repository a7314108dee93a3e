import Testing

@testable import Elenco
@testable import Shared

@Suite("Command lines") struct ArgumentsTests {
  private static func parse(_ words: String, takesOperand: Bool = true) throws -> Arguments {
    let spec = CommandSpec(
      name: "status", summary: "", operand: takesOperand ? RunOptions.operand : nil, description: "",
      options: [
        .text("--bucket", "BUCKET", ""), .text("--prefix", "PREFIX", ""), .flag("--json", ""),
        CommandSpec.Option(name: "--replay", value: .choice("WHAT", ["missing", "all"]), help: ""),
      ], exitStatus: "", example: "")
    return try Arguments(words.split(separator: " ").map(String.init), spec)
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
      ("weekly --buckt lake", "unknown option \"--buckt\"; did you mean \"--bucket\"?\n"),
      ("weekly --color", "unknown option \"--color\"\n"), ("--", "unknown option \"--\"\n"),
      ("weekly --json=1", "unknown option \"--json=1\""),
      ("weekly --bucket", "option --bucket requires a value"),
      ("--bucket a --bucket b", "option --bucket is given more than once"), ("-v", "unknown option \"-v\""),
      ("weekly --replay some", "option --replay must be one of missing, all, not \"some\""),
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

  @Test("a required option must be given, and not be empty", arguments: [[], ["--function="]])
  func required(words: [String]) {
    let error = #expect(throws: UsageError.self) { try Arguments(words, PlanCommand.spec) }
    #expect(error?.description.hasPrefix("option --function is required") == true)
  }

  @Test(
    "a mistyped command gets the nearest one",
    arguments: [
      ("stauts", "status"), ("Run", "run"), ("rns", "runs"), ("rnus", "runs"), ("verfy", "verify"),
      ("comp", "completion"),
      ("xyz", nil), ("r", nil), ("", nil),
    ] as [(String, String?)])
  func nearest(word: String, name: String?) {
    #expect(NearestName.of(word, among: ElencoMain.commands.map { $0.spec.name }) == name)
  }
}
