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
      "59,004 films in 60 shards and 600 files: each once, in order, and byte for byte as the server sent it",
      arguments: FileEncoding.allCases.filter { $0.isDefault || Soak.isEnabled })
    func fullSize(encoding: FileEncoding) throws {
      let folder = try TemporaryFolder()
      let (cloud, data) = (try #require(LocalCloud.current), try #require(SharedData.folder))
      let movies = data.appending(path: "movies/movies-reconstructed.csv.gz").path
      let server = try ReleaseStandIn(in: folder)
      defer { server.stop() }
      let deployment = try cloud.deploy(
        "full-\(encoding.format)-\(encoding.compression)", movies: movies,
        parameters: [
          "TmdbBaseUrl": server.url, "RequestsPerSecond": "0",
          "SourceKey": "Raw/Local/CSV/Movies/movies.csv.gz", "Format": encoding.format,
          "Compression": encoding.compression,
        ])
      let result = try deployment.run("{}", extra: ["--out", folder.path + "/out"])
      #expect(result.code == 0, "\(result.output)\(result.errors)")

      let script = #"NR>1 && !seen[$1]++ && ($6=="Drama"||$6=="Romance"||$6=="Drama,Romance") {print $1}"#
      let selection = try ChildProcess.run(
        "/bin/sh", ["-c", "gzip -dc \"$0\" | awk -F'|' '\(script)'", movies]
      )
      .split(separator: "\n").map(String.init)
      #expect(selection.count == 59_004)
      let files = try Self.decompressedFiles(in: folder.path + "/out", encoding)
      #expect(files.count == 600)

      // Each line has one film, whose id is the first quoted string, or the second one behind "imdb_id".
      let column = encoding.format == "lines" ? 4 : 2
      let ids = try ChildProcess.run("/usr/bin/awk", ["-F\"", "NF > 1 {print $\(column)}"] + files).split(
        separator: "\n"
      ).map(String.init)
      let expected = selection.filter { if case .film = Catalogue.entry(imdbID: $0) { true } else { false } }
      #expect(ids == expected)
      for file in files { try Self.expectFirstFilm(ofFile: file, encoding) }

      // 24 shards of 984 films and 36 of 983.
      let keys = try deployment.keys()
      let manifestKey = try #require(keys.first { $0.hasSuffix("/manifest.json") })
      #expect(try deployment.json(manifestKey)["films"] as? Int == 59_004)
      let sizes = try [0, 23, 24, 59].map { shard in
        try deployment.json(try #require(keys.first { $0.hasSuffix("shards/T\(shard).json") }))["films"]
          as? [String]
      }
      #expect(sizes.map { $0?.count } == [984, 984, 983, 983])
      let run = try #require(manifestKey.split(separator: "/").dropLast().last)
      #expect(try deployment.elenco("verify", String(run)).output.contains(": verified."))
      // MiniStack keeps its objects in memory.
      try cloud.aws("s3", "rm", "--quiet", "--recursive", "s3://\(deployment.bucket)/\(deployment.prefix)/")
    }

    /// The paths of a run's data files, decompressed by gzip, in the order of shards and files.
    private static func decompressedFiles(in folder: String, _ encoding: FileEncoding) throws -> [String] {
      let pattern = "Atores-T*"
      if encoding.compression == "gzip" {
        try ChildProcess.run("/usr/bin/find", [folder, "-name", pattern, "-exec", "gzip", "-d", "{}", "+"])
      }
      func position(_ path: Substring) -> [Int] {
        path.split(separator: "/").last?.split { !$0.isNumber }.compactMap { Int($0) } ?? []
      }
      let paths = try ChildProcess.run("/usr/bin/find", [folder, "-name", pattern]).split(separator: "\n")
      return paths.sorted { position($0).lexicographicallyPrecedes(position($1)) }.map(String.init)
    }

    /// Expects that the first film of a file is the same as the server sent it, byte for byte.
    private static func expectFirstFilm(ofFile path: String, _ encoding: FileEncoding) throws {
      let bytes = try Data(contentsOf: URL(filePath: path))
      let line = try #require(bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 1).first)
      let start = encoding.format == "lines" ? "{\"imdb_id\":\"" : "{\""
      let id = String(
        decoding: line.dropFirst(start.utf8.count).prefix { $0 != UInt8(ascii: "\"") }, as: UTF8.self)
      let response = Catalogue.credits(imdbID: id) ?? []
      let expected =
        encoding.format == "lines"
        ? Array("\(start)\(id)\",".utf8) + response.dropFirst()
        : Array("\(start)\(id)\":".utf8) + response + [0x2C]
      #expect(line.elementsEqual(expected), "\(path)")
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
