import Shared

/// TMDB's answer to a credits request: `{"id":…,"cast":[…],"crew":[…]}`, perhaps with more.
enum CreditsResponse {
  /// Checks that the body is one well-formed JSON object with the arrays `cast` and `crew` and the id that was asked
  /// for. Nothing is decoded: the bytes are the data.
  /// - Parameter expectedID: TMDB's id; nil where only IMDb's is known, and any positive one will do.
  /// - Throws: `ResponseError`. One of the three members twice is refused: readers differ on which of them counts.
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
      throw .malformed(error)
    } catch let error as ResponseError {
      throw error
    } catch {
      throw .member("id", problem: "could not be read: \(error)")
    }
  }

  /// The members that matter, counted.
  private struct Found {
    /// Added for a member of the wrong kind: no count of right ones reaches it.
    static let wrong = 1 << 32

    var ids = 0
    var id: Int?
    var casts = 0
    var crews = 0

    func check(expectedID: Int?) throws(ResponseError) {
      for (name, count) in [("cast", casts), ("crew", crews)] where count != 1 {
        let problem =
          count == 0 ? "is missing" : count >= Self.wrong ? "is no array" : "is there \(count) times"
        throw .member(name, problem: problem)
      }
      guard ids == 1, let id, id > 0 else {
        throw .member("id", problem: ids == 0 ? "is missing" : ids > 1 ? "is there \(ids) times" : "is no id")
      }
      if let expectedID, id != expectedID { throw .otherFilm(expected: expectedID, found: id) }
    }
  }
}
