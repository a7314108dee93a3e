/// TMDB's response to a credits request: `{"id":…,"cast":[…],"crew":[…]}`, possibly with more members.
enum CreditsResponse {
  /// Checks that the body is one well-formed JSON object with the arrays `cast` and `crew` and the expected id. Decodes
  /// nothing: the bytes themselves are the data.
  /// - Parameter expectedID: TMDB's id; nil if only the IMDb id is known, which accepts every positive id.
  /// - Throws: `ResponseError`. Also if one of the three members is repeated, because readers differ on which one counts.
  static func check(_ body: UnsafeRawBufferPointer, expectedID: Int?) throws(ResponseError) {
    do {
      var found = Found()
      var members = try JSONObjectScanner(body)
      while let key = try members.nextKey() {
        let value = UnsafeRawBufferPointer(rebasing: body[try members.skipValue()])
        if members.isKey(key, "id") {
          found.ids += 1
          found.id = integer(value)
        } else if members.isKey(key, "cast") {
          found.casts += value.first == UInt8(ascii: "[") ? 1 : Found.wrong
        } else if members.isKey(key, "crew") {
          found.crews += value.first == UInt8(ascii: "[") ? 1 : Found.wrong
        }
      }
      try found.check(expectedID: expectedID)
    } catch let error as JSONError {
      throw ResponseError(error, in: body)
    } catch let error as ResponseError {
      throw error
    } catch {
      throw .member(problem: "an \"id\" that cannot be read: \(error)")
    }
  }

  /// The required members and how often each appears.
  private struct Found {
    /// Added to the count for a member of the wrong type. No count of correct members reaches it.
    static let wrong = 1 << 32

    var ids = 0
    var id: Int?
    var casts = 0
    var crews = 0

    func check(expectedID: Int?) throws(ResponseError) {
      for (name, count) in [("cast", casts), ("crew", crews)] where count != 1 {
        throw .member(
          problem: count == 0
            ? "no \"\(name)\" array"
            : count >= Self.wrong ? "a \"\(name)\" that is not an array" : "\"\(name)\" \(count) times")
      }
      guard ids == 1, let id, id > 0 else {
        throw .member(
          problem: ids == 0
            ? "no \"id\"" : ids > 1 ? "\"id\" \(ids) times" : "an \"id\" that is not a TMDB id")
      }
      if let expectedID, id != expectedID { throw .otherFilm(expected: expectedID, found: id) }
    }
  }
}
