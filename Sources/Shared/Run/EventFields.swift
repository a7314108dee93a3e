/// Why an event is refused: which field, and what it may be.
package struct EventError: Error, Equatable, CustomStringConvertible, TypedError {
  package let description: String

  package init(_ description: String) { self.description = description }

  package var errorType: String { "InvalidEvent" }
}

/// The fields of an event's object, taken one by one and checked as they are taken.
///
/// Null counts as not given. What was given and not taken is refused by `finish`, so that a misspelt field never
/// passes for a default.
package struct EventFields {
  private let owner: String
  private var fields: [String: JSONValue]
  private var known: [String] = []

  /// - Parameter owner: how errors call the object: "the event", "the event's source".
  package init(_ value: JSONValue, owner: String) throws(EventError) {
    guard case .object(let fields) = value else {
      throw EventError("\(owner) must be a JSON object and is \(value.kind).")
    }
    self.fields = fields.filter { $0.value != .null }
    self.owner = owner
  }

  /// Refuses what was not taken.
  package func finish() throws(EventError) {
    guard let unknown = fields.keys.min() else { return }
    throw EventError(
      "\(owner) has no field \"\(unknown.printable)\"; it may have \(known.joined(separator: ", ")).")
  }

  package mutating func string(_ name: String) throws(EventError) -> String? {
    guard let value = take(name) else { return nil }
    guard case .string(let string) = value else { throw mismatch(name, "a string", value) }
    return string
  }

  package mutating func bool(_ name: String) throws(EventError) -> Bool? {
    guard let value = take(name) else { return nil }
    guard case .bool(let bool) = value else { throw mismatch(name, "true or false", value) }
    return bool
  }

  package mutating func integer(_ name: String, in range: ClosedRange<Int>) throws(EventError) -> Int? {
    guard let value = take(name) else { return nil }
    let wanted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard case .integer(let integer) = value else { throw mismatch(name, wanted, value) }
    guard range.contains(integer) else { throw outOfRange(name, wanted, "\(integer)") }
    return integer
  }

  package mutating func number(_ name: String, in range: ClosedRange<Double>) throws(EventError) -> Double? {
    guard let value = take(name) else { return nil }
    let wanted = "a number from \(range.lowerBound.plain) to \(range.upperBound.plain)"
    let number: Double
    switch value {
    case .integer(let integer): number = Double(integer)
    case .number(let double): number = double
    default: throw mismatch(name, wanted, value)
    }
    guard range.contains(number) else { throw outOfRange(name, wanted, number.plain) }
    return number
  }

  /// `requestsPerSecond`: 0, or at least `RunLimits.requestsPerSecondMin`.
  mutating func requestsPerSecond() throws(EventError) -> Double? {
    let name = "requestsPerSecond"
    guard let rate = try number(name, in: RunLimits.requestsPerSecond) else { return nil }
    guard rate == 0 || rate >= RunLimits.requestsPerSecondMin else {
      throw outOfRange(name, "0, for no ceiling, or at least \(RunLimits.requestsPerSecondMin)", rate.plain)
    }
    return rate
  }

  package mutating func choice<Choice>(_ name: String, _ type: Choice.Type) throws(EventError) -> Choice?
  where Choice: CaseIterable & RawRepresentable<String> {
    guard let value = take(name) else { return nil }
    let wanted = "one of " + type.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    guard case .string(let string) = value else { throw mismatch(name, wanted, value) }
    guard let choice = Choice(rawValue: string) else {
      throw outOfRange(name, wanted, "\"\(string.printable)\"")
    }
    return choice
  }

  package mutating func strings(_ name: String, count: ClosedRange<Int>) throws(EventError) -> [String]? {
    guard let value = take(name) else { return nil }
    let wanted = "an array of \(count.lowerBound) to \(count.upperBound) strings"
    guard case .array(let values) = value else { throw mismatch(name, wanted, value) }
    var strings: [String] = []
    strings.reserveCapacity(values.count)
    for value in values {
      guard case .string(let string) = value else { throw mismatch(name, wanted, .array([value])) }
      strings.append(string)
    }
    guard count.contains(strings.count) else {
      throw outOfRange(name, wanted, "an array of \(strings.count)")
    }
    return strings
  }

  package mutating func object(_ name: String) throws(EventError) -> EventFields? {
    guard let value = take(name) else { return nil }
    guard case .object = value else { throw mismatch(name, "an object", value) }
    return try EventFields(value, owner: "\(owner)'s \(name)")
  }

  /// Takes a field as it is.
  package mutating func value(_ name: String) -> JSONValue? { take(name) }

  /// Whether a field was given, without taking it.
  package func has(_ name: String) -> Bool { fields[name] != nil }

  /// An error about a field, in the form of the others.
  package func refusal(_ name: String, _ reason: String) -> EventError {
    EventError("\(owner)'s field \"\(name)\" \(reason).")
  }

  private mutating func take(_ name: String) -> JSONValue? {
    known.append(name)
    return fields.removeValue(forKey: name)
  }

  private func mismatch(_ name: String, _ wanted: String, _ value: JSONValue) -> EventError {
    let given =
      if case .array(let elements) = value, let first = elements.first {
        "an array with \(first.kind) in it"
      } else {
        value.kind
      }
    return refusal(name, "must be \(wanted) and is \(given)")
  }

  private func outOfRange(_ name: String, _ wanted: String, _ given: String) -> EventError {
    refusal(name, "must be \(wanted) and is \(given)")
  }
}

extension String {
  /// Fit for a sentence: at most 80 characters, nothing that a terminal acts on.
  package var printable: String {
    let shown = unicodeScalars.prefix(80).map {
      $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : $0
    }
    return String(String.UnicodeScalarView(shown)) + (unicodeScalars.count > 80 ? "…" : "")
  }
}

extension Double {
  /// Without a trailing ".0".
  package var plain: String {
    self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self)
  }
}
