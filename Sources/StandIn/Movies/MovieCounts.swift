/// The numbers of films by genre and by rows: those of the real movies.csv, or scaled down.
struct MovieCounts: Equatable {
  var films: Int
  /// Films whose `genero` is exactly this genre.
  var drama: Int
  var romance: Int
  var dramaRomance: Int
  /// Films with Drama or Romance and at least one other genre.
  var mixed: Int
  /// The number of films with one row, two rows, …, ten rows.
  var filmsByRows: [Int]

  static let full = MovieCounts(
    films: 244_543, drama: 47_753, romance: 2_576, dramaRomance: 8_675, mixed: 76_724,
    filmsByRows: [7419, 4790, 6467, 184_258, 10_166, 12_476, 9620, 5885, 3042, 420])

  /// Films with neither Drama nor Romance.
  var others: Int { films - drama - romance - dramaRomance - mixed }
  /// Films with no other genres than Drama and Romance: those that a run with the default genres selects.
  var selected: Int { drama + romance + dramaRomance }
  var rows: Int { zip(1..., filmsByRows).reduce(0) { $0 + $1.0 * $1.1 } }

  /// The full counts scaled down in proportion. Rounding adds films to the other genres and to those with four rows.
  /// - Parameter films: 1 ... `full.films`.
  static func scaled(to films: Int) -> MovieCounts {
    func scaled(_ count: Int) -> Int { count * films / full.films }
    var filmsByRows = full.filmsByRows.map(scaled)
    filmsByRows[3] += films - filmsByRows.reduce(0, +)
    return MovieCounts(
      films: films, drama: scaled(full.drama), romance: scaled(full.romance),
      dramaRomance: scaled(full.dramaRomance), mixed: scaled(full.mixed), filmsByRows: filmsByRows)
  }
}

/// Deals numbered kinds in random order, each exactly as often as its count.
struct Deal {
  private var remaining: [Int]
  private var total: Int

  /// - Parameter counts: the number of times to deal each kind.
  init(_ counts: [Int]) {
    remaining = counts
    total = counts.reduce(0, +)
  }

  /// The next kind's index; 0 once all are dealt.
  mutating func next(_ draw: inout DeterministicRandom) -> Int {
    var place = draw.below(total)
    for kind in remaining.indices {
      if place < remaining[kind] {
        remaining[kind] -= 1
        total -= 1
        return kind
      }
      place -= remaining[kind]
    }
    return 0
  }
}
