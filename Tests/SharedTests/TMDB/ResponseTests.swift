import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("TMDB responses") struct ResponseTests {
  private static func credits(_ text: some Collection<UInt8>, _ id: Int?) -> ResponseError? {
    do {
      let body = Array(text)
      try body.withUnsafeBytes { try CreditsResponse.check($0, expectedID: id) }
      return nil
    } catch { return error as? ResponseError }
  }

  private static func find(_ text: String) throws -> Int? {
    try Array(text.utf8).withUnsafeBytes { try FindResponse.movieID(in: $0) }
  }

  private static func recorded(_ folder: String) -> [URL] {
    guard let folder = SharedData.folder?.appending(path: "tmdb/\(folder)") else { return [] }
    return (try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)) ?? []
  }

  @Test(
    "recorded credits are accepted with their own id and refused with another one",
    .enabled(if: SharedData.has("tmdb/credits"), "\(SharedData.missing)"))
  func recordedCredits() throws {
    let files = Self.recorded("credits")
    #expect(files.count >= 100)
    for file in files {
      let body = try Data(contentsOf: file)
      let object = try JSONSerialization.jsonObject(with: body) as? [String: Any]
      let id = try #require(object?["id"] as? Int)
      #expect(Self.credits(body, id) == nil, "\(file.lastPathComponent)")
      #expect(Self.credits(body, nil) == nil)
      #expect(Self.credits(body, id + 1) == .otherFilm(expected: id + 1, found: id))
    }
  }

  @Test(
    "every truncation of a recorded response is refused",
    .enabled(if: SharedData.has("tmdb/credits"), "\(SharedData.missing)"))
  func truncated() throws {
    let files = try Self.recorded("credits").map { try Data(contentsOf: $0) }
    let body = try #require(files.filter { $0.count > 2000 }.min { $0.count < $1.count })
    for count in 0..<body.count { #expect(Self.credits(body.prefix(count), nil) != nil, "\(count) bytes") }
  }

  @Test(
    "a response that is malformed, incomplete or about another film is refused",
    arguments: [
      #"{"id":7,"cast":[]}"#, #"{"id":7,"crew":[]}"#, #"{"cast":[],"crew":[]}"#,
      #"{"id":8,"cast":[],"crew":[]}"#,
      #"{"id":"7","cast":[],"crew":[]}"#, #"{"id":7.0,"cast":[],"crew":[]}"#,
      #"{"id":7,"cast":{},"crew":[]}"#,
      #"{"id":7,"cast":[],"crew":null}"#, #"{"id":7,"cast":[],"crew":[]} x"#,
      #"[{"id":7,"cast":[],"crew":[]}]"#,
      #"{"id":7,"id":7,"cast":[],"crew":[]}"#, #"{"id":7,"cast":[],"cast":[],"crew":[]}"#, "", "null",
      "<html>",
      #"{"id":99999999999999999999,"cast":[],"crew":[]}"#, #"{"id":-7,"cast":[],"crew":[]}"#,
      #"{"id":7,"cast":[],"crew":[],}"#,
    ])
  func refused(text: String) { #expect(Self.credits(text.utf8, 7) != nil) }

  @Test(
    "the order of fields, unknown fields, white space and escaped names do not matter",
    arguments: [
      #"{"id":7,"cast":[],"crew":[]}"#, #" { "crew" : [ ] , "new":{"id":9}, "cast":[{"id":1}],"id":7 } "#,
      #"{"\u0069d":7,"c\u0061st":[],"crew":[1]}"#,
    ])
  func accepted(text: String) {
    #expect(Self.credits(text.utf8, 7) == nil)
    #expect(Self.credits(text.utf8, nil) == nil)
  }

  @Test("a find response gives the first film's id, or nil if it has no film; a malformed one is refused")
  func find() throws {
    let rest = #""person_results":[],"tv_results":[{"id":3}],"tv_episode_results":[],"tv_season_results":[]}"#
    #expect(try Self.find(#"{"movie_results":[{"title":"x","id":603},{"id":4}],"# + rest) == 603)
    #expect(try Self.find(#"{"movie_results":[],"# + rest) == nil)
    #expect(try Self.find(#"{"movie_results":[ ],"# + rest) == nil)
    for text in [
      "{" + rest, #"{"movie_results":{},"# + rest, #"{"movie_results":[{"title":"x"}],"# + rest,
      #"{"movie_results":[7],"# + rest, #"{"movie_results":[{"id":"7"}],"# + rest,
      #"{"movie_results":[{"id":0}],"# + rest,
      #"{"movie_results":[{"id":7}],"#, "", "[]",
    ] { #expect(throws: ResponseError.self, "\(text)") { try Self.find(text) } }
  }

  @Test(
    "recorded find responses are read", .enabled(if: SharedData.has("tmdb/find"), "\(SharedData.missing)"))
  func recordedFind() throws {
    for file in Self.recorded("find") {
      let body = try Data(contentsOf: file)
      let object = try JSONSerialization.jsonObject(with: body) as? [String: Any]
      let films = object?["movie_results"] as? [[String: Any]]
      #expect(
        try Self.find(String(decoding: body, as: UTF8.self)) == films?.first?["id"] as? Int,
        "\(file.lastPathComponent)")
    }
  }

  @Test("TMDB's message is read from its error responses, and from no other body")
  func status() {
    #expect(
      StatusResponse(Array(#"{"status_code":7,"status_message":"Invalid API key"}"#.utf8))?.message
        == "Invalid API key")
    #expect(
      StatusResponse(Array(#"{"errors":["query must be provided","x"]}"#.utf8))?.message
        == "query must be provided")
    for body in [
      "<html><h1>404</h1></html>", "", #"{"errors":[]}"#, #"{"errors":[7]}"#, #"{"errors":"x"}"#,
      #"{"status_message":7}"#, "null",
    ] {
      #expect(StatusResponse(Array(body.utf8)) == nil)
    }
    #expect(StatusResponse(Array(#"{"status_message":"a\u001b[31mb"}"#.utf8))?.message == "a?[31mb")
  }
}
