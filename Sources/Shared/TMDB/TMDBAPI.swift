/// The requests to TMDB. A response of any status is returned; only an `HTTPError` is thrown.
package protocol TMDBAPI: Sendable {
  /// The server, for error messages.
  var baseURL: String { get }

  /// Looks up a film by its IMDb id.
  func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse

  /// Gets a film's credits.
  /// - Parameter film: a TMDB id. An IMDb id works too, although that is not documented.
  func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse

  /// Gets a page of the list of films that were changed on the days of a window.
  /// - Parameter page: from 1.
  func changes(_ window: ChangeWindows.Window, page: Int, timeout: Duration) async throws -> HTTPResponse
}
