import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite(
    "The main job at its real size",
    .enabled(if: SharedData.has("movies/movies-reconstructed.csv.gz"), "\(SharedData.missing)"))
  struct FullSizeTests {
    @Test(
      "59,004 films in 60 shards and 600 files: each once, in order, and byte for byte as the server sent it")
    func fullSize() throws {
      let folder = try TemporaryFolder()
      let (cloud, data) = (try #require(LocalCloud.current), try #require(SharedData.folder))
      let movies = data.appending(path: "movies/movies-reconstructed.csv.gz").path
      let server = try ReleaseStandIn(in: folder)
      defer { server.stop() }
      let deployment = try cloud.deploy(
        "full", movies: movies,
        parameters: [
          "TmdbBaseUrl": server.url, "RequestsPerSecond": "0",
          "SourceKey": "Raw/Local/CSV/Movies/movies.csv.gz",
        ])
      let result = try deployment.run("{}", extra: ["--out", folder.path + "/out"])
      #expect(result.code == 0, "\(result.output)\(result.errors)")

      let script = #"NR>1 && !seen[$1]++ && ($6=="Drama"||$6=="Romance"||$6=="Drama,Romance") {print $1}"#
      let selection = try ChildProcess.run(
        "/bin/sh", ["-c", "gzip -dc \"$0\" | awk -F'|' '\(script)'", movies]
      )
      .split(separator: "\n").map(String.init)
      #expect(selection.count == 59_004)
      let names = try ChildProcess.run("/usr/bin/find", [folder.path + "/out", "-name", "Atores-T*.json"])
        .split(separator: "\n")
      #expect(names.count == 600)
      func position(_ name: Substring) -> [Int] {
        name.split { !$0.isNumber }.suffix(2).compactMap { Int($0) }
      }
      let files = names.sorted { position($0).lexicographicallyPrecedes(position($1)) }.map(String.init)

      // Each line has one film, whose id is the first quoted string.
      let ids = try ChildProcess.run("/usr/bin/awk", ["-F\"", "NF > 1 {print $2}"] + files).split(
        separator: "\n"
      ).map(String.init)
      let expected = selection.filter { if case .film = Catalogue.entry(imdbID: $0) { true } else { false } }
      #expect(ids == expected)

      // The first film of each file is the same, byte for byte.
      for file in files {
        let bytes = try Data(contentsOf: URL(filePath: file))
        let first = try #require(bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1).first)
        let id = String(decoding: first.dropFirst(2).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
        let expected = Array("{\"\(id)\":".utf8) + (Catalogue.credits(imdbID: id) ?? []) + Array(",".utf8)
        #expect(first.elementsEqual(expected), "\(file)")
      }
      // 24 shards of 984 films and 36 of 983.
      let report = try deployment.json(
        try #require(try deployment.keys().first { $0.hasSuffix("/manifest.json") }))
      #expect(report["films"] as? Int == 59_004)
      let sizes = try [0, 23, 24, 59].map { shard in
        try deployment.json(
          try #require(try deployment.keys().first { $0.hasSuffix("shards/T\(shard).json") }))["films"]
          as? [String]
      }
      #expect(sizes.map { $0?.count } == [984, 984, 983, 983])
    }
  }
}

/// The stand-in's release build in its own process. The tests' own build is too slow for 118,000 requests.
final class ReleaseStandIn: Sendable {
  let url: String
  private let process: ChildProcess

  init(in folder: TemporaryFolder, arguments: [String] = []) throws {
    let output = folder.path + "/standin.out"
    process = try ChildProcess(
      SharedData.package.path + "/.build/release/standin", ["--port", "0"] + arguments, output: output)
    for _ in 0..<1000 {
      let text = try String(contentsOfFile: output, encoding: .utf8)
      if let line = text.split(separator: "\n").first(where: { $0.hasPrefix("listening on ") }),
        text.hasSuffix("\n")
      {
        url = String(line.dropFirst("listening on ".count))
        return
      }
      usleep(10_000)
    }
    throw ChildProcess.Failed(description: "the stand-in did not start")
  }

  func stop() { process.terminate() }
}
