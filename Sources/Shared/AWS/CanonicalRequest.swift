/// What Signature Version 4 is computed over
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
struct CanonicalRequest {
  /// How a service wants its path.
  struct PathRules: Equatable, Sendable {
    /// Take out empty and `.` segments and resolve `..`.
    var isNormalised: Bool
    /// Encode the path, as it is sent, once more.
    var isEncodedAgain: Bool

    /// S3 signs the path as it is sent: encoding it twice breaks keys that hold a "%", normalising it those with "//".
    static let s3 = PathRules(isNormalised: false, isEncodedAgain: false)
    /// An ARN in Invoke's path becomes `%253A`.
    static let others = PathRules(isNormalised: true, isEncodedAgain: true)
  }

  let bytes: [UInt8]
  /// Names, lowercase, sorted, joined by semicolons.
  let signedHeaders: String

  /// - Parameters:
  ///   - path: percent-encoded, as it is sent.
  ///   - query: percent-encoded, as it is sent, without its question mark; in any order.
  ///   - headers: those that are signed, Host among them; a name may come more than once.
  init(
    method: String, path: String, query: String, headers: [HTTPHeader], payloadHash: String, rules: PathRules
  ) {
    let fields = Fields(headers)
    var text: [UInt8] = []
    text.reserveCapacity(1024)
    func endLine() { text.append(UInt8(ascii: "\n")) }
    text.append(contentsOf: method.utf8)
    endLine()
    Self.append(path, rules, to: &text)
    endLine()
    text.append(contentsOf: Self.query(query).utf8)
    endLine()
    fields.appendValues(to: &text)
    endLine()
    let names = text.count
    fields.appendNames(to: &text)
    signedHeaders = String(decoding: text[names...], as: UTF8.self)
    endLine()
    text.append(contentsOf: payloadHash.utf8)
    bytes = text
  }

  /// The headers as they are signed: names in lower case and sorted, values of one name together, in their order.
  private struct Fields {
    /// Where a header's name and value stand in `text`.
    private struct Field {
      let name: Range<Int>
      let value: Range<Int>
    }

    /// Names and values, one behind the other.
    private var text: [UInt8] = []
    private var fields: [Field] = []

    init(_ headers: [HTTPHeader]) {
      text.reserveCapacity(512)
      fields.reserveCapacity(headers.count)
      for header in headers {
        let start = text.count
        text.append(contentsOf: header.name.utf8)
        let nameEnd = text.count
        for index in start..<nameEnd where text[index] &- 65 < 26 { text[index] += 32 }
        appendTrimmed(header.value)
        insert(Field(name: start..<nameEnd, value: nameEnd..<text.count))
      }
    }

    /// A line each; values of one name joined by commas.
    func appendValues(to lines: inout [UInt8]) {
      for (index, field) in fields.enumerated() {
        if index > 0, !precedes(fields[index - 1], field) {
          lines[lines.count - 1] = UInt8(ascii: ",")
        } else {
          lines.append(contentsOf: text[field.name])
          lines.append(UInt8(ascii: ":"))
        }
        lines.append(contentsOf: text[field.value])
        lines.append(UInt8(ascii: "\n"))
      }
    }

    /// Each name once, joined by semicolons.
    func appendNames(to line: inout [UInt8]) {
      for (index, field) in fields.enumerated() where index == 0 || precedes(fields[index - 1], field) {
        if index > 0 { line.append(UInt8(ascii: ";")) }
        line.append(contentsOf: text[field.name])
      }
    }

    /// Puts a header where it belongs, behind those of the same name: there are few.
    private mutating func insert(_ field: Field) {
      var place = fields.count
      while place > 0, precedes(field, fields[place - 1]) { place -= 1 }
      fields.insert(field, at: place)
    }

    private func precedes(_ left: Field, _ right: Field) -> Bool {
      text[left.name].lexicographicallyPrecedes(text[right.name])
    }

    /// Without blanks at the ends, runs of blanks within as one. Line breaks of a folded header count as blanks.
    private mutating func appendTrimmed(_ value: String) {
      // Most have none.
      guard value.utf8.contains(where: { $0 <= 32 }) else { return text.append(contentsOf: value.utf8) }
      let start = text.count
      var isBehindBlank = false
      for byte in value.utf8 {
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

  private static func append(_ path: String, _ rules: PathRules, to text: inout [UInt8]) {
    let normalised = rules.isNormalised ? normalise(path) : path
    let whole = normalised.isEmpty ? "/" : normalised
    if rules.isEncodedAgain {
      PercentEncoding.append(whole.utf8, keepsSlash: true, to: &text)
    } else {
      text.append(contentsOf: whole.utf8)
    }
  }

  /// RFC 3986, section 5.2.4, empty segments taken out as well; a slash at the end stays.
  private static func normalise(_ path: String) -> String {
    if isNormal(path) { return path }
    var kept: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = kept.popLast() } else { kept.append(segment) }
    }
    let last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let isFolder = !kept.isEmpty && (last.isEmpty || last == "." || last == "..")
    return "/" + kept.joined(separator: "/") + (isFolder ? "/" : "")
  }

  /// Whether no segment of the path is empty or begins with a dot. Most paths are so, and cost one look.
  private static func isNormal(_ path: String) -> Bool {
    let slash = UInt8(ascii: "/")
    guard path.utf8.first == slash else { return false }
    var isBehindSlash = false
    for byte in path.utf8 {
      if isBehindSlash, byte == slash || byte == UInt8(ascii: ".") { return false }
      isBehindSlash = byte == slash
    }
    return true
  }

  /// Sorted by name, then by value, as they are encoded; a name without a value gets an empty one.
  private static func query(_ query: String) -> String {
    guard !query.isEmpty else { return "" }
    let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { pair -> ([UInt8], [UInt8]) in
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      return (Array(parts[0]), parts.count == 2 ? Array(parts[1]) : [])
    }
    let sorted = pairs.sorted {
      $0.0 == $1.0 ? $0.1.lexicographicallyPrecedes($1.1) : $0.0.lexicographicallyPrecedes($1.0)
    }
    let joined = sorted.map { $0.0 + [UInt8(ascii: "=")] + $0.1 }.joined(separator: [UInt8(ascii: "&")])
    return String(decoding: Array(joined), as: UTF8.self)
  }
}
