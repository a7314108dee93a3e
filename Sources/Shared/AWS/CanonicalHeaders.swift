/// The headers of a request in Signature Version 4's canonical form: names in lower case and sorted, the values of one
/// name joined in their original order.
///
/// Each request reuses the memory of the one before.
struct CanonicalHeaders: ~Copyable {
  private struct Field {
    /// The range of its name in `names`.
    let name: Range<Int>
    /// Its index in the array of headers.
    let index: Int
    /// Whether the previous field has the same name.
    var isRepeated = false
  }

  /// All names in lower case, without separators.
  private var names = TextBuffer(capacity: 256)
  private var fields: [Field] = []

  /// Sorts the headers of a request and replaces those of the previous request.
  mutating func sort(_ headers: [HTTPHeader]) {
    names.removeAll()
    fields.removeAll(keepingCapacity: true)
    for index in headers.indices {
      let start = names.count
      names.append(lowercased: headers[index].name)
      insert(Field(name: start..<names.count, index: index))
    }
  }

  /// Inserts a field in order, after those with the same name. An insertion sort, because a request has few headers.
  private mutating func insert(_ field: Field) {
    var position = fields.count
    fields.append(field)
    while position > 0 {
      let order = names.compare(field.name, fields[position - 1].name)
      if order >= 0 {
        fields[position].isRepeated = order == 0
        return
      }
      fields.swapAt(position, position - 1)
      position -= 1
    }
  }

  /// Appends one line per name, with the values of a repeated name joined by commas.
  /// - Parameter headers: the array that was passed to `sort`.
  func appendLines(of headers: [HTTPHeader], to text: inout TextBuffer) {
    for field in fields {
      if field.isRepeated {
        text.removeLast()
        text.append(UInt8(ascii: ","))
      } else {
        text.append(names, field.name)
        text.append(UInt8(ascii: ":"))
      }
      headers[field.index].value.withBytes { Self.append(trimmed: $0, to: &text) }
      text.append(UInt8(ascii: "\n"))
    }
  }

  /// Appends each name once, joined by semicolons.
  func appendNames(to text: inout TextBuffer) {
    for (position, field) in fields.enumerated() where !field.isRepeated {
      if position > 0 { text.append(UInt8(ascii: ";")) }
      text.append(names, field.name)
    }
  }

  /// Appends a value without leading and trailing white space, and with one space for each run of white space inside.
  /// The line breaks of a folded header count as white space.
  private static func append(trimmed value: UnsafeBufferPointer<UInt8>, to text: inout TextBuffer) {
    // The common case: a value without white space or control characters.
    guard value.containsByte(where: { $0 <= 32 }) else { return text.append(value) }
    let start = text.count
    var isAfterSpace = false
    for byte in value {
      if byte == 32 || (9...13).contains(byte) {
        isAfterSpace = true
        continue
      }
      if isAfterSpace, text.count > start { text.append(32) }
      isAfterSpace = false
      text.append(byte)
    }
  }
}
