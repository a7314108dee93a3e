/// An event is invalid. The description names the field and its allowed values.
package struct EventError: Error, Equatable, CustomStringConvertible, TypedError {
  package let description: String

  package init(_ description: String) { self.description = description }

  package var errorType: String { "InvalidEvent" }
}

/// The fields of an object in an event. Each field is validated when it is taken.
///
/// Null counts as not given. `finish` refuses fields that were given but not taken, so a misspelt field never silently
/// results in a default.
package struct EventFields {
  private let owner: String
  private var fields: [String: JSONValue]
  private var known: [String] = []

  /// - Parameter owner: the name of the object in errors: "the event", "the event's source".
  package init(_ value: JSONValue, owner: String) throws(EventError) {
    guard case .object(let fields) = value else {
      throw EventError("\(owner) must be a JSON object, not \(value.kind).")
    }
    self.fields = fields.filter { $0.value != .null }
    self.owner = owner
  }

  /// Refuses a field that was given but not taken.
  package func finish() throws(EventError) {
    guard let unknown = fields.keys.min() else { return }
    throw EventError(
      "\(owner) has an unknown field \"\(unknown.printable)\"; the known fields are "
        + "\(known.joined(separator: ", ")).")
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
    let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard case .integer(let integer) = value else { throw mismatch(name, expected, value) }
    guard range.contains(integer) else { throw outOfRange(name, expected, "\(integer)") }
    return integer
  }

  package mutating func number(_ name: String, in range: ClosedRange<Double>) throws(EventError) -> Double? {
    guard let value = take(name) else { return nil }
    let expected = "a number from \(range.lowerBound.plain) to \(range.upperBound.plain)"
    let number: Double
    switch value {
    case .integer(let integer): number = Double(integer)
    case .number(let double): number = double
    default: throw mismatch(name, expected, value)
    }
    guard range.contains(number) else { throw outOfRange(name, expected, number.plain) }
    return number
  }

  /// `requestsPerSecond`: 0, or at least `RunLimits.requestsPerSecondMin`.
  mutating func requestsPerSecond() throws(EventError) -> Double? {
    let name = "requestsPerSecond"
    guard let rate = try number(name, in: RunLimits.requestsPerSecond) else { return nil }
    guard rate == 0 || rate >= RunLimits.requestsPerSecondMin else {
      throw outOfRange(name, "0 (no ceiling) or at least \(RunLimits.requestsPerSecondMin)", rate.plain)
    }
    return rate
  }

  package mutating func choice<Choice>(_ name: String, _ type: Choice.Type) throws(EventError) -> Choice?
  where Choice: CaseIterable & RawRepresentable<String> {
    guard let value = take(name) else { return nil }
    let expected = "one of " + type.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    guard case .string(let string) = value else { throw mismatch(name, expected, value) }
    guard let choice = Choice(rawValue: string) else {
      throw outOfRange(name, expected, "\"\(string.printable)\"")
    }
    return choice
  }

  package mutating func strings(_ name: String, count: ClosedRange<Int>) throws(EventError) -> [String]? {
    guard let value = take(name) else { return nil }
    let expected = "an array of \(count.lowerBound) to \(count.upperBound) strings"
    guard case .array(let values) = value else { throw mismatch(name, expected, value) }
    var strings: [String] = []
    strings.reserveCapacity(values.count)
    for value in values {
      guard case .string(let string) = value else { throw mismatch(name, expected, .array([value])) }
      strings.append(string)
    }
    guard count.contains(strings.count) else {
      throw outOfRange(name, expected, "an array of \(strings.count)")
    }
    return strings
  }

  package mutating func object(_ name: String) throws(EventError) -> EventFields? {
    guard let value = take(name) else { return nil }
    guard case .object = value else { throw mismatch(name, "an object", value) }
    return try EventFields(value, owner: "\(owner)'s \(name)")
  }

  /// Integers of one range, exactly `count` of them.
  mutating func integers(
    _ name: String, count: Int, in range: ClosedRange<Int>
  ) throws(EventError) -> [Int] {
    let expected = "an array of \(count) whole numbers from \(range.lowerBound) to \(range.upperBound)"
    let value = take(name) ?? .array([])
    guard case .array(let values) = value else { throw mismatch(name, expected, value) }
    var integers: [Int] = []
    integers.reserveCapacity(values.count)
    for value in values {
      guard case .integer(let integer) = value else { throw mismatch(name, expected, .array([value])) }
      guard range.contains(integer) else { throw outOfRange(name, expected, "one with \(integer)") }
      integers.append(integer)
    }
    guard integers.count == count else { throw outOfRange(name, expected, "an array of \(integers.count)") }
    return integers
  }

  /// An array of objects.
  /// - Parameter element: reads one object; fields that it does not take are refused.
  mutating func objects<Element>(
    _ name: String, count: ClosedRange<Int>,
    _ element: (inout EventFields) throws(EventError) -> Element
  ) throws(EventError) -> [Element] {
    let expected = "an array of \(count.lowerBound) to \(count.upperBound) objects"
    let value = take(name) ?? .array([])
    guard case .array(let values) = value else { throw mismatch(name, expected, value) }
    guard count.contains(values.count) else {
      throw outOfRange(name, expected, "an array of \(values.count)")
    }
    var elements: [Element] = []
    elements.reserveCapacity(values.count)
    for value in values {
      guard case .object = value else { throw mismatch(name, expected, .array([value])) }
      var fields = try EventFields(value, owner: "\(owner)'s \(name)")
      elements.append(try element(&fields))
      try fields.finish()
    }
    return elements
  }

  mutating func requiredString(_ name: String) throws(EventError) -> String {
    guard let text = try string(name) else { throw EventError("\(owner) needs the field \"\(name)\".") }
    return text
  }

  /// Takes a field of any type, without validation.
  package mutating func value(_ name: String) -> JSONValue? { take(name) }

  /// Whether a field was given, without taking it.
  package func has(_ name: String) -> Bool { fields[name] != nil }

  /// An error about a field.
  /// - Parameter reason: completes the sentence that begins with `the event's field "shards"`, without a full stop.
  package func refusal(_ name: String, _ reason: String) -> EventError {
    EventError("\(owner)'s field \"\(name)\" \(reason).")
  }

  private mutating func take(_ name: String) -> JSONValue? {
    known.append(name)
    return fields.removeValue(forKey: name)
  }

  private func mismatch(_ name: String, _ expected: String, _ value: JSONValue) -> EventError {
    let actual =
      if case .array(let elements) = value, let first = elements.first {
        "an array that contains \(first.kind)"
      } else {
        value.kind
      }
    return refusal(name, "must be \(expected), not \(actual)")
  }

  private func outOfRange(_ name: String, _ expected: String, _ actual: String) -> EventError {
    refusal(name, "must be \(expected), not \(actual)")
  }
}

extension String {
  /// The text made safe for an error sentence: at most 80 characters, control characters replaced by "?".
  package var printable: String {
    let shown = unicodeScalars.prefix(80).map {
      $0.value < 0x20 || (0x7F...0x9F).contains($0.value) ? "?" : $0
    }
    return String(String.UnicodeScalarView(shown)) + (unicodeScalars.count > 80 ? "…" : "")
  }
}

extension Double {
  /// The number as text, without a trailing ".0".
  package var plain: String {
    self == rounded() && abs(self) < 1e15 ? String(Int(self)) : String(self)
  }
}
