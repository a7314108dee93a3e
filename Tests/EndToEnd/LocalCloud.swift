import Foundation
import TestSupport
import Testing

/// Everything that is tested on a local cloud: one MiniStack, one test after the other, each with a stack of its own.
@Suite(
  "On a local cloud", .serialized, WithLocalCloud(),
  .enabled(if: LocalCloud.isReady, "make test builds the zips and makes .venv, which these tests need"))
enum OnLocalCloud {}

/// AWS on this machine for the tests.
final class LocalCloud: Sendable {
  @TaskLocal static var current: LocalCloud?

  let environment: [String: String]
  private let folder: String
  private static let root = SharedData.package.path

  /// What the tests need and `make test` brings.
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
    // As a user takes it in.
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

  /// Runs the ordinary AWS CLI; a failure is an error with its words.
  @discardableResult
  func aws(_ arguments: String...) throws -> String {
    try ChildProcess.run("/usr/bin/env", ["aws"] + arguments, environment: environment)
  }

  /// Deploys the template under a name, with a movies.csv and a token.
  func deploy(
    _ stack: String, movies: String, token: String = "token", parameters: [String: String]
  ) throws -> Deployment {
    let settings = parameters.map { "\($0.key)=\($0.value)" }.sorted()
    try ChildProcess.run(
      "\(Self.root)/infra/deploy", [stack, "elenco-artifacts"] + settings,
      environment: environment)
    return try putInputs(stack, movies: movies, token: token)
  }

  /// Gives a stack that is there its movies.csv and a token.
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

  /// A small movies.csv of the stand-in's making.
  static func movies(films: Int, in folder: TemporaryFolder) throws -> String {
    let path = folder.path + "/movies.csv"
    try ChildProcess.run("\(root)/.build/release/standin", ["movies", "--films", "\(films)", "--out", path])
    return path
  }

  /// The ids that a movies.csv selects, in order, by awk.
  static func selection(of movies: String) throws -> [String] {
    let script = #"NR>1 && !seen[$1]++ && ($6=="Drama"||$6=="Romance"||$6=="Drama,Romance") {print $1}"#
    return try ChildProcess.run("/usr/bin/awk", ["-F|", script, movies]).split(separator: "\n").map(
      String.init)
  }
}

/// Starts a local cloud for a suite and stops it behind its last test.
struct WithLocalCloud: SuiteTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let cloud = try LocalCloud()
    defer { cloud.stop() }
    try await LocalCloud.$current.withValue(cloud) { try await function() }
  }
}

/// A stack of Elenco, and what a user does with it.
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

  /// `aws lambda invoke`: the answer, whatever it is.
  func invoke(_ function: String, _ payload: String) throws -> [String: Any] {
    let folder = try TemporaryFolder()
    try cloud.aws(
      "lambda", "invoke", "--function-name", function, "--cli-read-timeout", "120", "--payload", payload,
      folder.path + "/answer.json")
    let bytes = try Data(contentsOf: URL(filePath: folder.path + "/answer.json"))
    return try JSONSerialization.jsonObject(with: bytes) as? [String: Any] ?? [:]
  }

  /// `elenco run`, which ends when the run has.
  func run(_ event: String = "{}", extra: [String] = []) throws -> ChildProcess.Result {
    try cloud.run(LocalCloud.elenco(), ["run", "--function", dispatcher, "--event", event] + extra)
  }

  /// Every key of the bucket but movies.csv's.
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

  /// Key and ETag of every data file.
  func etags() throws -> String {
    try cloud.aws(
      "s3api", "list-objects-v2", "--bucket", bucket, "--query",
      "Contents[?contains(Key,'Atores-T')].[Key,ETag]",
      "--output", "text")
  }

  /// Every data file, by its key, copied by the AWS CLI.
  func dataFiles() throws -> [String: Data] {
    let folder = try TemporaryFolder()
    try cloud.aws("s3", "cp", "--quiet", "--recursive", "s3://\(bucket)/\(prefix)/", folder.path)
    var files: [String: Data] = [:]
    let names = FileManager.default.enumerator(atPath: folder.path)
    while let name = names?.nextObject() as? String {
      guard name.hasSuffix(".json"), name.contains("/Atores-T") else { continue }
      files[name] = try Data(contentsOf: URL(filePath: folder.path + "/" + name))
    }
    return files
  }

  /// Waits until a key is there.
  func wait(for key: String) throws {
    try Stage.until("\(key) came") { try keys().contains(key) }
  }
}
