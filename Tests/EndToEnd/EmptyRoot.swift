import Foundation
import TestSupport

/// A root folder that contains only a Lambda's bootstrap, /proc and the files that a test provides.
struct EmptyRoot {
  private let folder: TemporaryFolder

  static let dispatcher = "dispatcher"
  static let worker = "worker"

  /// Whether this machine lets a process have its own root folder and namespaces.
  static let isPermitted: Bool = {
    guard let root = try? EmptyRoot(files: [:]) else { return false }
    // If the new root works, unshare fails because it does not find this program there.
    let result = try? ChildProcess.result("/usr/bin/unshare", root.unshareArguments + ["/nothing"])
    return result?.errors.contains("/nothing") ?? false
  }()

  /// - Parameters:
  ///   - function: the Lambda whose zip provides the bootstrap.
  ///   - files: the content of further files, by path.
  init(function: String, files: [String: String]) throws {
    try self.init(files: files)
    // Another process unpacks it. A file that this process writes might be open in a child that is started at the same
    // time, and Linux refuses to execute a file that is open for writing (ETXTBSY).
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

  /// Separate mount and PID namespaces: /proc is unmounted when the process ends, and no child outlives its parent.
  private var unshareArguments: [String] {
    let asRoot = geteuid() == 0 ? [] : ["--map-root-user"]
    return asRoot + [
      "--mount", "--pid", "--fork", "--kill-child", "--mount-proc=/proc",
      "--root=\(folder.path)",
    ]
  }

  /// Starts the bootstrap and writes its output to the file `log`.
  func start(environment: [String: String], log: String) throws -> ChildProcess {
    try ChildProcess(
      "/usr/bin/unshare", unshareArguments + ["/bootstrap"], environment: environment, output: log)
  }
}

/// Lambda's Runtime API for a single invocation: sends the event and receives the response.
struct FakeRuntime {
  private let server: ScriptedServer

  /// - Parameter seconds: the time until the deadline.
  init(event: String, seconds: Int) throws {
    let deadline = (Int(Date().timeIntervalSince1970) + seconds) * 1000
    let isTaken = OnceFlag()
    server = try ScriptedServer(
      .choose { request in
        guard request.hasPrefix("GET ") else { return .json("{}", status: 202) }
        guard isTaken.set() else { return .stayOpen }
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

  /// Waits up to a minute for the function's POST request and returns its path and body.
  func response() throws -> (path: String, body: String) {
    for _ in 0..<6000 {
      let posts = server.requests.map { String(decoding: $0, as: UTF8.self) }.filter { $0.hasPrefix("POST ") }
      if let post = posts.first {
        let path = String(post.split(separator: " ")[1])
        return (path, post.components(separatedBy: "\r\n\r\n").dropFirst().joined(separator: "\r\n\r\n"))
      }
      usleep(10_000)
    }
    throw ChildProcess.Failed(description: "the function posted no response or error within a minute")
  }

  func stop() { server.stop() }
}
