/// The route of a request, a pure function of its path.
enum Route: Equatable {
  case find(imdbID: String)
  case credits(tmdbID: Int)
  /// Credits by IMDb id: one request instead of two.
  case directCredits(imdbID: String)
  /// Credits by something that is neither an IMDb id nor a number.
  case invalidCredits
  /// The list of changes.
  case changes
  case unknown
  /// The stand-in's own route: needs no token, and is neither counted nor logged.
  case statistics

  /// - Parameter path: without the query.
  init(path: String) {
    guard path != "/_standin/stats" else {
      self = .statistics
      return
    }
    guard path != ChangeList.path else {
      self = .changes
      return
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

  /// The requested film; nil if the id is not a film's id.
  var film: FilmNumber? {
    switch self {
    case .find(let id), .directCredits(let id): FilmNumber(imdbID: id)
    case .credits(let id): FilmNumber(tmdbID: id)
    case .invalidCredits, .changes, .unknown, .statistics: nil
    }
  }

  var name: RouteName {
    switch self {
    case .find: .find
    case .credits, .invalidCredits: .credits
    case .directCredits: .direct
    case .changes: .changes
    case .unknown, .statistics: .other
    }
  }

  private static func credits(of id: String) -> Route {
    if id.utf8.starts(with: "tt".utf8) { return .directCredits(imdbID: id) }
    guard id.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return .invalidCredits }
    // A number that does not fit into an Int is not a film's id, and neither is 0.
    return .credits(tmdbID: Int(id) ?? 0)
  }
}

/// A route's name in the statistics.
enum RouteName: String, CaseIterable, Sendable {
  case find, credits, direct, changes, other
}
