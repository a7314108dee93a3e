import Foundation
import TestSupport
import Testing

@Suite(
  "The version",
  .enabled(if: LocalCloud.isReady, "these tests need the zips and the .venv that `make test` creates"))
struct VersionTests {
  private let root = SharedData.package.path

  /// The newest version of CHANGELOG.md that is released.
  private func released() throws -> String {
    let changes = try String(contentsOfFile: "\(root)/CHANGELOG.md", encoding: .utf8)
    return String(try #require(changes.firstMatch(of: #/\n## \[(\d[^\]]*)\]/#)).1)
  }

  @Test("elenco --version prints one line: the newest release of the changelog, and the linked libraries")
  func commandLine() throws {
    let output = try ChildProcess.run(LocalCloud.elenco(), ["--version"])
    let server = try InstalledVersions.version(of: "libmicrohttpd")
    #expect(
      output
        == "elenco \(try released()) (\(try InstalledVersions.line()), libmicrohttpd \(server))\n")
  }

  @Test(
    "the first log line of an invocation names the version and the linked libraries",
    arguments: ["dispatcher", "worker"])
  func log(function: String) throws {
    let folder = try TemporaryFolder()
    let zip = "\(root)/.build/package/\(function).zip"
    // Another process unpacks it, as in EmptyRoot.
    try ChildProcess.run("/usr/bin/env", ["python3", "-m", "zipfile", "-e", zip, folder.path])
    #expect(chmod(folder.path + "/bootstrap", 0o755) == 0)
    let runtime = try FakeRuntime(event: #"{"unknown":1}"#, seconds: 60)
    defer { runtime.stop() }
    let log = folder.path + "/log"
    let process = try ChildProcess(
      folder.path + "/bootstrap", [],
      environment: [
        "AWS_LAMBDA_RUNTIME_API": runtime.address, "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1", "ELENCO_BUCKET": "lake",
        "ELENCO_SOURCE_KEY": "movies.csv", "ELENCO_WORKER_FUNCTION": "elenco-worker", "TMDB_TOKEN": "token",
      ], output: log)
    defer { process.send(SIGKILL) }
    // The function refuses the event, after it has written the line.
    #expect(try runtime.response().path.hasSuffix("/error"))

    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    let first = try JSONSerialization.jsonObject(with: Data(try #require(lines.first).utf8)) as? [String: Any]
    #expect(first?["message"] as? String == "invocation started")
    #expect(first?["version"] as? String == (try released()))
    #expect(first?["libraries"] as? String == (try InstalledVersions.line()))
  }
}
