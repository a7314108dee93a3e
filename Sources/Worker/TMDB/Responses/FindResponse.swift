import Shared

/// TMDB's answer to a find request: five arrays, of which `movie_results` holds the film.
enum FindResponse {
  /// The film's TMDB id; nil when there is none under that IMDb id, or when it is a series, an episode or a person.
  /// - Throws: `ResponseError` when the body is no such answer.
  static func movieID(in body: UnsafeRawBufferPointer) throws(ResponseError) -> Int? {
    guard let results = try member("movie_results", of: body) else {
      throw .member("movie_results", problem: "is missing")
    }
    guard results.first == UInt8(ascii: "[") else { throw .member("movie_results", problem: "is no array") }
    guard let film = firstElement(of: results) else { return nil }
    guard film.first == UInt8(ascii: "{"), let value = try member("id", of: film), let id = integer(value),
      id > 0
    else { throw .member("movie_results", problem: "begins with something that has no id") }
    return id
  }

  /// A member's value; the whole object is checked.
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
    } catch { throw .malformed(error) }
  }

  /// The first element of an array that was checked; nil when it is empty.
  private static func firstElement(of array: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: array.dropFirst()))
    scanner.skipSpace()
    let start = scanner.position + 1
    guard (try? scanner.skipValue()) != nil else { return nil }
    return UnsafeRawBufferPointer(rebasing: array[start..<scanner.position + 1])
  }
}
