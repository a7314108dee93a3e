import Testing

@testable import Shared

@Suite("TMDB ids of responses") struct CreditsIDTests {
  @Test(
    "the id is the response's own, wherever it is, and not that of a person",
    arguments: [
      (#"{"id":7,"cast":[{"id":8}],"crew":[]}"#, 7), (#"{"cast":[{"id":8}],"crew":[],"id":7}"#, 7),
      ("\r\n{\r\n\"id\" : 7 ,\"cast\":[],\"crew\":[]}\n", 7), (#"{"\u0069d":7,"cast":[],"crew":[]}"#, 7),
      (#"{"imdb_id":"tt0000009","id":9999999999}"#, 9_999_999_999), (#"{"id":10000000000}"#, nil),
      (#"{"id":0}"#, nil), (#"{"id":"7"}"#, nil), (#"{"id":7.5}"#, nil), ("{}", nil), ("[]", nil), ("", nil),
      (#"{"id":99999999999999999999999}"#, nil),
    ] as [(String, Int?)])
  func read(text: String, id: Int?) { #expect(CreditsID.read(Array(text.utf8)) == id) }

  @Test("no truncation of a response stops the program")
  func truncated() {
    let text = Array(#"{"cast":[{"id":8}],"crew":[],"id":79}"#.utf8)
    for count in 0..<text.count {
      // Reading stops right behind the number.
      let expected = count == text.count - 1 ? 79 : count == text.count - 2 ? 7 : nil
      #expect(CreditsID.read(Array(text.prefix(count))) == expected, "\(count) bytes")
    }
  }
}
