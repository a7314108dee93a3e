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
  private let commandLine: AWSCommandLine
  private let templateFolder: TemporaryFolder
  private static let root = SharedData.package.path
  /// The bucket that infra/local-cloud creates for the functions' code.
  private static let artifacts = "elenco-artifacts"
  #if arch(arm64)
    private static let architecture = "arm64"
  #else
    private static let architecture = "x86_64"
  #endif

  /// Whether everything exists that these tests need and `make test` creates.
  static var isReady: Bool {
    [".venv/bin/aws", ".build/package/worker.zip"].map { "\(root)/\($0)" }.allSatisfy {
      FileManager.default.fileExists(atPath: $0)
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
    commandLine = try AWSCommandLine(environment: environment)
    templateFolder = try TemporaryFolder()
  }

  func stop() {
    commandLine.stop()
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
    try commandLine.run(arguments).outputOfSuccess(of: ["aws"] + arguments)
  }

  /// Runs the AWS CLI, with any exit code.
  func awsResult(_ arguments: [String]) throws -> ChildProcess.Result { try commandLine.run(arguments) }

  /// Deploys the template as a stack with this name, and uploads a movies.csv and a token.
  /// - Parameter byScripts: whether the scripts that people use do it, infra/deploy and infra/put-inputs. Otherwise the
  ///   same commands run in the process of `commandLine`, in a tenth of the time.
  func deploy(
    _ stack: String, movies: String, token: String = "token", parameters: [String: String],
    byScripts: Bool = false
  ) throws -> Deployment {
    let settings = parameters.map { "\($0.key)=\($0.value)" }.sorted()
    if byScripts {
      try ChildProcess.run(
        "\(Self.root)/infra/deploy", [stack, Self.artifacts] + settings, environment: environment)
      return try putInputsByScript(stack, movies: movies, token: token)
    }
    let command = [
      "cloudformation", "deploy", "--template-file", try packagedTemplate(), "--stack-name", stack,
      "--capabilities", "CAPABILITY_NAMED_IAM", "--no-fail-on-empty-changeset", "--parameter-overrides",
      "Architecture=\(Self.architecture)",
    ]
    _ = try commandLine.run(command + settings).outputOfSuccess(of: ["aws"] + command)
    return try putInputs(stack, movies: movies, token: token)
  }

  /// The path of the template whose functions' code was uploaded.
  private func packagedTemplate() throws -> String {
    let path = templateFolder.path + "/template.yaml"
    if !FileManager.default.fileExists(atPath: path) {
      try aws(
        "cloudformation", "package", "--template-file", "\(Self.root)/infra/template.yaml", "--s3-bucket",
        Self.artifacts, "--output-template-file", path)
    }
    return path
  }

  /// Uploads a movies.csv and a token to an existing stack.
  func putInputs(_ stack: String, movies: String, token: String) throws -> Deployment {
    let found = try json(
      "cloudformation", "describe-stacks", "--stack-name", stack, "--query", "Stacks[0].[Outputs,Parameters]")
    let lists = try #require(found as? [[[String: String]]], "\(found)")
    func values(_ list: [[String: String]], _ key: String, _ value: String) -> [String: String] {
      Dictionary(list.map { ($0[key] ?? "", $0[value] ?? "") }) { $1 }
    }
    let outputs = values(lists[0], "OutputKey", "OutputValue")
    let parameters = values(lists[1], "ParameterKey", "ParameterValue")
    func output(_ name: String) throws -> String { try #require(outputs[name], "\(name)") }
    if !token.isEmpty {
      try aws(
        "secretsmanager", "put-secret-value", "--secret-id", try output("SecretName"), "--secret-string",
        token)
    }
    let bucket = try output("BucketName")
    if (parameters["BucketName"] ?? "").isEmpty {
      // It refuses plain HTTP, and the local cloud has nothing else.
      try aws("s3api", "delete-bucket-policy", "--bucket", bucket)
    }
    var source = parameters["SourceBucket"] ?? ""
    if source.isEmpty {
      source = bucket
    } else {
      _ = try awsResult(["s3api", "create-bucket", "--bucket", source])
    }
    try aws(
      "s3api", "put-object", "--bucket", source, "--key",
      try #require(parameters["SourceKey"]), "--body", movies)
    return Deployment(
      cloud: self, dispatcher: try output("DispatcherName"), worker: try output("WorkerName"), bucket: bucket,
      prefix: try output("Prefix"))
  }

  private func putInputsByScript(_ stack: String, movies: String, token: String) throws -> Deployment {
    let names = try ChildProcess.run(
      "\(Self.root)/.venv/bin/python", ["\(Self.root)/infra/put-inputs", stack, movies],
      environment: environment,
      input: token)
    var outputs: [String: String] = [:]
    for line in names.split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2 { outputs[parts[0]] = parts[1].trimmingCharacters(in: ["'"]) }
    }
    return Deployment(
      cloud: self, dispatcher: try #require(outputs["dispatcher"]), worker: try #require(outputs["worker"]),
      bucket: try #require(outputs["bucket"]), prefix: try #require(outputs["prefix"]))
  }

  /// The path of an executable that was built, optimised, with the tests: `elenco` or `standin`.
  static func program(_ name: String) -> String { "\(root)/.build/tests/release/\(name)" }

  static func elenco() -> String { program("elenco") }

  /// Generates a movies.csv with the stand-in and returns its path.
  static func movies(films: Int, in folder: TemporaryFolder) throws -> String {
    let path = folder.path + "/movies.csv"
    try ChildProcess.run(program("standin"), ["movies", "--films", "\(films)", "--out", path])
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
    // Only these, because a lease that a worker deletes meanwhile makes the command fail. In a process of its own,
    // because `aws s3 cp` sometimes fails inside the process of `commandLine`.
    try ChildProcess.run(
      "/usr/bin/env",
      [
        "aws", "s3", "cp", "--quiet", "--recursive", "--exclude", "*", "--include", "*Atores-T*",
        "s3://\(bucket)/\(prefix)/", folder.path,
      ], environment: cloud.environment)
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
