import Testing

@testable import Shared

@Suite("A run's index") struct RunIndexTests {
  private static let text = """
    id,tmdb_id,file,fetched
    tt0000009,2341,1,2026-11-24
    tt0000591,,,
    tt12345678,9999999999,600,1970-01-02

    """

  private static func films() throws -> [RunIndex.Film] {
    func day(_ text: String) throws -> UnixDay { try #require(UnixDay(iso8601: text)) }
    return [
      .init(id: "tt0000009", credits: .init(tmdbID: 2341, file: 1, fetchedOn: try day("2026-11-24"))),
      .init(id: "tt0000591", credits: nil),
      .init(
        id: "tt12345678", credits: .init(tmdbID: 9_999_999_999, file: 600, fetchedOn: try day("1970-01-02"))),
    ]
  }

  private static func parse(_ text: some Sequence<UInt8>) throws -> [RunIndex.Film] {
    var films: [RunIndex.Film] = []
    try RunIndex.parse(Array(text)) { films.append($0) }
    return films
  }

  @Test("films are written as the documented rows and read back")
  func roundTrip() throws {
    let films = try Self.films()
    #expect(String(decoding: RunIndex.encode(films), as: UTF8.self) == Self.text)
    #expect(try Self.parse(Self.text.utf8) == films)
    #expect(try Self.parse(RunIndex.encode([])) == [])
  }

  @Test("a truncated index is refused, unless it ends with a line, of which it then has all films")
  func truncated() throws {
    let bytes = Array(Self.text.utf8)
    for count in 0..<bytes.count {
      let films = try? Self.parse(bytes.prefix(count))
      let lines = bytes.prefix(count).count { $0 == 10 }
      #expect((films != nil) == (count > 0 && bytes[count - 1] == 10), "\(count) bytes")
      if let films { #expect(films == Array(try Self.films().prefix(lines - 1)), "\(count) bytes") }
    }
  }

  @Test("no byte of an index can be replaced so that reading it stops the program or gives an invalid film")
  func foreignBytes() {
    let bytes = Array(Self.text.utf8)
    for position in bytes.indices {
      for byte in [0, 9, 10, 13, 34, 44, 45, 48, 116, 0x80, 0xFF] as [UInt8] {
        var changed = bytes
        changed[position] = byte
        guard let films = try? Self.parse(changed) else { continue }
        for film in films {
          #expect(FilmID.isValid(film.id) && film.credits.map { $0.tmdbID > 0 && $0.file > 0 } != false)
        }
      }
    }
  }

  @Test(
    "what is not a row is refused with its line",
    arguments: [
      "tt0000009,2341,1", "tt0000009,2341,1,2026-11-24,x", "nm0000009,2341,1,2026-11-24",
      "tt0000009,0,1,2026-11-24", "tt0000009,-1,1,2026-11-24", "tt0000009,+1,1,2026-11-24",
      "tt0000009,99999999999,1,2026-11-24", "tt0000009,2341,0,2026-11-24", "tt0000009,2341,,2026-11-24",
      "tt0000009,,1,", "tt0000009,2341,1,", "tt0000009,2341,1,2026-02-30", "tt0000009,2341,1,24/11/2026", "",
      "tt0000009,2341,1,2026-11-24\r", " tt0000009,2341,1,2026-11-24",
    ])
  func refused(row: String) throws {
    let text = Self.text + row + "\n"
    let error = #expect(throws: RunIndexError.self) { try Self.parse(text.utf8) }
    #expect(error?.line == 5 && error?.description.contains("line 5") == true)
  }

  @Test("an index without its header is refused", arguments: ["\n", "id\n", "tt0000009,,,\n"])
  func header(text: String) {
    let error = #expect(throws: RunIndexError.self) { try Self.parse(text.utf8) }
    #expect(error?.line == 1)
  }
}
