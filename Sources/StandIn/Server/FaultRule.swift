/// One line of a failure script: which requests it is for, how often it acts, and what goes wrong then.
///
/// RuleParser with spaces between: conditions `id=tt0000123` (or a TMDB id), `route=find|credits|direct|other`,
/// `every=N`, `after=N`, `times=N`; and one failure: `status=N` (with `retry-after=SECONDS` if wanted), `cut`,
/// `hang`, `close`, `malformed`, `wrong-id`, `huge` or `huge=BYTES`, `slow` or `slow=2s`, `html` (a page instead
/// of JSON; with `status=N` if it is not to be 502).
package struct FaultRule: Equatable, Sendable {
  enum Failure: Equatable, Sendable {
    case status(Int, retryAfter: Int?)
    case html(status: Int)
    case cut, hang, close, malformed, wrongID
    case huge(bytes: Int)
    case slow(Duration)
  }

  static let hugeBytesMax = 256 << 20

  var film: FilmNumber?
  var route: RouteName?
  /// Acts on every so-manieth request that matches: 1 is all of them.
  var every = 1
  /// Lets so many matching requests pass first.
  var after = 0
  /// Acts so often and no more; nil is for ever.
  var times: Int?
  var failure: Failure

  /// - Throws: `UsageError` that names the word that cannot be read.
  package init(parsing line: String) throws {
    var words = RuleParser()
    for word in line.split(whereSeparator: { $0 == " " || $0 == "\t" }) { try words.take(word) }
    film = words.film
    route = words.route
    every = words.every
    after = words.after
    times = words.times
    failure = try words.failure(in: line)
  }

  /// Reads a script: a rule a line; empty lines and what follows a `#` at a line's start are passed over.
  package static func script(_ text: String) throws -> [FaultRule] {
    try text.split(whereSeparator: \.isNewline)
      .filter { line in line.first { !$0.isWhitespace }.map { $0 != "#" } ?? false }
      .map { try FaultRule(parsing: String($0)) }
  }
}

/// The words of a rule as they are read.
private struct RuleParser {
  var film: FilmNumber?
  var route: RouteName?
  var every = 1
  var after = 0
  var times: Int?
  private var status: Int?
  private var retryAfter: Int?
  private var isPage = false
  private var failure: FaultRule.Failure?

  mutating func take(_ word: Substring) throws {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count == 2 ? String(parts[1]) : nil
    switch (String(parts[0]), value) {
    case ("id", let id?):
      film = FilmNumber(imdbID: id) ?? Int(id).flatMap { FilmNumber(tmdbID: $0) }
      if film == nil { throw UsageError("fail rule: \(word): the id is neither an IMDb id nor a TMDB id") }
    case ("route", let name?):
      route = RouteName(rawValue: name)
      if route == nil { throw UsageError("fail rule: \(word): a route is find, credits, direct or other") }
    case ("every", let count?): every = try RuleParser.count(count, word, atLeast: 1)
    case ("after", let count?): after = try RuleParser.count(count, word, atLeast: 0)
    case ("times", let count?): times = try RuleParser.count(count, word, atLeast: 1)
    case ("status", let number?):
      let number = try RuleParser.count(number, word, atLeast: 200)
      guard number <= 599 else { throw UsageError("fail rule: \(word): a status is 200 to 599") }
      status = number
    case ("retry-after", let seconds?): retryAfter = try RuleParser.count(seconds, word, atLeast: 0)
    case ("html", nil): isPage = true
    default: try take(failure: String(parts[0]), value, word)
    }
  }

  func failure(in line: String) throws -> FaultRule.Failure {
    if let failure {
      guard status == nil, !isPage else { throw UsageError("fail rule: \(line): two failures at once") }
      return failure
    }
    if isPage { return .html(status: status ?? 502) }
    if let status { return .status(status, retryAfter: retryAfter) }
    throw UsageError("fail rule: \(line): says no failure; add status=503, cut, hang or another")
  }

  private mutating func take(failure name: String, _ value: String?, _ word: Substring) throws {
    guard failure == nil else { throw UsageError("fail rule: \(word): two failures at once") }
    switch (name, value) {
    case ("cut", nil): failure = .cut
    case ("hang", nil): failure = .hang
    case ("close", nil): failure = .close
    case ("malformed", nil): failure = .malformed
    case ("wrong-id", nil): failure = .wrongID
    case ("huge", _):
      let bytes = try value.map { try RuleParser.count($0, word, atLeast: 1) } ?? 64 << 20
      guard bytes <= FaultRule.hugeBytesMax else {
        throw UsageError("fail rule: \(word): at most \(FaultRule.hugeBytesMax) bytes")
      }
      failure = .huge(bytes: bytes)
    case ("slow", _): failure = .slow(try value.map { try Duration(parsing: $0) } ?? .seconds(2))
    default: throw UsageError("fail rule: \(word): unknown word")
    }
  }

  private static func count(_ text: String, _ word: Substring, atLeast minimum: Int) throws -> Int {
    guard let count = Int(text), (minimum...1_000_000_000).contains(count) else {
      throw UsageError("fail rule: \(word): not a number from \(minimum) to 1000000000")
    }
    return count
  }
}
