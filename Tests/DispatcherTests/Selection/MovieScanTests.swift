import Shared
import TestSupport
import Testing

@testable import Dispatcher

@Suite("Movie scan") struct MovieScanTests {
  static let a = "tt0000001", b = "tt0000002", c = "tt10000003"

  @Test(
    "sources with unusual formats are read, however they are divided into chunks",
    arguments: [
      ("pipes", "id|x|genero\n\(a)|1|Drama\n\(b)|2|Comedy\n\(c)|3|Drama,Romance\n", [a, c]),
      ("columns in another order", "genero|x|id\nDrama|1|\(a)\nDrama|1|\(a)\nRomance|2|\(b)\n", [a, b]),
      ("tabs", "id\tgenero\n\(a)\tDrama\n", [a]),
      (
        "commas, quoted", "id,genero,t\n\(a),\"Drama,Romance\",x\n\(b),Drama,y\n\(c),\"Comedy,Drama\",z\n",
        [a, b]
      ),
      ("semicolons", "id;genero\n\(a);Drama,Romance\n\(b);\"Romance\"\n", [a, b]),
      ("quoted header", "\"id\",\"genero\"\n\"\(a)\",\"Drama\"\n", [a]),
      ("line breaks and quotes in fields", "t,id,genero\n\"a \"\"b\"\",\n\(b),Drama\",\(a),Romance\n", [a]),
      ("a quote is plain with pipes", "t|id|genero\n\"x|\(a)|Drama\n5\" disc|\(b)|Romance\n", [a, b]),
      ("a quote inside a field opens nothing", "t,id,genero\n5\" disc,\(a),Drama\nx,\(b),Drama\n", [a, b]),
      ("CR LF", "id|genero\r\n\(a)|Drama\r\n\(b)|Romance\r\n", [a, b]),
      ("a byte order mark", "\u{FEFF}id|genero\n\(a)|Drama\n", [a]),
      ("no line break at the end", "id|genero\n\(a)|Drama", [a]),
      ("empty lines", "\nid|genero\n\n\(a)|Drama\n\r\n\(b)|Drama\n\n", [a, b]),
      ("null and empty genres", "id|genero\n\(a)|\\N\n\(b)|\n\(c)|Drama\n", [c]),
      ("rows of a film that are not adjacent", "id|genero\n\(a)|Drama\n\(b)|Drama\n\(a)|Comedy\n", [a, b]),
      ("the first row of a film decides", "id|genero\n\(a)|Comedy\n\(a)|Drama\n\(b)|Drama\n", [b]),
      ("a comma inside a pipe field", "id|genero|t\n\(a)|Drama|a,b;c\n", [a]),
      ("a genre that ends like another", "id|genero\n\(a)|Melodrama\n\(b)|Drama\n", [b]),
      ("genres in other cases", "id|genero\n\(a)|drama\n\(b)|ROMANCE,dRAMA\n\(c)|dramas\n", [a, b]),
      ("spaces around genres", "id,genero\n\(a), Drama\n\(b),\"Drama , Romance\"\n\(c),Ro mance\n", [a, b]),
      ("spaces around ids", "id|x|genero\n \(a)|1|Drama\n\(a) |1|Comedy\n\(b)\t|1|Drama\n", [a, b]),
      ("spaces around null", "id|genero\n\(a)| \\N \n\(b)|  \n\(c)|Drama\n", [c]),
      (
        "genres separated by |",
        "id,genero\n\(a),Drama|Romance\n\(b),Drama| Comedy\n\(c),\"Romance,x|Drama\"\n", [a]
      ),
      ("genres separated by |, with tabs", "id\tgenero\n\(a)\tRomance | Drama\n\(b)\tDrama|\n", [a]),
      ("a genre that begins like another", "id|genero\n\(a)|Dramatic\n\(b)|Drama\n", [b]),
      (
        "ids of other lengths with the same digits",
        "id|genero\ntt0000001|Drama\ntt00000001|Drama\ntt000000001|Drama\ntt0000000001|Drama\ntt0000001|Drama\n",
        ["tt0000001", "tt00000001", "tt000000001", "tt0000000001"]
      ),
      (
        "an id that begins like the one before",
        "id|genero\ntt1000000|Drama\ntt10000000|Drama\ntt1000000|Drama\n", ["tt1000000", "tt10000000"]
      ),
      ("ids that descend", "id|genero\n\(c)|Drama\n\(b)|Drama\n\(b)|Drama\n\(a)|Drama\n", [c, b, a]),
      (
        "a repeated row with a line break inside quotes",
        "id,genero,t\n\(a),Drama,x\n\(a),Drama,\"x\n\(b),Drama,x\"\n\(c),Drama,x\n", [a, c]
      ),
    ] as [(String, String, [String])])
  func quirks(name: String, text: String, expected: [String]) throws {
    #expect(try scan(text).films == expected)
    // Every split into two chunks, and single bytes, give the same result.
    let bytes = Array(text.utf8)
    let whole = try scan([bytes])
    for cut in 0...bytes.count {
      #expect(try scan([Array(bytes[..<cut]), Array(bytes[cut...])]) == whole, "\(name), cut at \(cut)")
    }
    #expect(try scan(bytes.map { [$0] }) == whole)
    let packed = try gzip(bytes)
    #expect(try scan([packed]) == whole)
    #expect(try scan(packed.map { [$0] }) == whole)
  }

  @Test("every split into three chunks gives the same result")
  func threeChunks() throws {
    let bytes = Array("id,genero\r\n\(Self.a),\"Drama,Romance\"\r\n\(Self.b),\"x\"\"\n\"\n".utf8)
    let whole = try scan([bytes])
    #expect(whole.films == [Self.a])
    for first in 0...bytes.count {
      for second in first...bytes.count {
        let chunks = [Array(bytes[..<first]), Array(bytes[first..<second]), Array(bytes[second...])]
        #expect(try scan(chunks) == whole)
      }
    }
  }

  @Test(
    "'within' needs all genres of a film to be requested, 'any' needs one of them, 'all' every requested genre"
  )
  func matching() throws {
    let text =
      "id|genero\n\(Self.a)|Drama\n\(Self.b)|Drama,Romance\n\(Self.c)|Comedy,Drama,Romance\ntt0000004|Comedy\ntt0000005|Comedy,Horror\n"
    #expect(try scan(text, match: .within).films == [Self.a, Self.b])
    #expect(try scan(text, match: .any).films == [Self.a, Self.b, Self.c])
    #expect(try scan(text, match: .all).films == [Self.b, Self.c])
    #expect(try scan(text, genres: ["Drama", "Drama"], match: .all).films == [Self.a, Self.b, Self.c])
  }

  @Test("requested genres that no film has are listed, and those of films that are not selected are not")
  func unusedGenres() throws {
    let text = "id|genero\n\(Self.a)|Comedy,War\n\(Self.b)|drama\n\(Self.b)|Western\n\(Self.c)|\\N\n"
    let requested = ["Drama", "Western", "Comedy", "Dramma"]
    for match in DispatcherEvent.Match.allCases where match != .all {
      #expect(try scan(text, genres: requested, match: match).genresWithoutFilms == ["Western", "Dramma"])
    }
    let source = ObjectAddress(bucket: "lake", key: "movies.csv")
    let two = try scan([Array(text.utf8)], SelectionCriteria(genres: requested)).warnings(source: source)
    #expect(
      two == [
        "No film in s3://lake/movies.csv has the requested genres Western or Dramma. Check the spelling."
      ])
    let one = try scan([Array(text.utf8)], SelectionCriteria(genres: ["Drama", "West"])).warnings(
      source: source)
    #expect(one == ["No film in s3://lake/movies.csv has the requested genre West. Check the spelling."])
    let none = try scan([Array(text.utf8)], SelectionCriteria(genres: ["DRAMA "])).warnings(source: source)
    #expect(none.isEmpty)
  }

  @Test("title types that the event names for a source without title types are reported")
  func unusedTitleTypes() throws {
    let source = ObjectAddress(bucket: "lake", key: "movies.csv")
    let plain = Array("id|genero\n\(Self.a)|Drama\n".utf8)
    let typed = Array("id|genero|titleType\n\(Self.a)|Drama|tvMovie\n".utf8)
    let criteria = SelectionCriteria(genres: ["Drama"], titleTypes: ["tvMovie"])
    #expect(
      try scan([plain], criteria).warnings(source: source)
        == ["\"titleTypes\" had no effect, because s3://lake/movies.csv has no column titleType."])
    #expect(try scan([plain], SelectionCriteria(genres: ["Drama"])).warnings(source: source).isEmpty)
    #expect(try scan([typed], criteria).warnings(source: source).isEmpty)
  }

  @Test("unreadable rows are counted, the first ones are reported, and the other rows are read")
  func skipped() throws {
    let text =
      "id|genero|t\n|Drama|x\n\(Self.a)|Drama|x\nnm0000001|Drama|x\n\(Self.b)\n\(Self.b)|Drama|x|y\ntt12|Drama|x\n\(Self.c)|Drama|x\n"
    let source = SourceScan(SelectionCriteria(genres: ["Drama"]))
    try Array(text.utf8).withUnsafeBytes { try source.consume($0) }
    let found = try source.finish()
    #expect(found.selected == [Self.a, Self.c])
    #expect(found.skipped == 5)
    #expect(found.firstSkipped.map { $0.prefix(6) } == ["row 2:", "row 4:", "row 5:", "row 6:", "row 7:"])
  }

  @Test(
    "repeated rows of a film are counted, and their number of fields is checked only if the id is not the first column"
  )
  func repeatedRows() throws {
    let short = "id|genero|t\r\n\(Self.a)|Drama|x\r\n\(Self.a)|\r\n\(Self.a)\r\n\r\n\(Self.a)|Drama|x|y\r\n"
    let drama = ["Drama"]
    #expect(try scan(short, genres: drama) == ScanResult(films: [Self.a], rows: 4, distinct: 1, skipped: 1))
    let idSecond = "genero|id|t\nDrama|\(Self.a)|x\n|\(Self.a)\n\(Self.a)\nDrama|\(Self.a)|x|y\n"
    #expect(
      try scan(idSecond, genres: drama) == ScanResult(films: [Self.a], rows: 4, distinct: 1, skipped: 2))
  }

  @Test(
    "an unusable source is refused with its reason",
    arguments: [
      ("", "is empty"), ("\n\n", "is empty"), ("id|titulo\ntt1|x\n", "has no column of genres"),
      ("id|genero|id\n", "more than one column id"),
      ("id|genero\n\(a)|Comedy\n", "Its genres include: Comedy"),
      ("id|genero\n", "Rows read: 0."), ("id|genero\n\(a)|\\N\n", "Rows read: 1. No row has a genre."),
      (
        "id|genero\n862|Drama\n",
        "Rows read: 1, of which unreadable: 1 (such as row 2: \"862\" is not an IMDb id"
      ),
      ("id,genero\n\(a),\"Drama\n", "the closing quote is missing"),
      ("id|genero\n" + String(repeating: "x", count: 1_100_000), "more than 1048576 bytes"),
    ])
  func unusable(text: String, words: String) {
    let error = #expect(throws: SelectionError.self) { try scan(text) }
    #expect(error?.description.contains(words) == true, "\(error.map { $0.description } ?? "")")
  }

  @Test(
    "truncated or damaged gzip, or gzip with trailing garbage, is refused; several gzip members are read")
  func damagedGzip() throws {
    let text = Array("id|genero\n\(Self.a)|Drama\n".utf8)
    let packed = try gzip(text)
    for count in 2..<packed.count {
      #expect(throws: SelectionError.self) { try scan([Array(packed[..<count])]) }
    }
    #expect(throws: SelectionError.self) { try scan([packed + Array("garbage".utf8)]) }
    var damaged = packed
    damaged[packed.count - 5] ^= 0xFF
    #expect(throws: SelectionError.self) { try scan([damaged]) }
    let two = packed + (try gzip(Array("\(Self.b)|Drama\n".utf8)))
    #expect(try scan([two]).films == [Self.a, Self.b])
    #expect(try scan(two.map { [$0] }).films == [Self.a, Self.b])
  }

  @Test(
    "zeros behind gzip data are ignored in chunks of any size, as the gzip program does; anything else is refused"
  )
  func paddedGzip() throws {
    let text = Array("id|genero\n\(Self.a)|Drama\n".utf8)
    let packed = try gzip(text) + gzip(Array("\(Self.b)|Drama\n".utf8))
    for zeros in [1, 2, 17, 512] {
      let padded = packed + [UInt8](repeating: 0, count: zeros)
      for size in [1, 2, 7, packed.count, packed.count + 1, padded.count] {
        #expect(try scan(chunks(padded, of: size)).films == [Self.a, Self.b])
        for other in [[1], Array("x".utf8), packed] {
          let error = #expect(throws: SelectionError.self) {
            try scan(chunks(padded + other, of: size)) as ScanResult
          }
          #expect(error == .corruptGzip("other data follows the compressed data"))
        }
      }
    }
    // Zeros in place of the data are not padding.
    #expect(throws: SelectionError.self) {
      try scan([[0x1F, 0x8B] + [UInt8](repeating: 0, count: 40)]) as ScanResult
    }
  }

  @Test("random tables are read as by Python's csv module", arguments: 1...8)
  func python(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let separator = Bool.random(using: &random) ? "," : ";"
    let pieces = ["a", "\"\"", separator, "\n", "é", " ", "|"]
    var text = ["t", "id", "genero"].joined(separator: separator) + "\n"
    for row in 0..<60 {
      let title = (0..<Int.random(in: 0...6, using: &random)).map { _ in
        pieces.randomElement(using: &random) ?? ""
      }
      let genero =
        ["Drama", "Drama,Romance", "Comedy", "\\N", "Comedy,Drama"].randomElement(using: &random) ?? ""
      text +=
        ["\"\(title.joined())\"", "tt\(1_000_000 + row / 2)", "\"\(genero)\""].joined(separator: separator)
        + "\n"
    }
    let script = """
      import csv, sys
      seen = {}
      for row in csv.DictReader(open(sys.argv[1], newline=''), delimiter=sys.argv[2]):
          seen.setdefault(row['id'], row['genero'])
      print(' '.join(i for i, g in seen.items() if g != '\\\\N' and set(g.split(',')) <= {'Drama', 'Romance'}))
      """
    let folder = try TemporaryFolder()
    let output = try ChildProcess.run(
      "/usr/bin/env", ["python3", "-c", script, try folder.write("table.csv", text), separator])
    #expect(
      try scan(text).films == output.split(whereSeparator: \.isWhitespace).map(String.init), "seed \(seed)")
  }
}
