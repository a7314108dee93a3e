/// How many films, of which genres and with how many rows each: the real movies.csv's, and the same scaled down.
struct MovieCounts: Equatable {
  var films: Int
  /// Films whose genero is exactly this.
  var drama: Int
  var romance: Int
  var dramaRomance: Int
  /// Films with Drama or Romance and another genre beside.
  var mixed: Int
  /// Films with one row, with two … with ten.
  var filmsByRows: [Int]

  static let full = MovieCounts(
    films: 244_543, drama: 47_753, romance: 2_576, dramaRomance: 8_675, mixed: 76_724,
    filmsByRows: [7419, 4790, 6467, 184_258, 10_166, 12_476, 9620, 5885, 3042, 420])

  /// Films without Drama and Romance.
  var others: Int { films - drama - romance - dramaRomance - mixed }
  /// Films all of whose genres are Drama or Romance.
  var selected: Int { drama + romance + dramaRomance }
  var rows: Int { zip(1..., filmsByRows).reduce(0) { $0 + $1.0 * $1.1 } }

  /// The same in proportion; what rounding leaves over goes to the films of other genres and of four rows.
  /// - Parameter films: 1 ... the full number.
  static func scaled(to films: Int) -> MovieCounts {
    func scaled(_ count: Int) -> Int { count * films / full.films }
    var filmsByRows = full.filmsByRows.map(scaled)
    filmsByRows[3] += films - filmsByRows.reduce(0, +)
    return MovieCounts(
      films: films, drama: scaled(full.drama), romance: scaled(full.romance),
      dramaRomance: scaled(full.dramaRomance), mixed: scaled(full.mixed), filmsByRows: filmsByRows)
  }
}

/// Deals out numbered kinds in random order, each exactly as often as it is there.
struct Deal {
  private var left: [Int]
  private var total: Int

  /// - Parameter counts: how often each kind is there.
  init(_ counts: [Int]) {
    left = counts
    total = counts.reduce(0, +)
  }

  /// The number of the kind that comes next; 0 when all are dealt.
  mutating func next(_ draw: inout DeterministicRandom) -> Int {
    var place = draw.below(total)
    for kind in left.indices {
      if place < left[kind] {
        left[kind] -= 1
        total -= 1
        return kind
      }
      place -= left[kind]
    }
    return 0
  }
}
