@testable import Shared
@testable import Worker

extension FuzzTarget {
  /// TMDB's response to find. Foundation's JSON decoder must find the same film.
  static let find = FuzzTarget(name: "find") { body in
    let found = Result { try body.withUnsafeBytes { try FindResponse.movieID(in: $0) } }
    if case .failure(let error) = found { try require(!"\(error)".isEmpty, "an error without a sentence") }
    // Refuses duplicate members, of which readers take different ones.
    guard case .object(let members)? = try? JSONValue.event(body) else { return }
    guard case .array(let films)? = members["movie_results"] else {
      return try require((try? found.get()) == nil, "a film without movie_results")
    }
    let expected: Int? =
      if case .object(let film)? = films.first, case .integer(let id)? = film["id"], id > 0 { id } else {
        nil
      }
    guard let id = try? found.get() else { return }
    try require(id == expected, "found \(id), but the JSON has \(String(describing: expected))")
  }

  /// A page of TMDB's list of changes. Foundation's JSON decoder must find the same ids.
  static let changes = FuzzTarget(name: "changes") { body in
    let read = Result { try body.withUnsafeBytes { try ChangesResponse($0, page: 1) } }
    guard case .success(let page) = read else {
      if case .failure(let error) = read { try require(!"\(error)".isEmpty, "an error without a sentence") }
      return
    }
    // Refuses duplicate members, of which readers take different ones; the required ones are refused by both.
    guard case .object(let members)? = try? JSONValue.event(body) else { return }
    guard case .array(let entries)? = members["results"], members["page"] == .integer(1) else {
      throw FuzzFailure("a page without results, or another page")
    }
    let ids = entries.compactMap { entry -> Int? in
      if case .object(let entry) = entry, case .integer(let id)? = entry["id"] { id } else { nil }
    }
    try require(page.films == ids, "found \(page.films), but the JSON has \(ids)")
    try require(ids.allSatisfy { $0 > 0 }, "an id that is not positive")
    try require(members["total_pages"] == .integer(page.totalPages), "\(page.totalPages) pages")
    try require(members["total_results"] == .integer(page.totalEntries), "\(page.totalEntries) entries")
  }

  /// TMDB's response to credits. What is accepted must come back from a data file of every encoding as it was.
  static let credits = FuzzTarget(name: "credits") { body in
    let check = { (id: Int?) in try body.withUnsafeBytes { try CreditsResponse.check($0, expectedID: id) } }
    do { try check(nil) } catch { return try require(!"\(error)".isEmpty, "an error without a sentence") }
    // The body cannot be for two films.
    try require((try? check(1)) == nil || (try? check(2)) == nil, "accepted for two films")
    for encoding in DataFileEncoding.allCases { try checkRoundTrip(of: body, encoding) }
  }

  private static func checkRoundTrip(of response: [UInt8], _ encoding: DataFileEncoding) throws {
    let ids = ["tt0000009", "tt0133093", "tt12345678"]
    let file = file(ids.map { ($0, response) }, encoding)
    let found = try DataFileIndex.filmIDs(in: file, encoding)
    try require(found == ids, "\(encoding.ending) has the films \(found)")
    let responses = try DataFileIndex.responses(in: file, encoding)
    for id in ids {
      guard let read = responses[id] else { throw FuzzFailure("\(encoding.ending) has no response of \(id)") }
      // A line leaves out the space before the brace and has spaces for line breaks.
      if encoding.format == .object { try require(read == response, "the response came back changed") }
      try read.withUnsafeBytes { try CreditsResponse.check($0, expectedID: nil) }
    }
    let again = Self.file(ids.map { ($0, responses[$0] ?? []) }, encoding)
    try require(again == file, "\(encoding.ending): the responses that were read give another file")
  }

  /// Data files, as checkpoint, replay and verify read them. The first byte chooses the encoding.
  static let dataFiles = FuzzTarget(name: "data-files") { input in
    var reader = InputReader(input)
    let encoding = DataFileEncoding.allCases[reader.choice(of: DataFileEncoding.allCases.count)]
    let responses: [String: [UInt8]]
    do { responses = try DataFileIndex.responses(in: reader.bytes, encoding) } catch let error
      as DataFileError
    {
      let ids = try? DataFileIndex.filmIDs(in: reader.bytes, encoding)
      try require(ids == nil, "the film ids of an unreadable file can be read")
      return try require(!error.reason.isEmpty, "an error without a sentence")
    }
    let ids = try DataFileIndex.filmIDs(in: reader.bytes, encoding)
    try require(Set(ids) == Set(responses.keys), "ids and responses differ")
    guard ids.allSatisfy(FilmID.isValid), Set(ids).count == ids.count else { return }
    let isObject = responses.values.allSatisfy { response in
      response.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
    }
    // Elenco writes files of objects only.
    guard isObject else { return }
    for encoding in DataFileEncoding.allCases {
      let file = file(ids.map { ($0, responses[$0] ?? []) }, encoding)
      let again = try DataFileIndex.filmIDs(in: file, encoding)
      try require(again == ids, "the films come back from \(encoding.ending) as \(again)")
    }
  }

  /// The content of a data file.
  private static func file(_ films: [(id: String, response: [UInt8])], _ encoding: DataFileEncoding)
    -> [UInt8]
  {
    var encoder = DataFileEncoder(encoding)
    for film in films { encoder.append(film.response, of: film.id) }
    return encoder.finish().body.pieces.flatMap { $0 }
  }

  /// Statuses, Retry-After, redirects and error bodies of TMDB.
  static let waits = FuzzTarget(name: "waits") { input in
    let now = UnixTime(seconds: 1_795_489_200)
    let response = HTTPResponse(input: input)
    if let wait = RetryAfter.wait(in: response, now: now) {
      try require(wait >= .zero && wait <= RetryAfter.waitMax, "a wait of \(wait)")
    }
    let outcome = TMDBOutcome(response, now: now)
    if case .refused(let refusal) = outcome {
      try require(!refusal.reason.isEmpty, "a refusal without a reason")
    }
    if case .rejected(let reason) = outcome {
      try require(!reason.utf8.contains { $0 < 0x20 }, "a reason with control characters")
    }
  }

  /// The metadata of data files: header lines.
  static let metadata = FuzzTarget(name: "metadata") { input in
    let response = HTTPResponse(input: input)
    guard let metadata = DataFileMetadata({ response.header($0) }) else { return }
    let fields = Dictionary(uniqueKeysWithValues: metadata.fields.map { ($0.name, $0.value) })
    try require(DataFileMetadata { fields[$0] } == metadata, "the metadata changes when it is written again")
  }
}
