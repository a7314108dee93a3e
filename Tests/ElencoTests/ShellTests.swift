import Foundation
import TestSupport
import Testing

@testable import Elenco

/// The completions and the man page, judged by the programs that read them.
@Suite("Completions and man page", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct ShellTests {
  private static let specs = ElencoMain.commands.map { $0.spec }

  /// A command line up to the cursor, and what a shell must offer.
  private struct Question: Encodable {
    let line: String
    let offers: [String]
  }

  private struct Input: Encodable {
    let shell: String
    let script: String
    let lines: [String]
  }

  private static let questions = [
    Question(line: "elenco ", offers: specs.map(\.name)),
    Question(line: "elenco st", offers: ["status"]),
    Question(line: "elenco replay --re", offers: ["--replay"]),
    Question(line: "elenco replay --replay ", offers: ["all", "missing"]),
    Question(line: "elenco completion ", offers: Completion.allCases.map(\.rawValue)),
    Question(line: "elenco runs --li", offers: ["--limit"]),
  ]

  /// zsh completes only on a terminal. Containers and changed roots may have none.
  private static let hasTerminals =
    (try? PythonProgram.run("ask_shell.py", ["--has-terminals"], text: ""))?.hasPrefix("yes") == true

  private static func expectOffers(_ shell: Completion) throws {
    let lines = questions.map(\.line) + specs.map { "elenco \($0.name) --" }
    let answers: [[String]] = try PythonProgram.run(
      "ask_shell.py",
      input: Input(shell: shell.rawValue, script: shell.script(specs), lines: lines))
    #expect(answers.count == lines.count)
    for (question, answer) in zip(questions, answers) {
      let offered = Set(answer).subtracting(["--help", "--version"])
      #expect(offered == Set(question.offers), "\(shell): \(question.line)")
    }
    for (spec, answer) in zip(specs, answers.dropFirst(questions.count)) {
      #expect(Set(answer) == Set(spec.allOptions.map(\.name)), "\(shell): \(spec.name)")
    }
  }

  @Test(
    "bash and fish offer commands, options and their values, and every option of every command",
    arguments: [Completion.bash, .fish])
  func shells(shell: Completion) throws { try Self.expectOffers(shell) }

  @Test(
    "zsh offers the same",
    .enabled(if: hasTerminals, "zsh completes only on a terminal, and this system has no pseudo-terminals"))
  func zsh() throws { try Self.expectOffers(.zsh) }

  @Test("mandoc and man find no fault in the man page, which has every option") func manual() throws {
    let folder = try TemporaryFolder()
    let page = try folder.write("elenco.1", ManualPage.text(Self.specs, version: "1.2.3") + "\n")
    let lint = try ChildProcess.result("/usr/bin/mandoc", ["-T", "lint", page])
    #expect(lint.code == 0 && lint.output == "" && lint.errors == "", "\(lint.output)\(lint.errors)")
    let rendered = try ChildProcess.result(
      "/usr/bin/env", ["MANWIDTH=100", "LC_ALL=C.UTF-8", "/usr/bin/man", "--warnings", "-l", page])
    #expect(rendered.code == 0 && rendered.errors == "", "\(rendered.errors)")
    let text = rendered.output.replacing("\u{8}", with: "")
    for option in Self.specs.flatMap(\.options) { #expect(text.contains(option.name)) }
    #expect(text.contains("This product uses the TMDB API but is not endorsed or certified by TMDB."))
  }
}
