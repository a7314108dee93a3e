import Shared

/// Why the body of a 200 is not a valid TMDB response. Counts as an error of TMDB, so the request is retried.
enum ResponseError: Error, Equatable, CustomStringConvertible {
  case malformed(JSONError)
  /// A required member is missing, repeated, or of the wrong type. `problem` continues "TMDB's response has".
  case member(problem: String)
  case otherFilm(expected: Int, found: Int)

  var description: String {
    switch self {
    case .malformed(let error): "TMDB's response is \(error)"
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
