/// Refuses an event that contains a field twice.
enum DuplicateFields {
  /// Maximum nesting of objects. The deepest known field, the object in an S3 record in a failure record's payload, is
  /// at level 5.
  static let depthMax = 8

  /// Refuses an object with a field that is given twice. A decoder would use one of the two, and RFC 8259, section 4,
  /// does not define which.
  ///
  /// Objects in arrays are checked if the array's first element is an object. No field takes other arrays of objects.
  /// - Parameters:
  ///   - bytes: one object. White space around it is allowed.
  ///   - owner: the name of the object in errors.
  ///   - depth: the nesting level of the object, from 1.
  static func check(_ bytes: UnsafeRawBufferPointer, owner: String, depth: Int = 1) throws(EventError) {
    guard depth <= depthMax else {
      throw EventError("\(owner) is nested more than \(depthMax) objects deep, deeper than any known field.")
    }
    for member in try members(bytes, owner: owner) {
      let first = bytes[member.value.lowerBound]
      guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") else { continue }
      let value = UnsafeRawBufferPointer(rebasing: bytes[member.value])
      let name = "\(owner)'s \(member.name.printable)"
      if first == UInt8(ascii: "{") {
        try check(value, owner: name, depth: depth + 1)
      } else {
        for element in try objects(in: value, owner: name) {
          try check(UnsafeRawBufferPointer(rebasing: value[element]), owner: name, depth: depth + 1)
        }
      }
    }
  }

  /// Returns where the objects in an array are; nothing if its first element is not an object, as in a plan's films.
  private static func objects(
    in array: UnsafeRawBufferPointer, owner: String
  ) throws(EventError) -> [Range<Int>] {
    var objects: [Range<Int>] = []
    do {
      var scanner = JSONScanner(array)
      try scanner.expect(UInt8(ascii: "["), "an array")
      scanner.skipSpace()
      guard array[scanner.position] == UInt8(ascii: "{") else { return [] }
      repeat {
        scanner.skipSpace()
        let start = scanner.position
        try scanner.skipValue()
        if array[start] == UInt8(ascii: "{") { objects.append(start..<scanner.position) }
        scanner.skipSpace()
      } while scanner.take(UInt8(ascii: ","))
    } catch {
      throw EventError.malformed(owner)
    }
    return objects
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
