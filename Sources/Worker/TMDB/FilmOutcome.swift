/// What became of one film.
enum FilmOutcome: Sendable, Equatable {
  /// TMDB's answer, byte for byte.
  case credits([UInt8])
  /// TMDB does not have the film.
  case absent
  /// Not to be had after all tries.
  case failed(reason: String)
  /// Not asked for any more, or not answered, when the time was over: for the next hop.
  case postponed
}
