import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// Runs against a server that is not TMDB, or that refuses requests for a while.
  @Suite("Unusual servers") struct ServerTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test("a base URL with a wrong path stops the run: no film is absent, and there is no _SUCCESS")
    func wrongPath() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, _) = try fixture.deploy(
        "path", server, films: 100, ["Shards": "2", "TmdbBaseUrl": server.baseURL + "/v4"])
      let result = try deployment.run()
      #expect(result.code == 1)
      #expect(result.output.contains("/v4 responded 404 Not Found to find for film tt"), "\(result.output)")
      #expect(result.output.contains("0 absent from TMDB, 0 failed"), "\(result.output)")
      #expect(try deployment.keys().allSatisfy { !$0.hasSuffix("_SUCCESS") && !$0.contains("/Atores-T") })
      let manifest = try deployment.json(
        try #require(try deployment.keys().first { $0.hasSuffix("/manifest.json") }))
      #expect((manifest["absent"] as? [String])?.isEmpty == true && manifest["isComplete"] as? Bool == false)
      #expect((manifest["stopped"] as? [Any])?.count == 2)
    }

    @Test(
      "elenco run follows a stopped shard until Lambda's retry has completed the run, and says what it waits for"
    )
    func retried() throws {
      let server = try fixture.startServer { $0.failRules = [try FaultRule(parsing: "times=1 status=401")] }
      defer { server.stop() }
      // The token is stored as the console stores a key/value pair.
      let (deployment, selection) = try fixture.deploy(
        "retried", server, films: 100, token: #"{"token":"token"}"#, ["Shards": "1", "FilmsPerFile": "10"])
      // At this rate, the retry takes long enough for the stopped shard to be seen.
      let result = try deployment.run(
        #"{"requestsPerSecond":20}"#, extra: ["--out", fixture.folder.path + "/out"])
      #expect(result.code == 0, "\(result.output)\(result.errors)")
      #expect(result.output.contains(": complete\n"))
      #expect(result.errors.contains("shard 0 stopped: TMDB at \(server.baseURL) refused the token"))
      #expect(result.errors.contains("Lambda invokes the worker again after 1 minute"))
      try deployment.expectAllFilms(selection)
      let downloaded = try ChildProcess.run(
        "/usr/bin/find", [fixture.folder.path + "/out", "-name", "_SUCCESS"])
      #expect(downloaded.contains("_SUCCESS"))
    }
  }
}
