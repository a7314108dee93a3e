/// TMDB's response to a find request: five arrays, of which `movie_results` contains the film.
enum FindResponse {
  /// The film's TMDB id; nil if TMDB has nothing under the IMDb id, or has a series, an episode or a person.
  /// - Throws: `ResponseError` if the body is not a response to find.
  static func movieID(in body: UnsafeRawBufferPointer) throws(ResponseError) -> Int? {
    guard let results = try member("movie_results", of: body) else {
      throw .member(problem: "no \"movie_results\" array")
    }
    guard results.first == UInt8(ascii: "[") else {
      throw .member(problem: "a \"movie_results\" that is not an array")
    }
    guard let film = firstElement(of: results) else { return nil }
    guard film.first == UInt8(ascii: "{"), let value = try member("id", of: film), let id = integer(value),
      id > 0
    else { throw .member(problem: "a first element of \"movie_results\" without an id") }
    return id
  }

  /// A member's value. Checks the whole object.
  private static func member(
    _ name: StaticString, of object: UnsafeRawBufferPointer
  ) throws(ResponseError) -> UnsafeRawBufferPointer? {
    do {
      var found: UnsafeRawBufferPointer?
      var members = try JSONObjectScanner(object)
      while let key = try members.nextKey() {
        let value = try members.skipValue()
        if members.isKey(key, name) { found = UnsafeRawBufferPointer(rebasing: object[value]) }
      }
      return found
    } catch { throw ResponseError(error, in: object) }
  }

  /// The first element of an array; nil if it is empty. The array must have been checked.
  private static func firstElement(of array: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: array.dropFirst()))
    scanner.skipSpace()
    let start = scanner.position + 1
    guard (try? scanner.skipValue()) != nil else { return nil }
    return UnsafeRawBufferPointer(rebasing: array[start..<scanner.position + 1])
  }
}
