import Testing

@testable import Shared

@Suite("Data file encodings") struct DataFileEncodingTests {
  @Test(
    "each encoding has an ending of its own, by which a key tells it",
    arguments: [
      (FileFormat.object, FileCompression.uncompressed, ".json", "application/json"),
      (.object, .gzip, ".json.gz", "application/gzip"),
      (.lines, .uncompressed, ".jsonl", "application/jsonl"),
      (.lines, .gzip, ".jsonl.gz", "application/gzip"),
    ])
  func endings(format: FileFormat, compression: FileCompression, ending: String, type: String) throws {
    let encoding = DataFileEncoding(format, compression)
    #expect(encoding.ending == ending && encoding.contentType == type)
    let run = try #require(RunName("r"))
    let key = RunLayout(prefix: "a.b/c", run: run, date: "2026-11-24").dataFile(shard: 3, file: 7, encoding)
    #expect(key == "a.b/c/2026/11/24/Atores-T3-7" + ending)
    #expect(DataFileEncoding(key: key) == encoding)
  }

  @Test(
    "other keys have no encoding",
    arguments: ["", "/", "a/b", "a.json/b", "a/b.csv", "a/b.jsonl.bz2", "a/b.gz", "a/b.json.", "a/b.x.json"])
  func others(key: String) { #expect(DataFileEncoding(key: key) == nil) }

  @Test(
    "lines that Elenco does not write are refused, with the position in the file",
    arguments: [
      ("x\n", 0), ("{}\n", 0), ("{\"id\":1}\n", 0), ("{ \"imdb_id\":\"tt0000001\"}\n", 0),
      ("{\"imdb_id\":\"tt0000001\"}\n{\"imdb_id\":\"tt0000002\"", 46), ("{\"imdb_id\":\"tt0000001\"}", 23),
      ("{\"imdb_id\":\"tt0000001\"}\n{\"imdb_id\":\"x\"}\n", 36), ("{\"imdb_id\":\"tt1\\\"\"}\n", 12),
      ("{\"imdb_id\":7}\n", 0), ("{\"imdb_id\":\"tt0000001\",}\n", 23), ("\n", 0),
      ("{\"imdb_id\":\"tt0000001\",\"a\":\"\n\"}\n", 28),
    ])
  func malformedLines(text: String, byte: Int) {
    let error = #expect(throws: DataFileError.self) {
      try DataFileIndex.filmIDs(in: Array(text.utf8), DataFileEncoding(.lines))
    }
    #expect(error?.reason.contains("at byte \(byte): ") == true, "\(error?.reason ?? "")")
  }

  @Test("a compressed data file that is none says why")
  func corrupt() {
    let encoding = DataFileEncoding(.lines, .gzip)
    let error = #expect(throws: DataFileError.self) {
      try DataFileIndex.filmIDs(in: Array("{}".utf8), encoding)
    }
    #expect(error?.reason == "it is gzip data that cannot be decompressed: incorrect header check")
  }

  @Test("a plan with the default encoding has the bytes of a plan from before there were others")
  func plans() throws {
    let text =
      #"{"date":"2026-11-24","destination":{"bucket":"lake","prefix":"p"},"films":["tt0000009"],"filmsPerFile":100,"genres":["Drama"],"lookup":"find","rateScope":"run","requestsPerSecond":40,"run":"r","shard":0,"shards":1,"workers":1}"#
    for encoding in DataFileEncoding.allCases {
      var fields = ""
      if encoding.compression == .gzip { fields += #""compression":"gzip","# }
      var expected = text.replacing(#""date""#, with: fields + #""date""#)
      if encoding.format == .lines { expected.replace(#""genres""#, with: #""format":"lines","genres""#) }
      let event = try WorkerEvent(parsing: Array(expected.utf8), defaultBucket: nil, defaultPrefix: "")
      guard case .plan(let plan) = event.work else {
        Issue.record("not a plan")
        continue
      }
      #expect(plan.encoding == encoding)
      #expect(String(decoding: try JSONText.encode(plan), as: UTF8.self) == expected)
      let destination = Destination(bucket: "other", prefix: "other")
      #expect(try ShardPlan(stored: Array(expected.utf8), destination: destination) == plan)
    }
  }
}
