import Foundation
import StandIn
import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// The bytes of data files in every encoding, which Python's gzip and json judge.
@Suite("Data files") struct DataFileTests {
  /// Responses of every shape that TMDB may send: the stand-in's, and others with white space everywhere that JSON
  /// allows it, with escapes, and with members that are called like Elenco's own.
  private static let films: [(id: String, response: [UInt8])] = {
    let catalogue = (1...40).compactMap { number -> (String, [UInt8])? in
      let id = "tt\(1_000_000 + number)"
      return Catalogue.credits(imdbID: id).map { (id, $0) }
    }
    let others = [
      #"{"id":1,"cast":[],"crew":[]}"#, "{\n  \"id\": 2,\r\n  \"cast\": [\n],\r\"crew\": [ ]\n}\n",
      " \t\r\n{ \"id\":3 , \"cast\":[{\"name\":\"a\\nb\\r\\u000ac\"}],\"crew\":[]\t} \r\n\n",
      #"{"cast":[{"name":"{\"imdb_id\":\"tt9\",","x":"},\n"}],"crew":[],"id":4}"#,
      #"{"imdb_id":"tt0000001","id":5,"cast":[],"crew":[]}"#,
      #"{"id":6,"cast":[{"name":"\ud83d"}],"crew":[]}"#,
      #"{"id":7,"cast":[{"name":"Zoë 映画 🎬 \/ \u0026"}],"crew":[]}"#, "{}", "{ }", "{\r\n}\n", "\n{}",
    ]
    return catalogue + others.enumerated().map { ("tt\(20_000_000 + $0)", Array($1.utf8)) }
  }()

  private static func file(
    _ films: some Sequence<(id: String, response: [UInt8])>, _ encoding: DataFileEncoding
  ) -> (bytes: [UInt8], file: DataFile) {
    var encoder = DataFileEncoder(encoding)
    for film in films { encoder.append(film.response, of: film.id) }
    let file = encoder.finish()
    return (Array(file.body.pieces.joined()), file)
  }

  /// Reads a file by its ending, puts the expected one together from the responses, and checks every film's JSON.
  private static let judge = """
    import gzip, json, pathlib, sys
    folder, name = pathlib.Path(sys.argv[1]), sys.argv[2]
    stored = (folder / name).read_bytes()
    content = gzip.decompress(stored) if name.endswith(".gz") else stored
    films = [(id, (folder / id).read_bytes()) for id in (folder / "order").read_text().split()]
    if ".jsonl" in name:
        def line(id, body):
            rest = body[body.index(b"{") + 1:].replace(b"\\n", b" ").replace(b"\\r", b" ")
            comma = b"" if rest.strip().startswith(b"}") else b","
            return b'{"imdb_id":"%s"%s%s\\n' % (id.encode(), comma, rest)
        assert content == b"".join(line(id, body) for id, body in films)
        rows = [json.loads(line, object_pairs_hook=list) for line in content.split(b"\\n")[:-1]]
        assert len(rows) == len(films)
        for row, (id, body) in zip(rows, films):
            assert row == [("imdb_id", id)] + json.loads(body, object_pairs_hook=list), id
    else:
        assert content == (b"{" + b",\\n".join(b'"%s":%s' % (id.encode(), body) for id, body in films) + b"}\\n")
        assert json.loads(content) == {id: json.loads(body) for id, body in films}
    if name.endswith(".gz"):
        assert stored[:10] == bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]), stored[:10]
    print(len(content))
    """

  @Test("each encoding's bytes are what Python puts together", arguments: DataFileEncoding.allCases)
  func bytes(encoding: DataFileEncoding) throws {
    let folder = try TemporaryFolder()
    let (bytes, file) = Self.file(Self.films, encoding)
    let name = "Atores-T0-1" + encoding.ending
    try Data(bytes).write(to: URL(filePath: folder.path + "/" + name))
    for film in Self.films { try Data(film.response).write(to: URL(filePath: folder.path + "/" + film.id)) }
    _ = try folder.write("order", Self.films.map(\.id).joined(separator: "\n"))
    _ = try ChildProcess.run("/usr/bin/python3", ["-c", Self.judge, folder.path, name])
    #expect(file.films == Self.films.count && file.body.count == bytes.count)
    let sum = try ChildProcess.run("/usr/bin/sha256sum", [folder.path + "/" + name]).prefix(64)
    #expect(file.sha256 == String(sum))
    #expect(try DataFileIndex.filmIDs(in: bytes, encoding) == Self.films.map(\.id))
  }

  @Test(
    "a file without any film is an empty JSON object, an empty object in S3, or their compressed form",
    arguments: [
      ("object", "none", "{}\n"), ("object", "gzip", "{}\n"), ("lines", "none", ""), ("lines", "gzip", ""),
    ])
  func empty(format: String, compression: String, content: String) throws {
    let encoding = DataFileEncoding(
      try #require(FileFormat(rawValue: format)), try #require(FileCompression(rawValue: compression)))
    let (bytes, file) = Self.file([], encoding)
    let folder = try TemporaryFolder()
    let path = folder.path + "/file" + encoding.ending
    try Data(bytes).write(to: URL(filePath: path))
    #expect(try ChildProcess.run(compression == "gzip" ? "/usr/bin/zcat" : "/bin/cat", [path]) == content)
    #expect(file.films == 0)
    #expect(try DataFileIndex.filmIDs(in: bytes, encoding) == [])
    #expect(try DataFileIndex.responses(in: bytes, encoding).isEmpty)
  }

  @Test(
    "a file that is completed from a partial one has the same bytes as one from fresh responses",
    arguments: DataFileEncoding.allCases, 1...8 as ClosedRange<UInt64>)
  func resumed(encoding: DataFileEncoding, seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let fresh = Self.file(Self.films, encoding).bytes
    // Any number of hops, each of which adds films anywhere in the file.
    var stored = Self.file([], encoding).bytes
    var known: Set<String> = []
    repeat {
      let earlier = try DataFileIndex.responses(in: stored, encoding)
      #expect(Set(earlier.keys) == known)
      for film in Self.films where Int.random(in: 0..<4, using: &random) == 0 { known.insert(film.id) }
      stored =
        Self.file(
          Self.films.filter { known.contains($0.id) }.map { ($0.id, earlier[$0.id] ?? $0.response) }, encoding
        ).bytes
    } while known.count < Self.films.count
    #expect(stored == fresh, "seed \(seed)")
    // As objects, the responses are the bytes that TMDB sent; as lines, but for the line breaks.
    let responses = try DataFileIndex.responses(in: stored, encoding)
    for film in Self.films {
      let text = String(decoding: film.response, as: UTF8.self)
      let line = text.drop { $0 != "{" }.unicodeScalars.map { "\r\n".unicodeScalars.contains($0) ? " " : $0 }
      let expected = encoding.format == .object ? text : String(String.UnicodeScalarView(line))
      #expect(responses[film.id].map { String(decoding: $0, as: UTF8.self) } == expected)
    }
  }

  @Test("a truncated file is refused at every length", arguments: DataFileEncoding.allCases)
  func truncated(encoding: DataFileEncoding) {
    let films = Self.films.suffix(5)
    let bytes = Self.file(films, encoding).bytes
    for count in 0..<bytes.count {
      let ids = try? DataFileIndex.filmIDs(in: Array(bytes.prefix(count)), encoding)
      // Lines that end with a line break are whole; that some are missing shows in the object's size and hash alone.
      let isWhole = encoding == DataFileEncoding(.lines) && (count == 0 || bytes[count - 1] == 10)
      // The line break at the end of an object is not part of it.
      let isObject = encoding == DataFileEncoding() && count == bytes.count - 1
      #expect((ids != nil) == (isWhole || isObject), "\(count) bytes")
    }
  }

  @Test("responses are released while a file is put together")
  func release() {
    let file = FetchedFile(
      position: 0, number: 1,
      films: [
        ("tt0000001", .absent), ("tt0000002", .credits([1])), ("tt0000003", .failed(reason: "x")),
        ("tt0000004", .postponed), ("tt0000005", .credits([2])),
      ])
    var taken: [String] = []
    while let film = file.takeResponse() {
      taken.append("\(film.id) \(film.response)")
      #expect(file.films.contains { $0.outcome == .credits(film.response) } == false)
    }
    #expect(taken == ["tt0000002 [1]", "tt0000005 [2]"])
    #expect(file.absent == ["tt0000001"] && file.failed.map(\.id) == ["tt0000003"] && file.postponed == 1)
  }
}
