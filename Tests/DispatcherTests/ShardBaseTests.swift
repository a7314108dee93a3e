import Testing

@testable import Dispatcher
@testable import Shared

@Suite("The base in a shard's plan") struct ShardBaseTests {
  private static let hash = String(repeating: "0a", count: 32)

  private static func plan(_ encoding: DataFileEncoding) throws -> ShardPlan {
    var counts = RefreshCounts()
    (counts.kept, counts.changed, counts.new, counts.due, counts.absent) = (2, 1, 3, 4, 5)
    let day = try #require(UnixDay(iso8601: "2026-11-17"))
    let base = ShardBase(
      run: try #require(RunName("base")), encoding: encoding,
      files: [.init(key: "p/a.json", sha256: hash), .init(key: "p/\"ß\u{1}.json", sha256: hash)],
      counts: counts,
      films: [
        .init(tmdbID: 7, kept: .init(file: 1, fetchedOn: day)), .init(tmdbID: 9, kept: nil),
        .init(tmdbID: nil, kept: nil), .init(tmdbID: nil, kept: .init(file: 0, fetchedOn: day)),
      ])
    return ShardPlan(
      run: try #require(RunName("r1")), date: "2026-11-24", shard: 3, shards: 4,
      destination: Destination(bucket: "lake", prefix: "p"), filmsPerFile: 2, requestsPerSecond: 40,
      rateScope: .run, workers: 4, lookup: .find, genres: ["Drama"], encoding: encoding, base: base,
      films: ["tt0000001", "tt0000002", "tt0000003", "tt0000004"])
  }

  private static func parse(_ bytes: [UInt8]) throws -> ShardPlan? {
    try ShardPlan(stored: bytes, destination: Destination(bucket: "lake", prefix: "p"))
  }

  @Test("a plan with a base is read back as it was written", arguments: DataFileEncoding.allCases)
  func roundTrip(encoding: DataFileEncoding) throws {
    let plan = try Self.plan(encoding)
    let bytes = try JSONText.encode(plan)
    #expect(try ShardPlanEncoder.encode(plan) == bytes)
    #expect(try Self.parse(bytes) == plan)
    let base = try #require(try Self.parse(bytes)?.base)
    #expect(base.encoding == encoding && base.film(at: 0).tmdbID == 7 && base.film(at: 0).kept?.file == 1)
    #expect(
      base.film(at: 1).kept == nil && base.film(at: 2).tmdbID == nil && base.film(at: 3).kept?.file == 0)
    #expect(base.keptCount(of: 0..<4) == 2 && base.keptCount(of: 1..<3) == 0)
  }

  @Test(
    "a base that does not fit the plan is refused with the field's name",
    arguments: [
      ("\"tmdbIDs\":[7,9,0,0]", "\"tmdbIDs\":[7,9,0]", "tmdbIDs"),
      ("\"tmdbIDs\":[7,9,0,0]", "\"tmdbIDs\":[7,9,0,-1]", "tmdbIDs"),
      ("\"tmdbIDs\":[7,9,0,0]", "\"tmdbIDs\":[7,9,0,10000000000]", "tmdbIDs"),
      ("\"tmdbIDs\":[7,9,0,0]", "\"tmdbIDs\":[7,9,0,\"0\"]", "tmdbIDs"),
      ("\"keptIn\":[1,-1,-1,0]", "\"keptIn\":[2,-1,-1,0]", "keptIn"),
      ("\"keptIn\":[1,-1,-1,0]", "\"keptIn\":[-2,-1,-1,0]", "keptIn"),
      ("\"keptIn\":[1,-1,-1,0],", "", "keptIn"), ("\"fetchedOn\":[", "\"fetchedOn\":[1,", "fetchedOn"),
      ("\"kept\":2", "\"kept\":-2", "kept"), ("\"kept\":2", "\"held\":2", "held"),
      ("\"key\":\"p/a.json\"", "\"key\":7", "key"), ("\"key\":\"p/a.json\",", "", "key"),
      ("\"run\":\"base\"", "\"run\":\"a/b\"", "run"), ("\"counts\":{", "\"counts\":7,\"x\":{", "counts"),
      ("\"base\":{", "\"base\":[],\"x\":{", "base"), ("\"base\":{", "\"base\":{\"unknown\":1,", "unknown"),
    ])
  func refused(text: String, replacement: String, field: String) throws {
    let plan = String(decoding: try JSONText.encode(try Self.plan(DataFileEncoding())), as: UTF8.self)
    try #require(plan.contains(text), "\(plan)")
    let error = #expect(throws: EventError.self) {
      try Self.parse(Array(plan.replacing(text, with: replacement).utf8))
    }
    #expect(
      error?.description.contains("\"\(field)\"") == true
        || error?.description.contains("'s \(field)") == true,
      "\(error?.description ?? "")")
  }

  @Test("a plan without a base has the bytes that it had before there were bases")
  func absent() throws {
    var plan = try Self.plan(DataFileEncoding())
    plan.base = nil
    #expect(!String(decoding: try JSONText.encode(plan), as: UTF8.self).contains("base"))
  }
}
