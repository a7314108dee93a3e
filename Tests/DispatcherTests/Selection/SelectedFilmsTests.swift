import TestSupport
import Testing

@testable import Dispatcher
@testable import Shared

@Suite("Genres of selected films") struct SelectedFilmsTests {
  private static func scan(_ text: [UInt8], genres: [String], match: DispatcherEvent.Match) throws
    -> MovieScan
  {
    let scan = SourceScan(SelectionCriteria(genres: genres, match: match))
    try text.withUnsafeBytes { try scan.consume($0) }
    return try scan.finish()
  }

  private static func table(_ scan: MovieScan, genres: [String]) -> [UInt8] {
    SelectedFilms.table(
      films: scan.selected, generos: scan.selectedGeneros.generos, indexes: scan.selectedGeneros.indexes,
      genres: genres)
  }

  @Test(
    "failed.csv has each film's own genres, and the same event selects all of its films again",
    arguments: DispatcherEvent.Match.allCases, 1...50 as ClosedRange<UInt64>)
  func sameSelection(match: DispatcherEvent.Match, seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let names = ["Drama", "Romance", "War", "Comedy", "Film-Noir"]
    let rows = (0..<300).map { film in
      let genero = names.filter { _ in Bool.random(using: &random) }.joined(separator: ",")
      return (id: "tt\(1_000_000 + film)", genero: genero.isEmpty ? "\\N" : genero)
    }
    let genres = Array(names.shuffled(using: &random).prefix(2))
    let source = "title|genero|id\n" + rows.map { "x|\($0.genero)|\($0.id)\n" }.joined()
    let first = try Self.scan(Array(source.utf8), genres: genres, match: match)
    let failed = first.selected.filter { _ in Bool.random(using: &random) }
    try #require(!failed.isEmpty, "seed \(seed)")

    let films = Self.table(first, genres: genres)
    let generos = SelectedFilms.generos(of: Set(failed), in: films)
    let own = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0.genero) })
    #expect(generos == own.filter { failed.contains($0.key) }, "seed \(seed)")
    let csv = FailedFilms.table(
      failed.map { .init(id: $0, reason: "TMDB responded 500") }, generos: generos, genres: genres)
    #expect(try Self.scan(csv, genres: genres, match: match).selected == failed, "seed \(seed)")
    // films.csv is a source as well.
    #expect(try Self.scan(films, genres: genres, match: match).selected == first.selected, "seed \(seed)")
  }

  @Test(
    "a genre field that a row cannot contain, or that is very long, is replaced by the run's genres",
    arguments: ["\"Drama,A\nB\"", "\"Drama," + String(repeating: "x", count: 1001) + "\""])
  func unusual(genero: String) throws {
    let source = "id;genero\ntt0000001;\(genero)\ntt0000002;Drama\n"
    let scan = try Self.scan(Array(source.utf8), genres: ["Romance", "Drama"], match: .any)
    #expect(
      String(decoding: Self.table(scan, genres: ["Romance", "Drama"]), as: UTF8.self)
        == "id|genero\ntt0000001|Drama,Romance\ntt0000002|Drama\n")
  }

  @Test("genres that the source separates by | are separated by commas") func pipes() throws {
    let source = "id,genres\ntt0000001,Drama|War\ntt0000002,Romance\n"
    let scan = try Self.scan(Array(source.utf8), genres: ["Romance", "Drama"], match: .any)
    #expect(
      String(decoding: Self.table(scan, genres: ["Romance", "Drama"]), as: UTF8.self)
        == "id|genero\ntt0000001|Drama,War\ntt0000002|Romance\n")
  }

  @Test("beyond 4,096 different fields, films get the run's genres") func manyFields() throws {
    let rows = (0..<5000).map { "tt\(1_000_000 + $0)|Drama,G\($0)\n" }
    let scan = try Self.scan(
      Array(("id|genero\n" + rows.joined()).utf8), genres: ["Drama"], match: .any)
    let lines = String(decoding: Self.table(scan, genres: ["Drama"]), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 5001 && lines[4096] == "tt1004095|Drama,G4095" && lines[4097] == "tt1004096|Drama")
  }

  @Test("no truncation of films.csv gives a film the genres of another one") func truncated() {
    let table = Array("id|genero\ntt0000001|Drama\ntt0000002|Romance\n".utf8)
    for count in 0..<table.count {
      let generos = SelectedFilms.generos(of: ["tt0000001"], in: Array(table.prefix(count)))
      #expect(generos.isEmpty || "Drama".hasPrefix(generos["tt0000001"] ?? "-"))
    }
  }
}
