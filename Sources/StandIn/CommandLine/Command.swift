/// The parsed command line.
enum Command {
  case help
  case serve(Configuration)
  /// - Parameters:
  ///   - films: the number of films, 1 ... `MovieCounts.full.films`.
  ///   - path: the file to write.
  case movies(films: Int, path: String)

  init(arguments: [String]) throws {
    var arguments = Arguments(arguments)
    self =
      if arguments.take("movies") { try Command.movies(&arguments) } else { try Command.serve(&arguments) }
  }

  private static func movies(_ arguments: inout Arguments) throws -> Command {
    var films = MovieCounts.full.films
    var path: String?
    while let flag = try arguments.nextFlag() {
      switch flag {
      case "--help": return .help
      case "--out": path = try arguments.value(of: flag)
      case "--films": films = try arguments.number(of: flag, in: 1...MovieCounts.full.films)
      default: throw UsageError("unknown option \(flag) of standin movies")
      }
    }
    guard let path else { throw UsageError("standin movies needs --out FILE") }
    return .movies(films: films, path: path)
  }

  private static func serve(_ arguments: inout Arguments) throws -> Command {
    var configuration = Configuration()
    configuration.port = 8080
    while let flag = try arguments.nextFlag() {
      switch flag {
      case "--help": return .help
      case "--port": configuration.port = UInt16(try arguments.number(of: flag, in: 0...65_535))
      case "--latency": configuration.latency = try Duration(parsing: try arguments.value(of: flag))
      case "--limit": configuration.limit = try RateLimit.Rule(parsing: try arguments.value(of: flag))
      case "--limit-per": configuration.limitScope = try arguments.choice(of: flag)
      case "--retry-after": configuration.retryAfter = try arguments.number(of: flag, in: 0...86_400)
      case "--fail": configuration.failRules.append(try FaultRule(parsing: try arguments.value(of: flag)))
      case "--edit": configuration.edits.append(try Edit(parsing: try arguments.value(of: flag)))
      case "--edits": configuration.edits += try EditScript.read(try arguments.value(of: flag))
      case "--today":
        let text = try arguments.value(of: flag)
        configuration.today = CalendarDay(parsing: text)
        if configuration.today == nil {
          throw UsageError("--today \(text): not a day; write it as 2026-11-21")
        }
      case "--log": configuration.logPath = try arguments.value(of: flag)
      case "--chunked": configuration.isChunked = true
      default: throw UsageError("unknown option \(flag)")
      }
    }
    return .serve(configuration)
  }
}

/// The arguments that are not parsed yet. `--flag value` and `--flag=value` are equivalent.
private struct Arguments {
  private var rest: ArraySlice<String>
  /// The text after the `=` of the last flag, until `value(of:)` takes it.
  private var attached: String?

  init(_ arguments: [String]) { rest = arguments[...] }

  /// Removes the next argument if it is `word`.
  mutating func take(_ word: String) -> Bool {
    guard rest.first == word else { return false }
    rest.removeFirst()
    return true
  }

  mutating func nextFlag() throws -> String? {
    if let attached { throw UsageError("the option before \"=\(attached)\" takes no value") }
    guard let argument = rest.popFirst() else { return nil }
    guard argument.hasPrefix("--") else { throw UsageError("unexpected argument \"\(argument)\"") }
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    attached = parts.count == 2 ? String(parts[1]) : nil
    return String(parts[0])
  }

  mutating func value(of flag: String) throws -> String {
    defer { attached = nil }
    guard let value = attached ?? rest.popFirst(), !value.isEmpty else {
      throw UsageError("\(flag) needs a value")
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
      throw UsageError("\(flag) \(value): not one of \(choices)")
    }
    return choice
  }
}

extension RateLimit.Rule {
  /// Parses `50/s` or `40/10s`.
  init(parsing text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let count = Int(parts[0]), (1...1_000_000).contains(count) else {
      throw UsageError("\"\(text)\" is not a rate limit; write it as 50/s or 40/10s")
    }
    let hasNumber = parts[1].first?.isNumber ?? false
    let window = try Duration(parsing: (hasNumber ? "" : "1") + parts[1])
    guard window > .zero else { throw UsageError("the rate limit \"\(text)\" has a window of zero") }
    self.init(count: count, window: window)
  }
}
