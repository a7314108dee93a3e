/// What the command line asks for.
enum Command {
  case help
  case serve(Configuration)
  /// - Parameters:
  ///   - films: how many, 1 ... `MovieCounts.full.films`.
  ///   - output: a path, or `-` for stdout.
  case movies(films: Int, output: String)

  init(arguments: [String]) throws {
    var arguments = Arguments(arguments)
    self =
      if arguments.takes("movies") { try Command.movies(&arguments) } else { try Command.serve(&arguments) }
  }

  private static func movies(_ arguments: inout Arguments) throws -> Command {
    var films = MovieCounts.full.films
    var output: String?
    while let flag = try arguments.nextFlag() {
      switch flag {
      case "--help": return .help
      case "--out": output = try arguments.value(of: flag)
      case "--films": films = try arguments.number(of: flag, in: 1...MovieCounts.full.films)
      default: throw UsageError("\(flag): unknown flag of standin movies")
      }
    }
    guard let output else { throw UsageError("standin movies: say where to with --out FILE or --out -") }
    return .movies(films: films, output: output)
  }

  private static func serve(_ arguments: inout Arguments) throws -> Command {
    var configuration = Configuration()
    configuration.port = 8080
    while let flag = try arguments.nextFlag() {
      switch flag {
      case "--help": return .help
      case "--port": configuration.port = UInt16(try arguments.number(of: flag, in: 0...65_535))
      case "--bind": configuration.bindAddress = try arguments.value(of: flag)
      case "--token": configuration.token = try arguments.value(of: flag)
      case "--latency": configuration.latency = try Duration(parsing: try arguments.value(of: flag))
      case "--jitter": configuration.jitter = try Duration(parsing: try arguments.value(of: flag))
      case "--limit": configuration.limit = try RateLimit.Rule(parsing: try arguments.value(of: flag))
      case "--limit-per": configuration.limitScope = try arguments.choice(of: flag)
      case "--retry-after": configuration.retryAfter = try arguments.number(of: flag, in: 0...86_400)
      case "--fail": configuration.failRules.append(try FaultRule(parsing: try arguments.value(of: flag)))
      case "--fail-script":
        configuration.failRules += try FaultRule.script(try TextFile.read(try arguments.value(of: flag)))
      case "--log": configuration.logPath = try arguments.value(of: flag)
      case "--chunked": configuration.isChunked = true
      default: throw UsageError("\(flag): unknown flag of standin")
      }
    }
    return .serve(configuration)
  }
}

/// Arguments that are taken one by one. `--flag value` and `--flag=value` are the same.
private struct Arguments {
  private var rest: ArraySlice<String>
  /// What stood after the `=` of the flag read last.
  private var attached: String?

  init(_ arguments: [String]) { rest = arguments[...] }

  /// Takes the next argument if it is this one.
  mutating func takes(_ word: String) -> Bool {
    guard rest.first == word else { return false }
    rest.removeFirst()
    return true
  }

  mutating func nextFlag() throws -> String? {
    if let attached { throw UsageError("=\(attached): the flag before it takes no value") }
    guard let argument = rest.popFirst() else { return nil }
    guard argument.hasPrefix("--") else { throw UsageError("\(argument): unexpected argument") }
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    attached = parts.count == 2 ? String(parts[1]) : nil
    return String(parts[0])
  }

  mutating func value(of flag: String) throws -> String {
    defer { attached = nil }
    guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
      throw UsageError("\(flag): a value is missing")
    }
    return value
  }

  mutating func number(of flag: String, in range: ClosedRange<Int>) throws -> Int {
    let value = try value(of: flag)
    guard let number = Int(value), range.contains(number) else {
      throw UsageError("\(flag) \(value): not a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func choice<Choice>(of flag: String) throws -> Choice
  where Choice: CaseIterable & RawRepresentable<String> {
    let value = try value(of: flag)
    guard let choice = Choice(rawValue: value) else {
      let choices = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      throw UsageError("\(flag) \(value): choose one of \(choices)")
    }
    return choice
  }
}

extension RateLimit.Rule {
  /// Reads `50/s` or `40/10s`.
  init(parsing text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count) else {
      throw UsageError("\(text): not a limit; write it as 50/s or 40/10s")
    }
    let hasNumber = parts[1].first?.isNumber ?? false
    let window = try Duration(parsing: (hasNumber ? "" : "1") + parts[1])
    guard window > .zero else { throw UsageError("\(text): a limit needs a window longer than nothing") }
    self.init(count: count, window: window)
  }
}
