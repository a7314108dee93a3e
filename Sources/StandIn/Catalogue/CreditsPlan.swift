/// The number of people in a film's credits, and the blocks they come from.
struct CreditsPlan {
  static let castMax = 320
  static let crewMax = 384
  static let peopleMax = 640

  let cast: [PieceKey]
  let crew: [PieceKey]

  /// - Parameter revision: how often the credits were edited. Each edit adds a member of the crew, so that the bytes of
  ///   no two revisions are the same.
  init(of film: FilmNumber, revision: Int = 0) {
    var draw = DeterministicRandom(4, UInt64(film.value))
    let people = CreditsPlan.people(at: draw.below(10_000))
    let share = people * (25 + draw.below(51)) / 100
    let cast = min(max(share, people - CreditsPlan.crewMax), CreditsPlan.castMax)
    self.cast = CreditsPlan.blocks(.cast, people: cast, &draw)
    let crew = CreditsPlan.blocks(.crew, people: people - cast, &draw)
    let added = (0..<revision).map { index in
      let variant = draw.below(PieceKey.partBlockVariants)
      return PieceKey(.crew, position: crew.count + index, people: 1, variant: variant)
    }
    self.crew = crew + added
  }

  /// The body's segments.
  /// - Parameter id: the TMDB id to put into the body.
  func segments(id: Int) -> [Segment] {
    var segments: [Segment] = []
    segments.reserveCapacity(cast.count + crew.count + 5)
    segments.append(.text(#"{"id":"#))
    segments.append(.number(id))
    segments.append(.text(#","cast":["#))
    for key in cast { segments.append(.piece(key)) }
    segments.append(.text(#"],"crew":["#))
    for key in crew { segments.append(.piece(key)) }
    segments.append(.text("]}"))
    return segments
  }

  /// The number of people at each rank of 10,000 films ordered by size, interpolated between these points. The median
  /// film has about 19 people (5 KB at 267 bytes each), one in a hundred has 270 (72 KB), the largest has 640 (170 KB).
  private static let ranks: [(rank: Int, people: Int)] = [
    (0, 0), (150, 0), (151, 1), (500, 3), (1000, 4), (2500, 9), (5000, 19), (7500, 41), (9000, 82),
    (9500, 124), (9900, 271), (9980, 500), (9999, peopleMax),
  ]

  static func people(at rank: Int) -> Int {
    for (low, high) in zip(ranks, ranks.dropFirst()) where rank <= high.rank {
      return low.people + (rank - low.rank) * (high.people - low.people) / (high.rank - low.rank)
    }
    return peopleMax
  }

  private static func blocks(_ kind: PieceKey.Kind, people: Int, _ draw: inout DeterministicRandom)
    -> [PieceKey]
  {
    stride(from: 0, to: people, by: PieceKey.blockPeople).map { first in
      let size = min(PieceKey.blockPeople, people - first)
      let isFull = size == PieceKey.blockPeople
      let variants = isFull ? PieceKey.fullBlockVariants : PieceKey.partBlockVariants
      return PieceKey(
        kind, position: first / PieceKey.blockPeople, people: size, variant: draw.below(variants))
    }
  }
}
