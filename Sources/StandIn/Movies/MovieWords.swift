/// The words for the fields of a generated movies.csv, as bytes.
struct MovieWords {
  let titleStarts = MovieWords.bytes(SampleWords.titleStarts)
  let titleEnds = MovieWords.bytes(SampleWords.titleEnds)
  let givenNames = MovieWords.bytes(SampleWords.givenNames)
  let familyNames = MovieWords.bytes(SampleWords.familyNames)
  let characters = MovieWords.bytes(SampleWords.characters)
  let professions = MovieWords.bytes([
    "actor", "actress", "actor,writer", "actress,producer", "actor,director,writer",
    "actress,soundtrack", "actor,miscellaneous,soundtrack", "actor,producer,writer",
    "actress,writer,soundtrack", "actress,casting_director",
  ])
  let mixedGenres = Weighted(MovieWords.mixed)
  let otherGenres = Weighted(MovieWords.others)

  // Up to three genres in alphabetical order. The weights are close to those of the real file.

  private static let mixed: [(genres: String, weight: Int)] = [
    ("Comedy,Drama", 9100), ("Comedy,Romance", 5300), ("Comedy,Drama,Romance", 4200), ("Crime,Drama", 3700),
    ("Drama,Thriller", 2900), ("Action,Crime,Drama", 2900), ("Action,Drama", 2600), ("Drama,War", 2000),
    ("Crime,Drama,Thriller", 1900), ("Drama,Family", 1700), ("Action,Adventure,Drama", 1200),
    ("Crime,Drama,Mystery", 1200), ("Drama,History", 1100), ("Biography,Drama", 900), ("Drama,Mystery", 700),
    ("Comedy,Musical,Romance", 700), ("Action,Drama,Romance", 700), ("Drama,Music", 600),
    ("Crime,Drama,Film-Noir", 600), ("Drama,Horror", 600), ("Drama,Sport", 500), ("Drama,Fantasy", 500),
    ("Drama,Romance,War", 500), ("Drama,Musical,Romance", 500), ("Drama,Romance,Thriller", 400),
    ("Adventure,Romance", 200), ("Romance,Thriller", 200), ("Drama,Romance,Sci-Fi", 50),
  ]

  private static let others: [(genres: String, weight: Int)] = [
    ("Comedy", 23500), ("\\N", 8500), ("Documentary", 7800), ("Horror", 6400), ("Thriller", 4100),
    ("Action", 3800), ("Western", 3100), ("Horror,Thriller", 2200), ("Adventure", 1600), ("Crime", 1400),
    ("Family", 1400), ("Comedy,Horror", 1400), ("Comedy,Musical", 1200), ("Comedy,Crime", 1200),
    ("Action,Comedy", 1100), ("Action,Thriller", 1100), ("Action,Adventure,Comedy", 1100),
    ("Horror,Mystery,Thriller", 1000), ("Action,Crime,Thriller", 900), ("Comedy,Family", 800),
    ("Sci-Fi", 800), ("Musical", 800), ("Adventure,Animation,Comedy", 700), ("Mystery", 600), ("War", 500),
    ("Horror,Sci-Fi", 500), ("Biography,Documentary", 500), ("Adult", 100),
  ]

  static func bytes(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }
}

/// A list of words that are drawn according to their weights.
struct Weighted {
  /// Each word is repeated once per 50 of its weight.
  private let words: [[UInt8]]

  init(_ list: [(genres: String, weight: Int)]) {
    words = list.flatMap { Array(repeating: Array($0.genres.utf8), count: $0.weight / 50) }
  }

  func next(_ draw: inout DeterministicRandom) -> [UInt8] { draw.one(of: words) }
}
