import Foundation
import TestSupport

/// A root folder with nothing in it but a bootstrap, /proc and the files that a test puts there.
struct EmptyRoot {
  private let folder: TemporaryFolder

  static let dispatcher = "dispatcher"
  static let worker = "worker"

  /// Whether this machine lets a process have a root of its own.
  static let isPermitted: Bool = {
    guard let root = try? EmptyRoot(files: [:]) else { return false }
    // The program that is not there is looked for in the new root.
    let result = try? ChildProcess.result("/usr/bin/unshare", root.words + ["/nothing"])
    return result?.errors.contains("/nothing") ?? false
  }()

  /// - Parameters:
  ///   - function: whose zip the bootstrap is taken from.
  ///   - files: their content by their path.
  init(function: String, files: [String: String]) throws {
    try self.init(files: files)
    // By another process: what this one writes may be open still in a child that it starts meanwhile, and what is open
    // for writing cannot be run.
    let zip = SharedData.package.path + "/.build/package/\(function).zip"
    try ChildProcess.run("/usr/bin/env", ["python3", "-m", "zipfile", "-e", zip, folder.path])
    chmod(folder.path + "/bootstrap", 0o755)
  }

  private init(files: [String: String]) throws {
    folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.path + "/proc", withIntermediateDirectories: true)
    for (path, content) in files {
      let file = URL(filePath: folder.path + path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try content.write(to: file, atomically: true, encoding: .utf8)
    }
  }

  /// In namespaces of its own, so that /proc goes with the process and nothing of it outlives the parent.
  private var words: [String] {
    let asRoot = geteuid() == 0 ? [] : ["--map-root-user"]
    return asRoot + [
      "--mount", "--pid", "--fork", "--kill-child", "--mount-proc=/proc",
      "--root=\(folder.path)",
    ]
  }

  /// Starts the bootstrap; its log goes to `log`.
  func start(environment: [String: String], log: String) throws -> ChildProcess {
    try ChildProcess("/usr/bin/unshare", words + ["/bootstrap"], environment: environment, output: log)
  }
}

/// Lambda's runtime API as far as one invocation goes: hands an event over and takes the answer.
struct FakeRuntime {
  private let server: ScriptedServer

  /// - Parameter seconds: until the deadline.
  init(event: String, seconds: Int) throws {
    let deadline = (Int(Date().timeIntervalSince1970) + seconds) * 1000
    let isTaken = Once()
    server = try ScriptedServer(
      .choose { request in
        guard request.hasPrefix("GET ") else { return .json("{}", status: 202) }
        guard isTaken.first() else { return .silence }
        return .json(
          event,
          headers: "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
            + "Lambda-Runtime-Deadline-Ms: \(deadline)\r\nLambda-Runtime-Trace-Id: \(Self.traceID)\r\n"
            + "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:123456789012:function:elenco-worker\r\n"
        )
      })
  }

  static let traceID = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"

  var address: String { String(server.url.dropFirst("http://".count)) }

  /// Waits for what the function posts: path and body.
  func answer() throws -> (path: String, body: String) {
    for _ in 0..<6000 {
      let posts = server.requests.map { String(decoding: $0, as: UTF8.self) }.filter { $0.hasPrefix("POST ") }
      if let post = posts.first {
        let path = String(post.split(separator: " ")[1])
        return (path, post.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n"))
      }
      usleep(10_000)
    }
    throw ChildProcess.Failed(description: "the function did not answer")
  }

  func stop() { server.stop() }
}
