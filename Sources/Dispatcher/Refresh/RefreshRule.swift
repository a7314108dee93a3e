import Shared

/// Decides which films a run with `"refresh": "changed"` copies from its base, and which it fetches and why.
struct RefreshRule {
  /// Why a film is fetched.
  enum Reason {
    case changed, new, due, absent
    /// The base's data file is gone.
    case lost
  }

  enum Decision {
    case keep(BaseFilms.Film)
    /// - Parameter tmdbID: the film's TMDB id, if the base knows it.
    case fetch(Reason, tmdbID: Int?)
  }

  let base: BaseFilms
  let changes: ChangedFilms
  /// The date of the run.
  let today: UnixDay
  let maxAgeDays: Int
  /// Indexes of the base's data files that cannot be read.
  var filesGone: Set<Int> = []

  func decide(_ id: String) -> Decision {
    switch base[id] {
    case .unknown: return .fetch(.new, tmdbID: nil)
    case .absent: return .fetch(.absent, tmdbID: nil)
    case .known(let film):
      guard case .films(let changed) = changes, !changed.contains(film.tmdbID) else {
        return .fetch(.changed, tmdbID: film.tmdbID)
      }
      if today - film.fetchedOn > Self.ageMax(of: id, maxAgeDays: maxAgeDays) {
        return .fetch(.due, tmdbID: film.tmdbID)
      }
      return filesGone.contains(film.file) ? .fetch(.lost, tmdbID: film.tmdbID) : .keep(film)
    }
  }

  /// The age in days above which a film is fetched again: between half of `maxAgeDays` and the whole, depending on the
  /// id, so that films that were fetched on one day do not all come due on one day.
  static func ageMax(of id: String, maxAgeDays: Int) -> Int {
    let half = maxAgeDays / 2
    return half + Int(hash(id) % UInt64(maxAgeDays - half + 1))
  }

  /// 64-bit FNV-1a (draft-eastlake-fnv), with the finalizer of SplitMix64, because the low bits of FNV of similar ids
  /// are similar. The same in every process, unlike Swift's own hash.
  private static func hash(_ id: String) -> UInt64 {
    var hash = id.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    hash = (hash ^ hash >> 30) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ hash >> 27) &* 0x94D0_49BB_1331_11EB
    return hash ^ hash >> 31
  }
}

extension RefreshCounts {
  mutating func count(_ reason: RefreshRule.Reason) {
    switch reason {
    case .changed: changed += 1
    case .new: new += 1
    case .due: due += 1
    case .absent: absent += 1
    case .lost: lost += 1
    }
  }
}
