/// Headers as they are signed: names in lower case and sorted, values of one name together, in their order.
///
/// Those of one request after the other are sorted in the same memory.
struct CanonicalHeaders: ~Copyable {
  private struct Field {
    /// Where its name stands in `names`.
    let name: Range<Int>
    /// Which of the headers it is.
    let index: Int
    /// Whether the field before has the same name.
    var isRepeated = false
  }

  /// In lower case, one behind the other.
  private var names = TextBuffer(capacity: 256)
  private var fields: [Field] = []

  /// Takes the headers in place of those before.
  mutating func sort(_ headers: [HTTPHeader]) {
    names.removeAll()
    fields.removeAll(keepingCapacity: true)
    for index in headers.indices {
      let start = names.count
      names.append(lowercased: headers[index].name)
      insert(Field(name: start..<names.count, index: index))
    }
  }

  /// Puts a field where it belongs, behind those of the same name: there are few.
  private mutating func insert(_ field: Field) {
    var place = fields.count
    fields.append(field)
    while place > 0 {
      let order = names.compare(field.name, fields[place - 1].name)
      if order >= 0 {
        fields[place].isRepeated = order == 0
        return
      }
      fields.swapAt(place, place - 1)
      place -= 1
    }
  }

  /// A line each; values of one name joined by commas.
  /// - Parameter headers: those that were sorted.
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

  /// Each name once, joined by semicolons.
  func appendNames(to text: inout TextBuffer) {
    for (place, field) in fields.enumerated() where !field.isRepeated {
      if place > 0 { text.append(UInt8(ascii: ";")) }
      text.append(names, field.name)
    }
  }

  /// Without blanks at the ends, runs of blanks within as one. Line breaks of a folded header count as blanks.
  private static func append(trimmed value: UnsafeBufferPointer<UInt8>, to text: inout TextBuffer) {
    // Most have none.
    guard value.hasByte({ $0 <= 32 }) else { return text.append(value) }
    let start = text.count
    var isBehindBlank = false
    for byte in value {
      if byte == 32 || (9...13).contains(byte) {
        isBehindBlank = true
        continue
      }
      if isBehindBlank, text.count > start { text.append(32) }
      isBehindBlank = false
      text.append(byte)
    }
  }
}
