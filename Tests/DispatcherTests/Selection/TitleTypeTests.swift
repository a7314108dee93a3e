import TestSupport
import Testing

@testable import Dispatcher

@Suite("Title types")
struct TitleTypeTests {
  static let header =
    "tconst\ttitleType\tprimaryTitle\toriginalTitle\tisAdult\tstartYear\tendYear\truntimeMinutes\tgenres\n"

  private static func row(_ id: String, _ type: String, _ genres: String = "Drama", title: String = "Made up")
    -> String
  {
    "\(id)\t\(type)\t\(title)\t\(title)\t0\t1999\t\\N\t90\t\(genres)\n"
  }

  private static func result(_ text: String, _ types: [String] = ["movie"], size: Int? = nil) throws
    -> ScanResult
  {
    let bytes = Array(text.utf8)
    let found = try scan(
      chunks(bytes, of: size ?? bytes.count), SelectionCriteria(genres: ["Drama"], titleTypes: types))
    return ScanResult(films: found.selected, rows: found.rows, distinct: found.films, skipped: found.skipped)
  }

  @Test("rows of other types count neither as films nor as skipped, whatever they contain")
  func others() throws {
    let text =
      Self.header + Self.row("tt0000001", "short") + Self.row("tt0000001", "movie")
      + Self.row("tt0000002", " MOVIE ") + Self.row("nonsense", "tvEpisode") + "tt0000003\tshort\n"
      + "tt0000004\tshort" + String(repeating: "\tx", count: 20) + "\n" + Self.row("tt0000005", "\\N")
      + Self.row("tt0000006", "") + Self.row("nonsense", "movie") + "tt0000007\n"
    #expect(
      try Self.result(text)
        == ScanResult(films: ["tt0000001", "tt0000002"], rows: 10, distinct: 2, skipped: 2))
    #expect(
      try Self.result(text, ["SHORT", "movie"]).films == ["tt0000001", "tt0000002"])
  }

  @Test("the requested types are selected in a quoted dialect, too")
  func quoted() throws {
    let text =
      "id,titleType,genres\ntt0000001,\"movie\",Drama\ntt0000002,\"short\",Drama\ntt0000003,tvMovie,\"Drama\"\n"
    #expect(try Self.result(text).films == ["tt0000001"])
    #expect(try Self.result(text, ["tvmovie"]).films == ["tt0000003"])
  }

  @Test("a source without a film of a requested type is refused with the types that it has")
  func none() {
    let text = Self.header + Self.row("tt0000001", "short") + Self.row("tt0000002", "tvSeries")
    let error = #expect(throws: SelectionError.self) { try Self.result(text) }
    #expect(
      error
        == .noRequestedType(rows: 2, types: ["short", "tvSeries"], requested: ["movie"]))
    for words in ["no row of the title type movie", "short, tvSeries", "\"titleTypes\"", "Rows read: 2"] {
      #expect(error?.description.contains(words) == true, "\(error.map { $0.description } ?? "")")
    }
  }

  @Test(
    "long runs of rows of other types are skipped in chunks of any size as if each were read",
    arguments: 1...30)
  func runs(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    // Columns in any order: the type may lie beyond the bytes that the quick look covers, or come first or last.
    let order = Bool.random(using: &random) ? [0, 1, 2, 3] : (0..<4).shuffled(using: &random)
    func line(_ fields: [String]) -> String { order.map { fields[$0] }.joined(separator: "\t") + "\n" }
    var text = line(["id", "titleType", "genres", "t"])
    var expected = ScanResult(films: [], rows: 0, distinct: 0, skipped: 0)
    for number in 0..<1_500 {
      let id = "tt\(String(1_000_000 + number))"
      let type = ["short", "tvEpisode", "movies", "mov", "movi\u{E9}"].randomElement(using: &random) ?? ""
      let isFilm = Int.random(in: 0..<30, using: &random) == 0
      let isDrama = Bool.random(using: &random)
      let title = String(repeating: "x", count: [0, 3, 30, 80].randomElement(using: &random) ?? 0)
      text += line([id, isFilm ? "movie" : type, isDrama ? "Drama" : "Comedy", title])
      expected.rows += 1
      expected.distinct += isFilm ? 1 : 0
      if isFilm, isDrama { expected.films.append(id) }
      if Int.random(in: 0..<40, using: &random) == 0 { text += "\n" }
    }
    text += line(["tt9999999", "movie", "Drama", ""])
    (expected.rows, expected.distinct) = (expected.rows + 1, expected.distinct + 1)
    expected.films.append("tt9999999")
    for size in [1, 3, 63, 64, 65, 127, 129, 1_000, 4_096, text.utf8.count] {
      #expect(try Self.result(text, size: size) == expected, "seed \(seed), chunks of \(size)")
    }
  }
}
