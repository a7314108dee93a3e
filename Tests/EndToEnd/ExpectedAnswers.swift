import Foundation
import StandIn

/// The answers to the questions of docs/queries.md, computed from the stand-in's catalogue.
///
/// Every value is a string. Text is ordered by its UTF-8 bytes, as the tools order it.
struct ExpectedAnswers: Codable, Equatable {
  let actors: [[String]]
  let films: [[String]]
  let pairs: [[String]]
  let empty: [[String]]
  let people: [[String]]

  private struct Person: Decodable {
    let id: Int
    let name: String
    let order: Int?
    let character: String?
    let job: String?

    var role: String { character ?? job ?? "" }
  }

  private struct Credits: Decodable {
    let id: Int
    let cast: [Person]
    let crew: [Person]
  }

  private static let rowsMax = 20
  private static let leadsMax = 10

  /// - Parameter selection: the IMDb ids of the run. Absent films are left out. The question about a person's films is
  ///   about the most frequent actor.
  init(_ selection: [String]) throws {
    let decoder = JSONDecoder()
    let credits = try selection.compactMap { id in
      try Catalogue.credits(imdbID: id).map { (film: id, try decoder.decode(Credits.self, from: Data($0))) }
    }

    var filmsOfActor: [Int: Set<String>] = [:]
    var names: [Int: Set<String>] = [:]
    var filmsOfPair: [[Int]: Int] = [:]
    for (film, credits) in credits {
      for actor in credits.cast {
        filmsOfActor[actor.id, default: []].insert(film)
        names[actor.id, default: []].insert(actor.name)
      }
      let leads = Set(credits.cast.filter { $0.order ?? 0 < Self.leadsMax }.map(\.id)).sorted()
      for (index, first) in leads.enumerated() {
        for second in leads[(index + 1)...] { filmsOfPair[[first, second], default: 0] += 1 }
      }
    }
    func name(_ id: Int) -> String { names[id]?.min(by: Self.precedes) ?? "" }

    let frequent = filmsOfActor.mapValues(\.count).sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    actors = frequent.prefix(Self.rowsMax).map { ["\($0.key)", name($0.key), "\($0.value)"] }
    let together = filmsOfPair.sorted {
      ($1.value, $0.key[0], $0.key[1]) < ($0.value, $1.key[0], $1.key[1])
    }
    pairs = together.prefix(Self.rowsMax).map { pair, count in
      pair.map { "\($0)" } + pair.map(name) + ["\(count)"]
    }

    let rows = credits.flatMap { film, credits in
      credits.cast.map { [film, "cast", "\($0.id)", $0.name, $0.role] }
        + credits.crew.map { [film, "crew", "\($0.id)", $0.name, $0.role] }
    }
    people = rows.sorted { Self.rowPrecedes($0, $1, number: 2) }
    films = rows.filter { [person = actors.first?[1]] in $0[3] == person }.map { [$0[0], $0[2], $0[4]] }
      .sorted { Self.rowPrecedes($0, $1, number: 1) }
    empty = credits.filter { $0.1.cast.isEmpty }
      .map { [$0.film, "\($0.1.id)", "\($0.1.crew.count)"] }
      .sorted { Self.precedes($0[0], $1[0]) }
  }

  /// The number of times that each name is in a cast.
  var namesInCasts: [String: Int] {
    Dictionary(people.filter { $0[1] == "cast" }.map { ($0[3], 1) }) { $0 + $1 }
  }

  private static func precedes(_ first: String, _ second: String) -> Bool {
    first.utf8.lexicographicallyPrecedes(second.utf8)
  }

  /// Compares two rows value by value; the value at index `number` as a number.
  private static func rowPrecedes(_ first: [String], _ second: [String], number: Int) -> Bool {
    for (index, (left, right)) in zip(first, second).enumerated() where left != right {
      return index == number ? Int(left) ?? 0 < Int(right) ?? 0 : precedes(left, right)
    }
    return false
  }
}
