/// The canonical request, from which Signature Version 4 computes a request's signature
/// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
///
/// Each request reuses the memory of the one before.
struct CanonicalRequest: ~Copyable {
  /// How a service expects the path in the canonical request.
  struct PathRules: Equatable, Sendable {
    /// Whether empty and `.` segments are removed and `..` is resolved.
    var isNormalised: Bool
    /// Whether the path, already encoded for sending, is percent-encoded a second time.
    var isEncodedTwice: Bool

    /// S3 signs the path as it is sent. Encoding it twice would break keys with a "%", normalising it keys with "//".
    static let s3 = PathRules(isNormalised: false, isEncodedTwice: false)
    /// Every other service. The colons of an ARN in Invoke's path become `%253A`.
    static let others = PathRules(isNormalised: true, isEncodedTwice: true)
  }

  private(set) var text = TextBuffer(capacity: 1024)
  /// The range in `text` of the signed headers' names: lowercase, sorted, joined by semicolons.
  private(set) var signedHeaders = 0..<0
  private var sorted = CanonicalHeaders()

  /// Writes a request to `text` and replaces the previous one.
  /// - Parameters:
  ///   - path: percent-encoded, exactly as it is sent.
  ///   - query: percent-encoded, exactly as it is sent, without the question mark. In any order.
  ///   - headers: the headers to sign, including Host. A name may occur more than once.
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

  /// Appends the pairs sorted by encoded name, then by encoded value. A name without a value gets an empty one.
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
    let nonEmpty = normalised.isEmpty ? "/" : normalised
    return rules.isEncodedTwice ? PercentEncoding.encodePath(nonEmpty) : nonEmpty
  }

  /// Removes dot segments as RFC 3986, section 5.2.4 says, and empty segments. A trailing slash is preserved.
  private static func normalise(_ path: String) -> String {
    if isNormal(path) { return path }
    var segments: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    let last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let isFolder = !segments.isEmpty && (last.isEmpty || last == "." || last == "..")
    return "/" + segments.joined(separator: "/") + (isFolder ? "/" : "")
  }

  /// Whether the path starts with a slash and no segment is empty or starts with a dot, so that `normalise` has nothing
  /// to do. True for most paths, and found in one pass.
  private static func isNormal(_ path: String) -> Bool {
    let slash = UInt8(ascii: "/")
    guard path.utf8.first == slash else { return false }
    return path.withBytes { bytes in
      // No early exit from the loop, so that the compiler vectorises it, as in containsByte.
      var findings: UInt8 = 0
      for (byte, next) in zip(bytes, bytes.dropFirst()) {
        findings |= byte == slash && (next == slash || next == UInt8(ascii: ".")) ? 1 : 0
      }
      return findings == 0
    }
  }
}
