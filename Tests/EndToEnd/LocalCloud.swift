import Foundation
import TestSupport
import Testing

/// All tests on a local cloud. They share one MiniStack and run one after the other, each with its own stack.
@Suite(
  "On a local cloud", .serialized, WithLocalCloud(),
  .enabled(if: LocalCloud.isReady, "these tests need the zips and the .venv that `make test` creates"))
enum OnLocalCloud {}

/// The AWS services on this machine, for the tests: a MiniStack that infra/local-cloud starts and stops.
final class LocalCloud: Sendable {
  @TaskLocal static var current: LocalCloud?

  let environment: [String: String]
  private let folder: String
  private static let root = SharedData.package.path

  /// Whether everything exists that these tests need and `make test` creates.
  static var isReady: Bool {
    [".venv/bin/aws", ".build/package/worker.zip", ".build/release/elenco", ".build/release/standin"]
      .allSatisfy {
        FileManager.default.fileExists(atPath: "\(root)/\($0)")
      }
  }

  init() throws {
    folder = "\(Self.root)/.local/test-\(getpid())"
    try ChildProcess.run(
      "\(Self.root)/.venv/bin/python", ["\(Self.root)/infra/local-cloud", "start", folder])
    // Sourced by a shell, as a user does it.
    var environment: [String: String] = [:]
    for line in try ChildProcess.run("/bin/bash", ["-c", ". \"$0\"; env", folder + "/aws.env"]).split(
      separator: "\n")
    {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      if parts.count == 2 { environment[parts[0]] = parts[1] }
    }
    self.environment = environment
  }

  func stop() {
    _ = try? ChildProcess.result(
      "\(Self.root)/.venv/bin/python", ["\(Self.root)/infra/local-cloud", "stop", folder])
    rmdir("\(Self.root)/.local")
  }

  /// Runs a program with the cloud's credentials and endpoint.
  func run(_ program: String, _ arguments: [String], input: String = "") throws -> ChildProcess.Result {
    try ChildProcess.result("/usr/bin/env", [program] + arguments, environment: environment, input: input)
  }

  /// Runs the AWS CLI and returns its output. Throws its error output if it fails.
  @discardableResult
  func aws(_ arguments: String...) throws -> String {
    try ChildProcess.run("/usr/bin/env", ["aws"] + arguments, environment: environment)
  }

  /// Deploys the template as a stack with this name, and uploads a movies.csv and a token.
  func deploy(
    _ stack: String, movies: String, token: String = "token", parameters: [String: String]
  ) throws -> Deployment {
    let settings = parameters.map { "\($0.key)=\($0.value)" }.sorted()
    try ChildProcess.run(
      "\(Self.root)/infra/deploy", [stack, "elenco-artifacts"] + settings,
      environment: environment)
    return try putInputs(stack, movies: movies, token: token)
  }

  /// Uploads a movies.csv and a token to an existing stack.
  func putInputs(_ stack: String, movies: String, token: String) throws -> Deployment {
    let names = try ChildProcess.run(
      "\(Self.root)/.venv/bin/python", ["\(Self.root)/infra/put-inputs", stack, movies],
      environment: environment,
      input: token)
    var outputs: [String: String] = [:]
    for line in names.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { outputs[parts[0]] = parts[1].trimmingCharacters(in: ["'"]) }
    }
    return try Deployment(cloud: self, outputs: outputs)
  }

  static func elenco() -> String { "\(root)/.build/release/elenco" }

  /// Generates a movies.csv with the stand-in and returns its path.
  static func movies(films: Int, in folder: TemporaryFolder) throws -> String {
    let path = folder.path + "/movies.csv"
    try ChildProcess.run("\(root)/.build/release/standin", ["movies", "--films", "\(films)", "--out", path])
    return path
  }

  /// Returns the ids that a run with the default genres selects, in order, as awk finds them.
  static func selection(of movies: String) throws -> [String] {
    let script = #"NR>1 && !seen[$1]++ && ($6=="Drama"||$6=="Romance"||$6=="Drama,Romance") {print $1}"#
    return try ChildProcess.run("/usr/bin/awk", ["-F|", script, movies]).split(separator: "\n").map(
      String.init)
  }
}

/// Starts a local cloud for a suite and stops it after the suite's last test.
struct WithLocalCloud: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let cloud = try LocalCloud()
    defer { cloud.stop() }
    try await LocalCloud.$current.withValue(cloud) { try await function() }
  }
}

/// A deployed stack, and the operations that a user performs on it.
struct Deployment {
  let cloud: LocalCloud
  let dispatcher: String
  let worker: String
  let bucket: String
  let prefix: String

  struct Incomplete: Error {}

  init(cloud: LocalCloud, outputs: [String: String]) throws {
    guard let dispatcher = outputs["dispatcher"], let worker = outputs["worker"],
      let bucket = outputs["bucket"],
      let prefix = outputs["prefix"]
    else { throw Incomplete() }
    (self.cloud, self.dispatcher, self.worker, self.bucket, self.prefix) = (
      cloud, dispatcher, worker, bucket, prefix
    )
  }

  /// Runs `aws lambda invoke` and returns the function's response or error.
  func invoke(_ function: String, _ payload: String) throws -> [String: Any] {
    let folder = try TemporaryFolder()
    try cloud.aws(
      "lambda", "invoke", "--function-name", function, "--cli-read-timeout", "120", "--payload", payload,
      folder.path + "/response.json")
    let bytes = try Data(contentsOf: URL(filePath: folder.path + "/response.json"))
    return try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:]
  }

  /// Runs `elenco run`, which ends when the run has ended.
  func run(_ event: String = "{}", extra: [String] = []) throws -> ChildProcess.Result {
    try cloud.run(LocalCloud.elenco(), ["run", "--function", dispatcher, "--event", event] + extra)
  }

  /// Returns every key of the bucket in order, except those below Raw/Local/.
  func keys() throws -> [String] {
    let text = try cloud.aws(
      "s3api", "list-objects-v2", "--bucket", bucket, "--query", "Contents[].Key", "--output", "json")
    let keys =
      try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed) as? [String]
    return (keys ?? []).filter { !$0.hasPrefix("Raw/Local/") }.sorted()
  }

  func object(_ key: String) throws -> Data {
    let folder = try TemporaryFolder()
    try cloud.aws("s3api", "get-object", "--bucket", bucket, "--key", key, folder.path + "/object")
    return try Data(contentsOf: URL(filePath: folder.path + "/object"))
  }

  func json(_ key: String) throws -> [String: Any] {
    try JSONSerialization.jsonObject(with: object(key)) as? [String: Any] ?? [:]
  }

  /// Returns the key and the ETag of every data file.
  func etags() throws -> String {
    try cloud.aws(
      "s3api", "list-objects-v2", "--bucket", bucket, "--query",
      "Contents[?contains(Key,'Atores-T')].[Key,ETag]",
      "--output", "text")
  }

  /// Downloads every data file with the AWS CLI, and decompresses those whose names end with `.gz`. The dictionary's
  /// keys are paths below the prefix.
  func dataFiles() throws -> [String: Data] {
    let folder = try TemporaryFolder()
    try cloud.aws("s3", "cp", "--quiet", "--recursive", "s3://\(bucket)/\(prefix)/", folder.path)
    var files: [String: Data] = [:]
    let names = FileManager.default.enumerator(atPath: folder.path)
    while let name = names?.nextObject() as? String {
      guard name.contains("/Atores-T") else { continue }
      files[name] = try DataFiles.content(ofFile: folder.path + "/" + name)
    }
    return files
  }

  /// Waits until the bucket has an object with this key.
  func wait(for key: String) throws {
    try CloudFixture.waitUntil("\(key) exists") { try keys().contains(key) }
  }
}
