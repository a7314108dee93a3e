/// Whether a client takes gzip.
import CMicrohttpd

enum AcceptEncoding {
  static func takesGzip(_ connection: OpaquePointer) -> Bool {
    standin_header(connection, "Accept-Encoding")
      .map { takesGzip(String(cString: $0)) } ?? false
  }

  /// - Parameter header: codings with commas between, each with an optional weight; weight 0 refuses.
  static func takesGzip(_ header: String) -> Bool {
    for coding in header.utf8.split(separator: UInt8(ascii: ",")) {
      let parts = coding.split(separator: UInt8(ascii: ";"))
      guard let name = parts.first.map(trimmed), name == "gzip" || name == "*" else { continue }
      return parts.dropFirst().allSatisfy { parameter in
        let weight = trimmed(parameter)
        return !weight.hasPrefix("q=") || weight.dropFirst(2).contains { ("1"..."9").contains($0) }
      }
    }
    return false
  }

  private static func trimmed(_ bytes: Substring.UTF8View) -> String {
    String(Substring(bytes)).filter { $0 != " " && $0 != "\t" }.lowercased()
  }
}
