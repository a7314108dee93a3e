/// One shard's part of a run's index: for each of its films the TMDB id, the data file that contains it, and the day on
/// which TMDB gave the response. `_runs/{run}/index/T{shard}.csv`, written before the shard's report.
///
/// The next run reads the index to find out what it can keep. It is only a record of the data files: without it, the
/// next run reads the data files themselves.
package enum RunIndex {
  package struct Film: Equatable, Sendable {
    /// The IMDb id.
    package let id: String
    /// Nil if the run has no credits of the film, because it was absent from TMDB or failed.
    package let credits: Credits?

    package init(id: String, credits: Credits?) {
      self.id = id
      self.credits = credits
    }
  }

  /// Where a film's credits are.
  package struct Credits: Equatable, Sendable {
    package let tmdbID: Int
    /// The number of the shard's data file, from 1.
    package let file: Int
    /// When TMDB gave the response: the date of the run that fetched it.
    package let fetchedOn: UnixDay

    package init(tmdbID: Int, file: Int, fetchedOn: UnixDay) {
      self.tmdbID = tmdbID
      self.file = file
      self.fetchedOn = fetchedOn
    }
  }

  private static let header = "id,tmdb_id,file,fetched"

  /// CSV with a header and one row per film: `tt0000009,2341,1,2026-11-24`, or `tt0000009,,,` without credits.
  package static func encode(_ films: some Sequence<Film>) -> [UInt8] {
    var text = Array((header + "\n").utf8)
    for film in films {
      text.append(contentsOf: film.id.utf8)
      if let credits = film.credits {
        text.append(contentsOf: ",\(credits.tmdbID),\(credits.file),\(credits.fetchedOn.iso8601)\n".utf8)
      } else {
        text.append(contentsOf: ",,,\n".utf8)
      }
    }
    return text
  }

  /// Reads what `encode` wrote, one film after the other.
  /// - Throws: `RunIndexError`, which names the line.
  package static func parse(_ text: [UInt8], _ body: (Film) -> Void) throws(RunIndexError) {
    guard text.last == UInt8(ascii: "\n") else {
      throw RunIndexError(line: 1, reason: "it does not end with a line break")
    }
    var days: [ArraySlice<UInt8>: UnixDay] = [:]
    var number = 0
    for line in text.dropLast().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      if number == 1 {
        guard line.elementsEqual(header.utf8) else {
          throw RunIndexError(line: 1, reason: "it is not the header \(header)")
        }
        continue
      }
      body(try film(line, number, &days))
    }
  }

  private static func film(
    _ line: ArraySlice<UInt8>, _ number: Int, _ days: inout [ArraySlice<UInt8>: UnixDay]
  ) throws(RunIndexError) -> Film {
    let fields = line.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
    guard fields.count == 4, FilmID.isValid(String(decoding: fields[0], as: UTF8.self)) else {
      throw RunIndexError(line: number, reason: "it does not have an IMDb id and three other fields")
    }
    let id = String(decoding: fields[0], as: UTF8.self)
    if fields[1...].allSatisfy(\.isEmpty) { return Film(id: id, credits: nil) }
    // The days of an index are few, and parsing one takes longer than the rest of the line.
    let day = days[fields[3]] ?? UnixDay(iso8601: String(decoding: fields[3], as: UTF8.self))
    guard let tmdbID = integer(fields[1]), let file = integer(fields[2]), let day else {
      throw RunIndexError(line: number, reason: "it has a TMDB id, file number or date that cannot be read")
    }
    days[fields[3]] = day
    return Film(id: id, credits: Credits(tmdbID: tmdbID, file: file, fetchedOn: day))
  }

  /// A positive number of at most 10 digits.
  private static func integer(_ digits: ArraySlice<UInt8>) -> Int? {
    guard (1...10).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }) else { return nil }
    let value = digits.reduce(0) { $0 * 10 + Int($1 - 48) }
    return value > 0 ? value : nil
  }
}

/// An index cannot be read. The run that needs it reads the data files instead.
package struct RunIndexError: Error, Equatable, CustomStringConvertible {
  /// From 1.
  package let line: Int
  package let reason: String

  package var description: String { "line \(line) cannot be read: \(reason)" }
}
