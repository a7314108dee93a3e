import Shared

/// `elenco completion`: a shell's completion script.
enum CompletionCommand: Command {
  static let spec = CommandSpec(
    name: "completion", summary: "print a completion script for bash, zsh or fish",
    operand: CommandSpec.Operand(
      name: "SHELL", isRequired: true, choices: Completion.allCases.map(\.rawValue)),
    description: """
      Print a script that completes commands and options in a shell: bash, zsh or fish.
      """,
    options: [], exitStatus: "0 on success, 2 for an invalid command line.",
    example: "source <(elenco completion bash)")

  static func main(_ arguments: Arguments) throws -> Bool {
    guard let shell = arguments.operand.flatMap(Completion.init) else {
      throw arguments.refusal("the name of a shell is required: bash, zsh or fish")
    }
    try Terminal.result(shell.script(ElencoMain.commands.map { $0.spec }))
    return true
  }
}

/// `elenco manual`: the man page.
enum ManualCommand: Command {
  static let spec = CommandSpec(
    name: "manual", summary: "print the man page, in roff",
    description: "Print the man page elenco(1), which `make install` installs.",
    options: [], exitStatus: "0 on success, 2 for an invalid command line.",
    example: "elenco manual | man -l -")

  static func main(_ arguments: Arguments) throws -> Bool {
    try Terminal.result(
      ManualPage.text(ElencoMain.commands.map { $0.spec }, version: ElencoVersion.current))
    return true
  }
}
