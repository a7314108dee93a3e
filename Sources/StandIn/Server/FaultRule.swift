/// A fault rule: the requests it applies to, how often, and the fault it injects.
///
/// A rule is written as words separated by spaces. The conditions are optional: `id=tt0000123`, `route=find`,
/// `every=N`, `times=N`.
/// Exactly one fault: `status=N` (optionally with `retry-after=SECONDS`), `cut`, `hang`, `close`, `malformed`,
/// `wrong-id`, `huge` or `huge=BYTES`, `slow` or `slow=TIME`, `html`.
package struct FaultRule: Equatable, Sendable {
  enum Fault: Equatable, Sendable {
    case status(Int, retryAfter: Int?)
    case html, cut, hang, close, malformed, wrongID
    case huge(bytes: Int)
    case slow(Duration)
  }

  static let hugeBytesMax = 256 << 20

  /// The film on any route; nil matches every request.
  var film: FilmNumber?
  /// The route; nil matches every request.
  var route: RouteName?
  /// Applies to every `every`-th matching request; 1 is each of them.
  var every = 1
  /// The number of requests it applies to; nil is unlimited.
  var times: Int?
  var fault: Fault

  /// - Throws: `UsageError` with the word that is not valid.
  package init(parsing line: String) throws {
    var words = RuleParser()
    for word in line.split(whereSeparator: { $0 == " " || $0 == "\t" }) { try words.take(word) }
    film = words.film
    route = words.route
    every = words.every
    times = words.times
    fault = try words.result(in: line)
  }
}

/// The words of a rule parsed so far.
private struct RuleParser {
  var film: FilmNumber?
  var route: RouteName?
  var every = 1
  var times: Int?
  private var status: Int?
  private var retryAfter: Int?
  private var fault: FaultRule.Fault?

  mutating func take(_ word: Substring) throws {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let value = parts.count == 2 ? String(parts[1]) : nil
    switch (String(parts[0]), value) {
    case ("id", let id?):
      film = FilmNumber(imdbID: id)
      if film == nil { throw UsageError("fault rule: \(word) is not an IMDb id") }
    case ("route", let name?):
      route = RouteName(rawValue: name)
      if route == nil {
        let names = RouteName.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("fault rule: \(word) is not one of the routes \(names)")
      }
    case ("every", let count?): every = try RuleParser.number(count, word, 1...1_000_000_000)
    case ("times", let count?): times = try RuleParser.number(count, word, 1...1_000_000_000)
    case ("status", let number?): status = try RuleParser.number(number, word, 200...599)
    case ("retry-after", let seconds?): retryAfter = try RuleParser.number(seconds, word, 0...86_400)
    default: try take(fault: String(parts[0]), value, word)
    }
  }

  func result(in line: String) throws -> FaultRule.Fault {
    if let fault {
      guard status == nil else { throw UsageError("fault rule: \"\(line)\" has two faults") }
      return fault
    }
    guard let status else {
      throw UsageError("fault rule: \"\(line)\" has no fault; add one, such as status=503 or cut")
    }
    return .status(status, retryAfter: retryAfter)
  }

  private mutating func take(fault name: String, _ value: String?, _ word: Substring) throws {
    guard fault == nil else { throw UsageError("fault rule: \(word) is a second fault") }
    switch (name, value) {
    case ("html", nil): fault = .html
    case ("cut", nil): fault = .cut
    case ("hang", nil): fault = .hang
    case ("close", nil): fault = .close
    case ("malformed", nil): fault = .malformed
    case ("wrong-id", nil): fault = .wrongID
    case ("huge", _):
      let bytes = try value.map { try RuleParser.number($0, word, 1...FaultRule.hugeBytesMax) }
      fault = .huge(bytes: bytes ?? 64 << 20)
    case ("slow", _): fault = .slow(try value.map { try Duration(parsing: $0) } ?? .seconds(2))
    default: throw UsageError("fault rule: unknown word \(word)")
    }
  }

  private static func number(_ text: String, _ word: Substring, _ range: ClosedRange<Int>) throws -> Int {
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        "fault rule: \(word) is not a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}
