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
    signedHeaders = merged.map(\.name).joined(separator: ";")
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
      text.append(contentsOf: header.name.utf8)
      text.append(UInt8(ascii: ":"))
      line(header.value)
    }
    line("".utf8)
    line(signedHeaders.utf8)
    text.append(contentsOf: payloadHash.utf8)
    bytes = text
  }

  /// Names in lower case, sorted; values of one name joined by commas, in their order.
  private static func merge(_ headers: [HTTPHeader]) -> [(name: String, value: [UInt8])] {
    var merged: [(name: String, value: [UInt8])] = []
    for header in headers {
      let (name, value) = (header.name.lowercased(), trimmed(header.value))
      if let index = merged.firstIndex(where: { $0.name == name }) {
        merged[index].value += Array(",".utf8) + value
      } else {
        merged.append((name, value))
      }
    }
    return merged.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// Without blanks at the ends, runs of blanks within as one. Line breaks of a folded header count as blanks.
  private static func trimmed(_ value: String) -> [UInt8] {
    let words = value.utf8.split { $0 == 32 || (9...13).contains($0) }
    return Array(words.joined(separator: [32]))
  }

  private static func path(_ path: String, _ rules: PathRules) -> [UInt8] {
    let normalised = rules.isNormalised ? normalise(path) : path
    let whole = normalised.isEmpty ? "/" : normalised
    guard rules.isEncodedAgain else { return Array(whole.utf8) }
    var encoded: [UInt8] = []
    PercentEncoding.append(whole.utf8, keepsSlash: true, to: &encoded)
    return encoded
  }

  /// RFC 3986, section 5.2.4, empty segments taken out as well; a slash at the end stays.
  private static func normalise(_ path: String) -> String {
    var kept: [Substring] = []
    for segment in path.split(separator: "/") where segment != "." {
      if segment == ".." { _ = kept.popLast() } else { kept.append(segment) }
    }
    let last = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    let isFolder = !kept.isEmpty && (last.isEmpty || last == "." || last == "..")
    return "/" + kept.joined(separator: "/") + (isFolder ? "/" : "")
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
