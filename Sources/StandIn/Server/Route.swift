/// Which of TMDB's routes a request is for: a pure function of its method and path.
enum Route: Equatable {
  case find(imdbID: String)
  case credits(tmdbID: Int)
  /// Credits by the IMDb id: one call instead of two.
  case directCredits(imdbID: String)
  /// Credits of something that is neither id.
  case invalidCredits
  case unknown
  /// The stand-in's own: not counted, not logged, open to all.
  case statistics, reset

  /// - Parameter path: without the query.
  init(path: String) {
    switch path {
    case "/_standin/stats":
      self = .statistics
      return
    case "/_standin/reset":
      self = .reset
      return
    default: break
    }
    let parts = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[0].isEmpty, parts[1].elementsEqual("3".utf8), !parts[3].isEmpty else {
      self = .unknown
      return
    }
    let id = String(Substring(parts[3]))
    if parts.count == 4, parts[2].elementsEqual("find".utf8) {
      self = .find(imdbID: id)
    } else if parts.count == 5, parts[2].elementsEqual("movie".utf8), parts[4].elementsEqual("credits".utf8) {
      self = Route.credits(of: id)
    } else {
      self = .unknown
    }
  }

  /// The film that is asked for; nil when the id is none.
  var film: FilmNumber? {
    switch self {
    case .find(let id), .directCredits(let id): FilmNumber(imdbID: id)
    case .credits(let id): FilmNumber(tmdbID: id)
    case .invalidCredits, .unknown, .statistics, .reset: nil
    }
  }

  var name: RouteName {
    switch self {
    case .find: .find
    case .credits, .invalidCredits: .credits
    case .directCredits: .direct
    case .unknown, .statistics, .reset: .other
    }
  }

  var isControl: Bool { self == .statistics || self == .reset }

  private static func credits(of id: String) -> Route {
    if id.utf8.starts(with: "tt".utf8) { return .directCredits(imdbID: id) }
    guard id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .invalidCredits }
    // A number too large for an Int is the id of nothing.
    return .credits(tmdbID: Int(id) ?? 0)
  }
}

/// What a request is counted under, and how scripts name it.
package enum RouteName: String, CaseIterable, Sendable {
  case find, credits, direct, other
}
