/// What Signature Version 4 is computed over
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
///
/// One request after the other is written into the same memory.
struct CanonicalRequest: ~Copyable {
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

  private(set) var text = TextBuffer(capacity: 1024)
  /// Where in the text the names stand, lowercase, sorted, joined by semicolons.
  private(set) var signedHeaders = 0..<0
  private var sorted = CanonicalHeaders()

  /// Writes a request in place of the one before.
  /// - Parameters:
  ///   - path: percent-encoded, as it is sent.
  ///   - query: percent-encoded, as it is sent, without its question mark; in any order.
  ///   - headers: those that are signed, Host among them; a name may come more than once.
  mutating func write(
    method: String, path: String, query: String, headers: [HTTPHeader], payloadHash: String, rules: PathRules
  ) {
    text.removeAll()
    text.append(method)
    endLine()
    text.append(Self.path(path, rules))
    endLine()
    appendQuery(query)
    endLine()
    sorted.sort(headers)
    sorted.appendLines(of: headers, to: &text)
    endLine()
    let names = text.count
    sorted.appendNames(to: &text)
    signedHeaders = names..<text.count
    endLine()
    text.append(payloadHash)
  }

  private mutating func endLine() { text.append(UInt8(ascii: "\n")) }

  /// Sorted by name, then by value, as they are encoded; a name without a value gets an empty one.
  private mutating func appendQuery(_ query: String) {
    guard !query.isEmpty else { return }
    let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { pair -> ([UInt8], [UInt8]) in
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      return (Array(parts[0]), parts.count == 2 ? Array(parts[1]) : [])
    }
    let sorted = pairs.sorted {
      $0.0 == $1.0 ? $0.1.lexicographicallyPrecedes($1.1) : $0.0.lexicographicallyPrecedes($1.0)
    }
    let joined = sorted.map { $0.0 + [UInt8(ascii: "=")] + $0.1 }.joined(separator: [UInt8(ascii: "&")])
    text.append(String(decoding: Array(joined), as: UTF8.self))
  }

  private static func path(_ path: String, _ rules: PathRules) -> String {
    let normalised = rules.isNormalised ? normalise(path) : path
    let whole = normalised.isEmpty ? "/" : normalised
    return rules.isEncodedAgain ? PercentEncoding.encodePath(whole) : whole
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
    return path.withBytes { bytes in
      // As in hasByte, no way out of the loop.
      var odd: UInt8 = 0
      for (byte, next) in zip(bytes, bytes.dropFirst()) {
        odd |= byte == slash && (next == slash || next == UInt8(ascii: ".")) ? 1 : 0
      }
      return odd == 0
    }
  }
}
