import Shared
import Testing

@testable import Dispatcher

@Suite("Headers")
struct HeaderTests {
  private static func dialect(_ header: String, _ columns: SourceColumns = SourceColumns()) throws -> Dialect
  {
    try Array(header.utf8).withUnsafeBytes { bytes in try Dialect(header: bytes, chosen: columns) }
  }

  @Test(
    "the columns are found by any of their names, regardless of case, accents' encoding and white space",
    arguments: ["id", "tconst", "imdb_id", "imdbid", "const", "ID", "Const", "IMDb_ID", " \t Id "],
    [
      "genero", "gênero", "generos", "genre", "genres", "GENERO", "GÊNERO", "ge\u{302}nero", "GE\u{302}NERO",
      " Genres  ",
    ])
  func names(id: String, genres: String) throws {
    for separator in [";", ","] {
      let found = try Self.dialect(["x", genres, "y", id].joined(separator: separator))
      #expect((found.idColumn, found.genresColumn, found.titleTypeColumn, found.columns) == (3, 1, nil, 4))
    }
    #expect(try Self.dialect("\"\(id)\",\"\(genres)\"").genresColumn == 1)
  }

  @Test("names in Latin-1 are read, and so are genres")
  func latin1() throws {
    let text = "ID;G\u{CA}NERO\ntt0000001;A\u{E7}\u{E3}o\ntt0000002;A\u{C7}\u{C3}O\ntt0000003;Drama\n"
    let bytes = text.unicodeScalars.map { UInt8($0.value) }
    #expect(try scan([bytes], genres: ["ação"]).films == ["tt0000001", "tt0000002"])
  }

  @Test("a column titleType is found regardless of case and white space")
  func titleType() throws {
    #expect(try Self.dialect("tconst\t TITLEtype\tgenres").titleTypeColumn == 1)
    #expect(try Self.dialect("tconst\ttitle type\tgenres").titleTypeColumn == nil)
    let asGenres = try Self.dialect("tconst\ttitleType\tgenres", SourceColumns(genres: "titleType"))
    #expect((asGenres.genresColumn, asGenres.titleTypeColumn) == (1, nil))
  }

  @Test("the event's names choose columns among several, and name others")
  func chosen() throws {
    let both = try Self.dialect("id|imdb_id|genre|genres", SourceColumns(id: "imdb_id", genres: "GENRES"))
    #expect((both.idColumn, both.genresColumn) == (1, 3))
    let other = try Self.dialect("Film No.,Kind", SourceColumns(id: " film no. ", genres: "kind"))
    #expect((other.idColumn, other.genresColumn) == (0, 1))
    let one = try Self.dialect("key|Genre", SourceColumns(id: "key"))
    #expect((one.idColumn, one.genresColumn) == (0, 1))
    // A name that is spelt exactly as one of two columns chooses that one.
    #expect(try Self.dialect("ID|id|genre", SourceColumns(id: "id")).idColumn == 1)
    #expect(try Self.dialect("ID|id|genre", SourceColumns(id: "ID")).idColumn == 0)
  }

  @Test("the separator is the one that yields both columns and then the most columns")
  func separator() throws {
    #expect(try Self.dialect("id;a|b|c|d;genre").separator == UInt8(ascii: ";"))
    #expect(try Self.dialect("id;x|id|genre|y;genre").separator == UInt8(ascii: "|"))
    #expect(try Self.dialect("id|x;id;genre;y|genre").separator == UInt8(ascii: ";"))
  }

  @Test(
    "a header without the columns, or with several that fit, is refused with its columns and with what to do",
    arguments: [
      (
        "titulo|genero", nil, nil,
        [
          "no column of film ids (id, tconst, imdb_id, imdbid or const)", "columns are: titulo, genero.",
          "\"columns\"",
        ]
      ),
      (
        "id;titulo", nil, nil,
        ["no column of genres (genero, gênero, generos, genre or genres)", "id, titulo."]
      ),
      ("a,b", nil, nil, ["no column of film ids", "and no column of genres", "a, b."]),
      ("id genero", nil, nil, ["id genero.", "separated by | or tab or ; or comma"]),
      ("id\rgenero", nil, nil, ["all lines must end in the same way"]),
      ("id|genre", "imdb", nil, ["no column imdb, which the event names for the film ids", "id, genre."]),
      ("id|genre", nil, "kind", ["no column kind, which the event names for the genres"]),
      (
        "id|imdb_id|genre", nil, nil,
        ["several columns that could contain the film ids: id, imdb_id.", "\"columns\": {\"id\": \"id\"}"]
      ),
      (
        "id|Genre|GENRES", nil, nil,
        ["several columns that could contain the genres: Genre, GENRES.", "{\"genres\": \"Genre\"}"]
      ),
      ("id|genero|id", nil, nil, ["more than one column id in", "Rename"]),
      ("id|genero|ID", "Id", nil, ["several columns that could contain the film ids: id, ID."]),
      ("id|id|imdb_id|genero", nil, nil, ["{\"id\": \"imdb_id\"}"]),
      ("id|genero|titleType|TitleType", nil, nil, ["more than one column titleType"]),
      ("id|genero", "genero", nil, ["one column genero for both"]),
    ] as [(String, String?, String?, [String])])
  func refused(header: String, id: String?, genres: String?, words: [String]) {
    let error = #expect(throws: SelectionError.self) {
      try Self.dialect(header, SourceColumns(id: id, genres: genres))
    }
    for each in words {
      #expect(error?.description.contains(each) == true, "\(error.map { $0.description } ?? "")")
    }
  }

  @Test("a refusal lists at most 40 columns")
  func manyColumns() {
    let header = (1...50).map { "c\($0)" }.joined(separator: "|")
    let error = #expect(throws: SelectionError.self) { try Self.dialect(header) }
    #expect(error?.description.contains("c39, c40, ….") == true)
  }
}
