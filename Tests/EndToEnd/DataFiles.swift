import Foundation
import Testing

/// Reads data files in a way of its own: by lines, since a film stands on each.
enum DataFiles {
  /// Id and raw answer of each film, in order.
  static func films(_ file: Data) throws -> [(id: String, answer: Data)] {
    let object = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
    let text = Array(file)
    guard object.count > 0 else { return [] }
    var films: [(String, Data)] = []
    for line in text.dropLast(2).split(separator: UInt8(ascii: "\n")) {
      // {"tt0000001":… or "tt0000001":…, with a comma behind all but the last
      let start = try #require(line.firstIndex(of: UInt8(ascii: "\"")))
      let end = try #require(line[(start + 1)...].firstIndex(of: UInt8(ascii: "\"")))
      let id = String(decoding: line[(start + 1)..<end], as: UTF8.self)
      let rest = line[(end + 2)...]
      films.append((id, Data(rest.last == UInt8(ascii: ",") ? rest.dropLast() : rest)))
    }
    #expect(films.count == object.count)
    return films
  }

  /// The films of a run's files, shard by shard and file by file.
  static func union(_ files: [String: Data]) throws -> [(id: String, answer: Data)] {
    func place(_ name: String) -> [Int] {
      name.split { !$0.isNumber }.suffix(2).compactMap { Int($0) }
    }
    return try files.sorted { place($0.key).lexicographicallyPrecedes(place($1.key)) }.flatMap {
      try films($0.value)
    }
  }
}
