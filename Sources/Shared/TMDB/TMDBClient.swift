/// TMDB over HTTP. Sends the token in a header, never in a URL.
package struct TMDBClient: TMDBAPI {
  /// The largest response accepted, after decompression. The largest recorded one is 177 KB.
  static let bodyBytesMax = 2 << 20
  /// The longest time for one request.
  static let timeout: Duration = .seconds(30)

  let http: HTTPClient
  /// Without a slash at the end: `https://api.themoviedb.org`.
  package let baseURL: String
  private let headers: [HTTPHeader]
  private let token: Secret

  package init(http: HTTPClient, baseURL: String, token: Secret) {
    self.http = http
    self.baseURL = baseURL
    self.token = token
    headers = [
      HTTPHeader("Authorization", "Bearer \(token.value)"), HTTPHeader("Accept", "application/json"),
    ]
  }

  package func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse {
    try await get("/3/find/\(imdbID)?external_source=imdb_id", timeout)
  }

  package func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse {
    try await get("/3/movie/\(film)/credits", timeout)
  }

  package func changes(
    _ window: ChangeWindows.Window, page: Int, timeout: Duration
  ) async throws -> HTTPResponse {
    let dates = "start_date=\(window.first.iso8601)&end_date=\(window.last.iso8601)"
    return try await get("/3/movie/changes?\(dates)&page=\(page)", timeout)
  }

  private func get(_ path: String, _ timeout: Duration) async throws -> HTTPResponse {
    var request = HTTPRequest(
      .get, baseURL + path, headers: headers, bodyBytesMax: Self.bodyBytesMax, timeout: timeout)
    request.acceptsCompression = true
    request.wantsHeaders = false
    let response = try await http.send(request)
    // If a server echoes the token in an error, the token must not reach a report.
    guard response.status != 200 else { return response }
    let isEchoed = String(decoding: response.body, as: UTF8.self).contains(token.value)
    return HTTPResponse(
      status: response.status, headers: response.headers.filter { !$0.value.contains(token.value) },
      body: isEchoed ? [] : response.body)
  }
}
