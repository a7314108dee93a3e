/// Why the body of a 200 is not a valid TMDB response. Counts as an error of TMDB, so the request is retried.
enum ResponseError: Error, Equatable, CustomStringConvertible {
  case malformed(JSONError)
  /// An HTML page, such as one from a proxy or a login page.
  case page
  /// A required member is missing, repeated, or of the wrong type. `problem` continues "TMDB's response has".
  case member(problem: String)
  case otherFilm(expected: Int, found: Int)

  /// The reason why a body is not well-formed JSON.
  init(_ error: JSONError, in body: UnsafeRawBufferPointer) {
    // RFC 8259 allows these bytes before a value; some servers send a byte order mark before a page.
    let blanks: [UInt8] = [0x20, 0x09, 0x0A, 0x0D, 0xEF, 0xBB, 0xBF]
    self = body.first { !blanks.contains($0) } == UInt8(ascii: "<") ? .page : .malformed(error)
  }

  var description: String {
    switch self {
    case .malformed(let error): "TMDB's response is \(error)"
    case .page:
      "TMDB's response is an HTML page instead of JSON. It may come from a proxy or another server. Check "
        + "TMDB_BASE_URL, and what the worker's network puts between it and TMDB"
    case .member(let problem): "TMDB's response has \(problem)"
    case .otherFilm(let expected, let found): "TMDB's response is for film \(found) instead of \(expected)"
    }
  }
}

/// The value of a JSON integer; nil for any other kind of value, and for one that exceeds `Int`. The JSON must have been
/// checked.
func integer(_ value: UnsafeRawBufferPointer) -> Int? {
  // `Int` accepts exactly the JSON numbers without fraction and exponent: RFC 8259 has no plus sign and no leading zero.
  Int(String(decoding: value, as: UTF8.self))
}
