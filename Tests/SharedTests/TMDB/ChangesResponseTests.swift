import Testing

@testable import Shared

@Suite("TMDB's response with changes") struct ChangesResponseTests {
  private static func read(_ text: String, page: Int = 1) -> Result<ChangesResponse, ResponseError> {
    Array(text.utf8).withUnsafeBytes { body in
      Result { () throws(ResponseError) in try ChangesResponse(body, page: page) }
    }
  }

  private static let totals = #""page":1,"total_pages":3,"total_results":207"#

  @Test("ids are in the order of the page, without null, and with repeated ones") func ids() throws {
    let page = try Self.read(
      #"{"results":[{"id":7,"adult":false},{"id":null,"adult":null},{"adult":true,"id":7},{"\u0069d":9999999999}],"#
        + Self.totals + "}"
    ).get()
    #expect(page.films == [7, 7, 9_999_999_999])
    #expect((page.totalPages, page.totalEntries) == (3, 207))
  }

  @Test(
    "new members, white space and an empty page are accepted",
    arguments: [
      #"{"results":[],\#(totals)}"#, #" { "results" : [ ] , \#(totals) } "#,
      #"{"new":{"id":"x","results":{}},\#(totals),"results":[ ]}"#,
    ])
  func accepted(text: String) throws { #expect(try Self.read(text).get().films.isEmpty) }

  @Test(
    "a body that is not the page, or that readers could read in different ways, is refused",
    arguments: [
      "", "[]", "null", "<html>", #"{"results":[]}"#, #"{\#(totals)}"#, #"{"results":{},\#(totals)}"#,
      #"{"results":[],\#(totals)} x"#, #"{"results":[7],\#(totals)}"#, #"{"results":[{}],\#(totals)}"#,
      #"{"results":[{"id":0}],\#(totals)}"#, #"{"results":[{"id":-1}],\#(totals)}"#,
      #"{"results":[{"id":"7"}],\#(totals)}"#, #"{"results":[{"id":7.5}],\#(totals)}"#,
      #"{"results":[{"id":7,"id":8}],\#(totals)}"#, #"{"results":[{"id":18446744073709551616}],\#(totals)}"#,
      #"{"results":[],"results":[],\#(totals)}"#,
      #"{"results":[],"page":2,"total_pages":3,"total_results":1}"#,
      #"{"results":[],"page":1,"total_pages":-1,"total_results":1}"#,
      #"{"results":[],"page":1,"total_pages":1,"total_results":"many"}"#,
      #"{"results":[],"page":1,"total_pages":9223372036854775807,"total_results":1}"#,
      #"{"results":[{"id":1}{"id":2}],\#(totals)}"#,
    ])
  func refused(text: String) {
    if case .success(let page) = Self.read(text) { Issue.record("\(text) was read as \(page)") }
  }

  @Test("every truncation is refused") func truncated() {
    let text = #"{"results":[{"id":7,"adult":false},{"id":null,"adult":null}],\#(Self.totals)}"#
    for count in 0..<text.utf8.count {
      if case .success = Self.read(String(text.prefix(count))) { Issue.record("\(count) bytes were read") }
    }
    #expect(throws: Never.self) { try Self.read(text).get() }
  }

  @Test("a page with far more entries than TMDB sends is refused") func bounded() {
    func page(_ entries: Int) -> String {
      "{\"results\":[" + Array(repeating: "{\"id\":1}", count: entries).joined(separator: ",")
        + "],\(Self.totals)}"
    }
    #expect(
      (try? Self.read(page(ChangesResponse.entriesMax)).get())?.films.count == ChangesResponse.entriesMax)
    #expect((try? Self.read(page(ChangesResponse.entriesMax + 1)).get()) == nil)
  }
}
