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
    let merged = Self.merge(headers)
    let names = Array(merged.map(\.name).joined(separator: [UInt8(ascii: ";")]))
    signedHeaders = String(decoding: names, as: UTF8.self)
    var text: [UInt8] = []
    text.reserveCapacity(1024)
    func line(_ part: some Sequence<UInt8>) {
      text.append(contentsOf: part)
      text.append(UInt8(ascii: "\n"))
    }
    line(method.utf8)
    line(Self.path(path, rules))
    line(Self.query(query).utf8)
    for header in merged {
      text.append(contentsOf: header.name)
      text.append(UInt8(ascii: ":"))
      line(header.value)
    }
    line("".utf8)
    line(names)
    text.append(contentsOf: payloadHash.utf8)
    bytes = text
  }

  /// Names in lower case, sorted; values of one name joined by commas, in their order.
  private static func merge(_ headers: [HTTPHeader]) -> [(name: [UInt8], value: [UInt8])] {
    var merged: [(name: [UInt8], value: [UInt8])] = []
    merged.reserveCapacity(headers.count)
    for header in headers {
      let name = header.name.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
      if let index = merged.firstIndex(where: { $0.name == name }) {
        merged[index].value += [UInt8(ascii: ",")] + trimmed(header.value)
      } else {
        merged.append((name, trimmed(header.value)))
      }
    }
    return merged.sorted { $0.name.lexicographicallyPrecedes($1.name) }
  }

  /// Without blanks at the ends, runs of blanks within as one. Line breaks of a folded header count as blanks.
  private static func trimmed(_ value: String) -> [UInt8] {
    var words: [UInt8] = []
    words.reserveCapacity(value.utf8.count)
    var isBehindBlank = false
    for byte in value.utf8 {
      if byte == 32 || (9...13).contains(byte) {
        isBehindBlank = true
        continue
      }
      if isBehindBlank, !words.isEmpty { words.append(32) }
      isBehindBlank = false
      words.append(byte)
    }
    return words
  }

  private static func path(_ path: String, _ rules: PathRules) -> [UInt8] {
    let normalised = rules.isNormalised ? normalise(path) : path
    let whole = normalised.isEmpty ? "/" : normalised
    guard rules.isEncodedAgain else { return Array(whole.utf8) }
    var encoded: [UInt8] = []
    encoded.reserveCapacity(whole.utf8.count)
    PercentEncoding.append(whole.utf8, keepsSlash: true, to: &encoded)
    return encoded
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
