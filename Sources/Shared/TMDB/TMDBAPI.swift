/// The two requests to TMDB. A response of any status is returned; only an `HTTPError` is thrown.
package protocol TMDBAPI: Sendable {
  /// The server, for error messages.
  var baseURL: String { get }

  /// Looks up a film by its IMDb id.
  func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse

  /// Gets a film's credits.
  /// - Parameter film: a TMDB id. An IMDb id works too, although that is not documented.
  func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse
}
