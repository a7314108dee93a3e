/// An event's text: well-formed, and no field in it twice.
enum DuplicateFields {
  /// Objects within one another. A scheduled event's source, the deepest of what an event may have, is the third.
  static let depthMax = 8

  /// Refuses a field that is given twice. Of the two a decoder keeps one, and which is not said (RFC 8259, 4).
  ///
  /// Objects in arrays are passed over: no field takes any.
  /// - Parameters:
  ///   - bytes: one object, white space around it allowed.
  ///   - owner: how errors call it.
  static func check(_ bytes: UnsafeRawBufferPointer, owner: String, depth: Int = 1) throws(EventError) {
    guard depth <= depthMax else {
      throw EventError("\(owner) lies more than \(depthMax) objects deep; no field does.")
    }
    for member in try members(bytes, owner: owner) where bytes[member.value.lowerBound] == UInt8(ascii: "{") {
      try check(
        UnsafeRawBufferPointer(rebasing: bytes[member.value]), owner: "\(owner)'s \(member.name.printable)",
        depth: depth + 1)
    }
  }

  private static func members(
    _ bytes: UnsafeRawBufferPointer, owner: String
  ) throws(EventError) -> [(name: String, value: Range<Int>)] {
    var members: [(name: String, value: Range<Int>)] = []
    var names: Set<String> = []
    do {
      var scanner = try JSONObjectScanner(bytes)
      while let key = try scanner.nextKey() {
        let name = JSONString.decode(UnsafeRawBufferPointer(rebasing: bytes[key]))
        guard names.insert(name).inserted else {
          throw EventError("\(owner) has the field \"\(name.printable)\" twice; give it once.")
        }
        members.append((name, try scanner.skipValue()))
      }
    } catch let error as EventError {
      throw error
    } catch {
      throw EventError.malformed(owner)
    }
    return members
  }
}

extension EventError {
  fileprivate static func malformed(_ owner: String) -> EventError {
    EventError("\(owner) is not well-formed JSON.")
  }
}

extension JSONValue {
  /// An event's bytes, checked for fields that are given twice; no event at all counts as `{}`.
  /// - Parameter owner: how errors call it.
  package static func event(_ bytes: [UInt8], owner: String = "the event") throws(EventError) -> JSONValue {
    guard !bytes.isEmpty else { return .object([:]) }
    let value: JSONValue
    do { value = try JSONValue(parsing: bytes) } catch { throw .malformed(owner) }
    if case .object = value {
      try bytes.withUnsafeBufferPointer { (bytes) throws(EventError) in
        try DuplicateFields.check(UnsafeRawBufferPointer(bytes), owner: owner)
      }
    }
    return value
  }
}
