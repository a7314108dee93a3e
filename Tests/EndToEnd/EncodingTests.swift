import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite("The four encodings of data files") struct EncodingTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test(
      "despite a killed worker and hops, each film is in its file once; replays and a second run give the same bytes",
      arguments: FileEncoding.allCases.filter { $0.isCompressedLines || Soak.isEnabled })
    func encoding(encoding: FileEncoding) throws {
      let ending = encoding.ending
      let server = try fixture.startServer { $0.latency = .milliseconds(10) }
      defer { server.stop() }
      // About 120 films in two shards. A worker of 5 seconds fetches some 30 of them, so that hops end inside files.
      let (deployment, selection) = try fixture.deploy(
        "\(encoding.format)-\(encoding.compression)", server, films: 500,
        [
          "Shards": "2", "FilmsPerFile": "20", "LeaseSeconds": "3", "WorkerTimeout": "5",
          "Format": encoding.format,
          "Compression": encoding.compression,
        ])
      try fixture.cloud.aws(
        "lambda", "invoke", "--function-name", deployment.dispatcher, "--payload",
        #"{"run":"mortal","requestsPerSecond":30}"#, fixture.folder.path + "/answer")
      try CloudFixture.waitUntil("60 requests are sent") { server.requests().count >= 60 }
      let victim = try #require(try fixture.workers(of: deployment).first)
      kill(victim, SIGKILL)
      try deployment.wait(for: "\(deployment.prefix)/_runs/mortal/manifest.json")
      try deployment.expectAllFilms(selection)
      // A kill loses the films of one file and those in flight, a hop none.
      #expect(server.creditsRequests.values.reduce(0) { $0 + $1 - 1 } <= 20 + 64)
      let reports = try (0..<2).map {
        try deployment.json("\(deployment.prefix)/_runs/mortal/reports/T\($0).json")
      }
      #expect(reports.contains { ($0["hop"] as? Int ?? 0) > 0 })
      let files = try deployment.keys().filter { $0.contains("/Atores-T") }
      #expect(!files.isEmpty && files.allSatisfy { $0.hasSuffix(ending) && !$0.hasSuffix("." + ending) })
      let head = try fixture.cloud.aws(
        "s3api", "head-object", "--bucket", deployment.bucket, "--key", try #require(files.first), "--output",
        "json")
      #expect(
        head.contains("\"ContentType\": \"\(encoding.contentType)\"") && !head.contains("ContentEncoding"),
        "\(head)")
      #expect(try deployment.elenco("verify", "mortal").output.contains(": verified."))

      // Only the films of a deleted file are fetched again, and all of a shard's with "all".
      let etags = try deployment.etags()
      server.reset()
      let key = try #require(files.first { $0.contains("Atores-T1-2.") })
      try fixture.cloud.aws("s3api", "delete-object", "--bucket", deployment.bucket, "--key", key)
      #expect(try !deployment.elenco("verify", "mortal").output.contains(": verified."))
      let replay = #"{"run":"mortal","shard":1,"workers":1"#
      #expect(try deployment.invoke(deployment.worker, replay + "}")["state"] as? String == "complete")
      #expect((1...20).contains(server.creditsRequests.count))
      #expect(try deployment.etags() == etags)
      let all = selection.dropFirst((selection.count + 1) / 2).filter { Catalogue.credits(imdbID: $0) != nil }
      server.reset()
      let shard = try deployment.invoke(deployment.worker, replay + #","replay":"all"}"#)
      #expect(["complete", "continuing"].contains(shard["state"] as? String))
      // A hop in between leaves a file with a part of its films, which the next one completes.
      try CloudFixture.waitUntil("the replay has ended") {
        try server.creditsRequests.count == all.count && deployment.etags() == etags
      }
      #expect(server.creditsRequests.values.allSatisfy { $0 == 1 })
      #expect(try deployment.elenco("verify", "mortal").output.contains(": verified."))

      // Without hops and deaths, another run writes the same objects.
      let second = try deployment.run(
        "{\"requestsPerSecond\":0,\"destination\":{\"prefix\":\"\(deployment.prefix)/second\"}}")
      #expect(second.code == 0, "\(second.output)\(second.errors)")
      func hashes(_ folder: String) throws -> [String] {
        let run = try #require(
          try deployment.keys().first { $0.hasPrefix(folder + "/_runs/") && $0.hasSuffix("/manifest.json") })
        let listed = try #require(try deployment.json(run)["files"] as? [[String: Any]])
        return listed.compactMap { $0["sha256"] as? String }
      }
      #expect(try hashes(deployment.prefix + "/second") == hashes(deployment.prefix))
    }
  }
}

/// An encoding of data files, in the words of the template and of S3.
struct FileEncoding: Sendable, CustomTestStringConvertible {
  let format: String
  let compression: String
  let ending: String
  let contentType: String

  static let allCases = [
    FileEncoding(format: "object", compression: "none", ending: ".json", contentType: "application/json"),
    FileEncoding(format: "object", compression: "gzip", ending: ".json.gz", contentType: "application/gzip"),
    FileEncoding(format: "lines", compression: "none", ending: ".jsonl", contentType: "application/jsonl"),
    FileEncoding(format: "lines", compression: "gzip", ending: ".jsonl.gz", contentType: "application/gzip"),
  ]

  var isDefault: Bool { ending == ".json" }
  /// The encoding that differs most from the default. Simulated runs have all four, and `make soak` too.
  var isCompressedLines: Bool { ending == ".jsonl.gz" }
  var testDescription: String { "\(format), \(compression)" }
}
