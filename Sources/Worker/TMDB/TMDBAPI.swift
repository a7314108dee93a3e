import Shared

/// TMDB's two calls. Answers of any status are answers; what is thrown is an `HTTPError`.
protocol TMDBAPI: Sendable {
  /// Names the server in errors.
  var baseURL: String { get }

  /// Looks a film up by its IMDb id.
  func find(_ imdbID: String, timeout: Duration) async throws -> HTTPResponse

  /// A film's credits.
  /// - Parameter film: TMDB's id, or IMDb's, which works too and is not documented.
  func credits(_ film: String, timeout: Duration) async throws -> HTTPResponse
}
