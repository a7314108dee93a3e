import Foundation
import TestSupport
import Testing

/// Reads data files without Elenco's own code: line by line, because each line has one film.
enum DataFiles {
  /// The file's bytes, decompressed by gzip if its name ends with `.gz`.
  static func content(ofFile path: String) throws -> Data {
    guard path.hasSuffix(".gz") else { return try Data(contentsOf: URL(filePath: path)) }
    let text = try ChildProcess.run("/bin/gzip", ["-dc", path])
    return Data(text.utf8)
  }

  /// Returns the id and the raw response of each film, in order.
  /// - Parameter name: the file's name, whose ending tells the format.
  static func films(_ file: Data, name: String) throws -> [(id: String, response: Data)] {
    name.contains(".jsonl") ? try filmsOfLines(file) : try filmsOfObject(file)
  }

  private static func filmsOfLines(_ file: Data) throws -> [(id: String, response: Data)] {
    #expect(file.isEmpty || file.last == UInt8(ascii: "\n"))
    return try file.split(separator: UInt8(ascii: "\n")).map { line in
      let object = try #require(try JSONSerialization.jsonObject(with: line) as? [String: Any])
      let id = try #require(object["imdb_id"] as? String)
      let start = Data(#"{"imdb_id":"\#(id)","#.utf8)
      #expect(line.starts(with: start))
      return (id, Data("{".utf8) + line.dropFirst(start.count))
    }
  }

  private static func filmsOfObject(_ file: Data) throws -> [(id: String, response: Data)] {
    let object = try #require(try JSONSerialization.jsonObject(with: file) as? [String: Any])
    let text = Array(file)
    guard object.count > 0 else { return [] }
    var films: [(String, Data)] = []
    for line in text.dropLast(2).split(separator: UInt8(ascii: "\n")) {
      // {"tt0000001":… or "tt0000001":…, with a comma after all but the last
      let start = try #require(line.firstIndex(of: UInt8(ascii: "\"")))
      let end = try #require(line[(start + 1)...].firstIndex(of: UInt8(ascii: "\"")))
      let id = String(decoding: line[(start + 1)..<end], as: UTF8.self)
      let rest = line[(end + 2)...]
      films.append((id, Data(rest.last == UInt8(ascii: ",") ? rest.dropLast() : rest)))
    }
    #expect(films.count == object.count)
    return films
  }

  /// Returns the films of all of a run's files, ordered by shard and then by file number.
  static func union(_ files: [String: Data]) throws -> [(id: String, response: Data)] {
    func position(_ name: String) -> [Int] {
      name.split { !$0.isNumber }.suffix(2).compactMap { Int($0) }
    }
    return try files.sorted { position($0.key).lexicographicallyPrecedes(position($1.key)) }.flatMap {
      try films($0.value, name: $0.key)
    }
  }
}
