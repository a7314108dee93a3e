/// The result of fetching one film.
package enum FilmOutcome: Sendable, Equatable {
  /// TMDB's credits response, byte for byte.
  case credits([UInt8])
  /// TMDB does not have the film.
  case absent
  /// The film could not be fetched, after all retries.
  case failed(reason: String)
  /// The time was up before the film was requested or TMDB had responded. The next hop fetches it.
  case postponed
}
