import Shared

/// Why a body of TMDB's is not the answer it should be. Counts as TMDB's trouble: the request is sent again.
enum ResponseError: Error, Equatable, CustomStringConvertible {
  case malformed(JSONError)
  /// A member that must be there is not, is there twice, or is of the wrong kind.
  case member(String, problem: String)
  case otherFilm(expected: Int, found: Int)

  var description: String {
    switch self {
    case .malformed(let error): "TMDB's answer is \(error)"
    case .member(let name, let problem): "TMDB's answer has a \"\(name)\" that \(problem)"
    case .otherFilm(let expected, let found): "TMDB answered for film \(found) instead of \(expected)"
    }
  }
}

/// The whole number that a checked JSON value is; nil when it is another kind or larger than `Int`.
func integer(_ value: UnsafeRawBufferPointer) -> Int? {
  // A checked number without point and exponent is what Int reads: RFC 8259 allows no plus sign and no leading zero.
  Int(String(decoding: value, as: UTF8.self))
}
