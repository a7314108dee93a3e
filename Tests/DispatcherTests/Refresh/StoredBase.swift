import Foundation

@testable import Dispatcher
@testable import Shared
@testable import StandIn

/// A completed run in a store, as its workers leave it: data files, index, manifest, and `_latest.json`. Written here
/// with Foundation's JSON, not with the code under test.
struct StoredBase {
  static let prefix = "Raw"

  var run = "base"
  var date = "2026-11-20"
  /// IMDb ids per file, per shard.
  var shards: [[[String]]] = []
  /// Films that TMDB did not have.
  var absent: Set<String> = []
  /// Ages in days at the date of the run, where they are not 0.
  var ages: [String: Int] = [:]
  var isComplete = true
  var cancelledAt: String?
  var isLatest = true
  var ending = ".json"

  /// - Parameter films: divided evenly, in order.
  init(films: [String], shards: Int, filmsPerFile: Int) {
    let size = (films.count + shards - 1) / shards
    self.shards = stride(from: 0, to: films.count, by: size).map { start in
      let shard = Array(films[start..<min(start + size, films.count)])
      return stride(from: 0, to: shard.count, by: filmsPerFile).map {
        Array(shard[$0..<min($0 + filmsPerFile, shard.count)])
      }
    }
  }

  static func tmdbID(_ id: String) -> Int { FilmNumber(imdbID: id)?.tmdbID ?? -1 }

  var folder: String { "\(Self.prefix)/\(date.replacingOccurrences(of: "-", with: "/"))/" }

  func key(_ shard: Int, _ file: Int) -> String { "\(folder)Atores-T\(shard)-\(file)\(ending)" }

  func content(_ shard: Int, _ file: Int) -> [UInt8] {
    let films = shards[shard][file - 1].filter { !absent.contains($0) }
    let members = films.map { id -> String in
      let response = #""cast":[],"crew":[],"id":\#(Self.tmdbID(id))}"#
      return ending == ".jsonl" ? #"{"imdb_id":"\#(id)",\#(response)\#n"# : #""\#(id)":{\#(response)"#
    }
    return Array((ending == ".jsonl" ? members.joined() : "{\(members.joined(separator: ","))}").utf8)
  }

  func index(_ shard: Int) -> String {
    let day = (try? Date("\(date)T00:00:00Z", strategy: .iso8601)) ?? Date()
    var text = "id,tmdb_id,file,fetched\n"
    for (file, films) in shards[shard].enumerated() {
      for id in films {
        let fetched = day.addingTimeInterval(-86_400 * Double(ages[id] ?? 0)).formatted(.iso8601).prefix(10)
        text += absent.contains(id) ? "\(id),,,\n" : "\(id),\(Self.tmdbID(id)),\(file + 1),\(fetched)\n"
      }
    }
    return text
  }

  func store(in store: MemoryStore) throws {
    var files: [[String: Any]] = []
    for shard in shards.indices {
      for file in 1...shards[shard].count {
        let content = content(shard, file)
        store[key(shard, file)] = content
        files.append([
          "key": key(shard, file), "films": shards[shard][file - 1].count, "bytes": content.count,
          "sha256": SHA256.hex(of: content), "isComplete": true,
        ])
      }
      store["\(Self.prefix)/_runs/\(run)/index/T\(shard).csv"] = Array(index(shard).utf8)
    }
    var manifest: [String: Any] = [
      "run": run, "date": date, "destination": ["bucket": "lake", "prefix": Self.prefix],
      "isComplete": isComplete,
      "shards": shards.count, "films": shards.joined().joined().count, "filmsWritten": 0, "bytes": 0,
      "requests": 0,
      "throttled": 0, "absent": absent.sorted(), "failed": [String](), "stopped": [String](), "files": files,
    ]
    manifest["cancelledAt"] = cancelledAt
    store["\(Self.prefix)/_runs/\(run)/manifest.json"] = Array(
      try JSONSerialization.data(withJSONObject: manifest))
    guard isLatest else { return }
    let latest = ["run": run, "date": date, "completedAt": "\(date)T04:00:00.000Z"]
    store["\(Self.prefix)/_runs/_latest.json"] = Array(try JSONSerialization.data(withJSONObject: latest))
  }
}
