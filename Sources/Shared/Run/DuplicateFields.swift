/// Refuses an event that contains a field twice.
enum DuplicateFields {
  /// Maximum nesting of objects. The deepest known field, the source in a scheduled event's detail, is at level 3.
  static let depthMax = 8

  /// Refuses an object with a field that is given twice. A decoder would use one of the two, and RFC 8259, section 4,
  /// does not define which.
  ///
  /// Objects in arrays are not checked, because no field takes any.
  /// - Parameters:
  ///   - bytes: one object. White space around it is allowed.
  ///   - owner: the name of the object in errors.
  ///   - depth: the nesting level of the object, from 1.
  static func check(_ bytes: UnsafeRawBufferPointer, owner: String, depth: Int = 1) throws(EventError) {
    guard depth <= depthMax else {
      throw EventError("\(owner) is nested more than \(depthMax) objects deep, deeper than any known field.")
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
  /// Parses an event and checks it for fields that are given twice. No bytes at all count as `{}`.
  /// - Parameter owner: the name of the event in errors.
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
