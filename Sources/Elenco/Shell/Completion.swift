/// Makes a shell's completion script from the commands' tables.
enum Completion: String, CaseIterable {
  case bash, zsh, fish

  func script(_ specs: [CommandSpec]) -> String {
    switch self {
    case .bash: BashCompletion.script(specs)
    case .zsh: ZshCompletion.script(specs)
    case .fish: FishCompletion.script(specs)
    }
  }
}

extension CommandSpec {
  /// The option that every command has.
  static let helpOption = Option.flag("--help", "show this help")

  var allOptions: [Option] { options + [Self.helpOption] }
}

/// Text in single quotes, for any shell. In fish, too, a backslash and a quote are escaped inside quotes.
extension String {
  /// For bash and zsh.
  var posixQuoted: String {
    "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }

  var fishQuoted: String {
    "'" + map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "'"
  }
}

enum BashCompletion {
  static func script(_ specs: [CommandSpec]) -> String {
    """
    # bash completion of elenco. To load it: source <(elenco completion bash)
    _elenco() {
      local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
      COMPREPLY=()
      if ((COMP_CWORD == 1)); then
        COMPREPLY=($(compgen -W '\((specs.map(\.name) + ["--help", "--version"]).joined(separator: " "))' -- "$word"))
        return
      fi
      case $command in
    \(specs.map(command).joined(separator: "\n"))
      esac
    }
    complete -F _elenco elenco
    """
  }

  private static func command(_ spec: CommandSpec) -> String {
    var lines: [String] = []
    for option in spec.options {
      switch option.value {
      case .flag: continue
      case .text: lines.append("\(option.name)) return ;;")
      case .file: lines.append("\(option.name)) COMPREPLY=($(compgen -f -- \"$word\")); return ;;")
      case .folder: lines.append("\(option.name)) COMPREPLY=($(compgen -d -- \"$word\")); return ;;")
      case .choice(_, let choices):
        lines.append(
          "\(option.name)) COMPREPLY=($(compgen -W '\(choices.joined(separator: " "))' -- \"$word\")); return ;;"
        )
      }
    }
    let words = spec.allOptions.map(\.name) + (spec.operand?.choices ?? [])
    let cases =
      lines.isEmpty ? "" : "      case $previous in\n\(lines.map { "        \($0)\n" }.joined())      esac\n"
    return """
          \(spec.name))
      \(cases)      COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- "$word"))
            ;;
      """
  }
}

enum ZshCompletion {
  static func script(_ specs: [CommandSpec]) -> String {
    """
    #compdef elenco
    # zsh completion of elenco. To load it: source <(elenco completion zsh)
    _elenco() {
      local -a commands=(
    \(specs.map { "    \("\($0.name):\(escaped($0.summary))".posixQuoted)" }.joined(separator: "\n"))
      )
      if ((CURRENT == 2)); then
        _describe -t commands command commands
        return
      fi
      local command=$words[2]
      shift words
      ((CURRENT--))
      case $command in
    \(specs.map(command).joined(separator: "\n"))
      esac
    }
    if [[ $funcstack[1] == _elenco ]]; then
      _elenco "$@"
    else
      compdef _elenco elenco
    fi
    """
  }

  private static func command(_ spec: CommandSpec) -> String {
    var arguments = spec.allOptions.map { option -> String in
      let start = "\(option.name)[\(escaped(option.help))]"
      return switch option.value {
      case .flag: start
      case .text(let name): "\(start):\(escaped(name)): "
      case .file(let name): "\(start):\(escaped(name)):_files"
      case .folder(let name): "\(start):\(escaped(name)):_files -/"
      case .choice(let name, let choices): "\(start):\(escaped(name)):(\(choices.joined(separator: " ")))"
      }
    }
    if let operand = spec.operand {
      let choices = operand.choices.isEmpty ? " " : "(\(operand.choices.joined(separator: " ")))"
      arguments.append(
        "\(operand.isRequired ? "1" : "::")\(operand.isRequired ? ":" : "")\(operand.name):\(choices)")
    }
    return "    \(spec.name)) _arguments \(arguments.map(\.posixQuoted).joined(separator: " ")) ;;"
  }

  /// In `_arguments` and `_describe`, a colon separates fields, and brackets enclose a description.
  private static func escaped(_ text: String) -> String {
    text.map { ":[]\\".contains($0) ? "\\\($0)" : "\($0)" }.joined()
  }
}

enum FishCompletion {
  static func script(_ specs: [CommandSpec]) -> String {
    var lines = [
      "# fish completion of elenco. To load it: elenco completion fish | source", "complete -c elenco -f",
    ]
    for spec in specs {
      lines.append(
        "complete -c elenco -n __fish_use_subcommand -a \(spec.name) -d \(spec.summary.fishQuoted)")
    }
    lines.append("complete -c elenco -n __fish_use_subcommand -l version -d 'show the version'")
    for spec in specs {
      let condition = "complete -c elenco -n '__fish_seen_subcommand_from \(spec.name)'"
      for option in spec.allOptions {
        let name = option.name.dropFirst(2)
        let value =
          switch option.value {
          case .flag: ""
          case .text: " -x"
          case .file: " -r -F"
          case .folder: " -x -a '(__fish_complete_directories)'"
          case .choice(_, let choices): " -x -a \(choices.joined(separator: " ").fishQuoted)"
          }
        lines.append("\(condition) -l \(name)\(value) -d \(option.help.fishQuoted)")
      }
      if let choices = spec.operand?.choices, !choices.isEmpty {
        lines.append("\(condition) -a \(choices.joined(separator: " ").fishQuoted)")
      }
    }
    return lines.joined(separator: "\n")
  }
}
