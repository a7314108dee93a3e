/// Generates a movies.csv film by film. The same counts give the same bytes.
struct MovieWriter {
  static let header =
    "id|tituloPincipal|tituloOriginal|anoLancamento|tempoMinutos|genero|notaMedia|numeroVotos|generoArtista"
    + "|personagem|nomeArtista|anoNascimento|anoFalecimento|profissao|titulosMaisConhecidos\n"

  private static let bar = UInt8(ascii: "|")
  private static let null = Array("\\N".utf8)
  private static let genders = [Array("actor".utf8), Array("actress".utf8)]
  private static let drama = Array("Drama".utf8)
  private static let romance = Array("Romance".utf8)
  private static let dramaRomance = Array("Drama,Romance".utf8)

  private let counts: MovieCounts
  private let words = MovieWords()
  private var draw = DeterministicRandom(6)
  private var genres: Deal
  private var rows: Deal
  private var film = 0
  /// The columns that all rows of the film share, including the `|` after them.
  private var common: [UInt8] = []

  init(_ counts: MovieCounts) {
    self.counts = counts
    genres = Deal([counts.drama, counts.romance, counts.dramaRomance, counts.mixed, counts.others])
    rows = Deal(counts.filmsByRows)
  }

  /// Appends the rows of the next film; returns false after the last film.
  mutating func appendFilm(to output: inout [UInt8]) -> Bool {
    guard film < counts.films else { return false }
    let id = nextID()
    composeCommon(id)
    for _ in 0...rows.next(&draw) { appendRow(id, to: &output) }
    film += 1
    return true
  }

  /// Ids ascend in text order, which the first seven digits decide. Each film has a range of seven-digit numbers of
  /// its own, so that all ids differ.
  private mutating func nextID() -> [UInt8] {
    let range = 9_990_000 / counts.films
    let number = 9 + film * range + draw.below(range)
    var digits = Array(String(10_000_000 + number).utf8.dropFirst())
    // IMDb has reached tt38…, so about one film in twelve has an eighth digit.
    if (1_000_000..<2_400_000).contains(number), draw.chance(permille: 590) {
      digits.append(0x30 + UInt8(draw.below(10)))
    }
    return Array("tt".utf8) + digits
  }

  private mutating func composeCommon(_ id: [UInt8]) {
    common.removeAll(keepingCapacity: true)
    append(id)
    let start = draw.one(of: words.titleStarts)
    let end = draw.one(of: words.titleEnds)
    let isQuoted = film == counts.films / 3 || film == counts.films * 2 / 3
    appendTitle(start, end, isQuoted: isQuoted)
    let isTranslated = draw.chance(permille: 150)
    appendTitle(isTranslated ? draw.one(of: words.titleStarts) : start, end, isQuoted: isQuoted)
    append(decimal: 1894 + draw.below(131))
    if draw.chance(permille: 120) { append(MovieWriter.null) } else { append(decimal: 60 + draw.below(65)) }
    append(nextGenres())
    let rating = 10 + draw.below(90)
    common.append(0x30 + UInt8(rating / 10))
    common.append(UInt8(ascii: "."))
    common.append(0x30 + UInt8(rating % 10))
    common.append(MovieWriter.bar)
    append(decimal: draw.chance(permille: 60) ? 1000 + draw.below(90_000) : 5 + draw.below(600))
  }

  private mutating func nextGenres() -> [UInt8] {
    switch genres.next(&draw) {
    case 0: MovieWriter.drama
    case 1: MovieWriter.romance
    case 2: MovieWriter.dramaRomance
    case 3: words.mixedGenres.next(&draw)
    default: words.otherGenres.next(&draw)
    }
  }

  private mutating func append(_ field: [UInt8]) {
    common += field
    common.append(MovieWriter.bar)
  }

  private mutating func append(decimal number: Int) {
    common += String(number).utf8
    common.append(MovieWriter.bar)
  }

  private mutating func appendTitle(_ start: [UInt8], _ end: [UInt8], isQuoted: Bool) {
    common += start
    common.append(UInt8(ascii: " "))
    if isQuoted { common.append(UInt8(ascii: "\"")) }
    common += end
    if isQuoted { common.append(UInt8(ascii: "\"")) }
    common.append(MovieWriter.bar)
  }

  private mutating func appendRow(_ id: [UInt8], to output: inout [UInt8]) {
    output += common
    output += MovieWriter.genders[draw.below(2)]
    output.append(MovieWriter.bar)
    output += draw.chance(permille: 430) ? MovieWriter.null : draw.one(of: words.characters)
    output.append(MovieWriter.bar)
    output += draw.one(of: words.givenNames)
    output.append(UInt8(ascii: " "))
    output += draw.one(of: words.familyNames)
    output.append(MovieWriter.bar)
    let born = 1850 + draw.below(150)
    appendYear(draw.chance(permille: 600) ? born : nil, to: &output)
    appendYear(draw.chance(permille: 240) ? born + 20 + draw.below(70) : nil, to: &output)
    output += draw.one(of: words.professions)
    output.append(MovieWriter.bar)
    output += id
    guard draw.chance(permille: 870) else {
      output.append(UInt8(ascii: "\n"))
      return
    }
    for _ in 0..<3 {
      output.append(UInt8(ascii: ","))
      output.append(UInt8(ascii: "t"))
      output.append(UInt8(ascii: "t"))
      output += String(1_000_000 + draw.below(9_000_000)).utf8
    }
    output.append(UInt8(ascii: "\n"))
  }

  private func appendYear(_ year: Int?, to output: inout [UInt8]) {
    output += year.map { Array(String($0).utf8) } ?? MovieWriter.null
    output.append(MovieWriter.bar)
  }
}
