import Foundation
import StandIn
import TestSupport
import Testing

@Suite(
  "The zips", .serialized,
  .enabled(if: LocalCloud.isReady, "these tests need the zips and the .venv that `make test` creates"))
struct PackageTests {
  private let root = SharedData.package.path

  @Test(
    "each contains one file, a static executable named bootstrap, and has at most 9 MB",
    arguments: ["dispatcher", "worker"])
  func content(function: String) throws {
    let zip = "\(root)/.build/package/\(function).zip"
    let folder = try TemporaryFolder()
    try ChildProcess.run("/usr/bin/env", ["python3", "-m", "zipfile", "-e", zip, folder.path])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["bootstrap"])
    let size = try #require(try FileManager.default.attributesOfItem(atPath: zip)[.size] as? Int)
    #expect(size <= 9_000_000)
    // A static executable has neither a PT_INTERP nor a PT_DYNAMIC program header.
    let headers = try ChildProcess.run("/usr/bin/readelf", ["-lW", folder.path + "/bootstrap"])
    #expect(headers.contains("LOAD") && !headers.contains("INTERP") && !headers.contains("DYNAMIC"))
    let mode = try ChildProcess.run(
      "/usr/bin/env",
      [
        "python3", "-c",
        "import sys,zipfile; print(oct(zipfile.ZipFile(sys.argv[1]).getinfo('bootstrap').external_attr >> 16))",
        zip,
      ])
    #expect(mode == "0o100755\n")
  }

  @Test("a build in another folder gives the same zips and the same lists of components, byte for byte")
  func sameBytes() throws {
    let folder = try TemporaryFolder()
    for name in ["Package.swift", "Sources", "Tests", "infra"] {
      try FileManager.default.copyItem(atPath: "\(root)/\(name)", toPath: "\(folder.path)/\(name)")
    }
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/.venv", withDestinationPath: "\(root)/.venv")
    try ChildProcess.run("\(folder.path)/infra/package", [])
    for name in ["dispatcher.zip", "worker.zip", "dispatcher.cdx.json", "worker.cdx.json"] {
      let file = ".build/package/\(name)"
      let (first, second) = (URL(filePath: "\(root)/\(file)"), URL(filePath: "\(folder.path)/\(file)"))
      #expect(try Data(contentsOf: first) == Data(contentsOf: second), "\(name)")
    }
  }

  @Test(
    "both work in an empty root folder: DNS from resolv.conf, HTTPS over HTTP/2 with Amazon Linux's CA bundle",
    .enabled(if: EmptyRoot.isPermitted, "this machine does not permit namespaces"),
    .enabled(if: NameServer.isPermitted, "this machine does not permit a server on port 53"),
    .enabled(if: NginxServer.program != nil && SeaweedServer.program != nil, "nginx or weed is missing"))
  func emptyRoot() throws {
    let folder = try TemporaryFolder()
    let (names, store, films) = (
      try NameServer(name: "elenco.test"), try SeaweedServer(), try ReleaseStandIn(in: folder)
    )
    let invokes = try ScriptedServer(.json("", status: 202))
    defer {
      names.stop()
      store.stop()
      films.stop()
      invokes.stop()
    }
    // All servers are behind nginx, with TLS and HTTP/2. Requests in another HTTP version get a 505.
    func proxy(_ path: String, _ url: String) -> String {
      "location \(path) { if ($server_protocol != HTTP/2.0) { return 505; } proxy_pass \(url); proxy_set_header Host $http_host; proxy_buffering off; }"
    }
    let front = try NginxServer(
      locations: proxy("/", store.url) + proxy("/3/", films.url) + proxy("/2015-03-31/", invokes.url),
      isTLS: true,
      name: "elenco.test")
    defer { front.stop() }
    let movies = try LocalCloud.movies(films: 200, in: folder)
    let environment = store.environment.merging(["PATH": ProcessInfo.processInfo.environment["PATH"] ?? ""]) {
      $1
    }
    for arguments in [["mb", "s3://lake"], ["cp", "--quiet", movies, "s3://lake/movies.csv"]] {
      try ChildProcess.run("/usr/bin/env", ["aws", "s3"] + arguments, environment: environment)
    }
    let files = [
      "/etc/resolv.conf": "nameserver \(names.address)\n",
      "/etc/pki/tls/certs/ca-bundle.crt": try String(contentsOfFile: front.certificate, encoding: .utf8),
    ]
    var variables = store.environment
    variables["AWS_ENDPOINT_URL"] = front.url
    variables.merge([
      "ELENCO_BUCKET": "lake", "ELENCO_SOURCE_KEY": "movies.csv", "ELENCO_SHARDS": "1",
      "ELENCO_REQUESTS_PER_SECOND": "0", "ELENCO_WORKER_FUNCTION": "elenco-worker", "TMDB_TOKEN": "token",
      "TMDB_BASE_URL": front.url,
    ]) { $1 }

    let response = try run(EmptyRoot.dispatcher, #"{"run":"empty"}"#, files, variables, folder)
    #expect(response.path.hasSuffix("/response"), "\(response.body)")
    #expect(response.body.contains(#""invoked":1"#), "\(response.body)")
    let plan = try tracedEvent(invokes.requests.first)

    let report = try run(EmptyRoot.worker, plan, files, variables, folder)
    #expect(report.path.hasSuffix("/response"), "\(report.body)")
    #expect(report.body.contains(#""state":"complete""#), "\(report.body)")
    #expect(names.queries > 0)

    // A worker that is near its deadline invokes the next hop. The folder of the first run is not its own.
    let slow = plan.replacing(#""run":"empty""#, with: #""run":"slow""#)
      .replacing(#""requestsPerSecond":0"#, with: #""requestsPerSecond":4"#)
      .replacing(#""prefix":"Raw/TMDB/JSON/Atores""#, with: #""prefix":"slow""#)
    let handedOver = try run(EmptyRoot.worker, slow, files, variables, folder, seconds: 3)
    #expect(handedOver.body.contains(#""state":"continuing""#), "\(handedOver.body)")
    #expect(invokes.requests.count == 2)
    #expect(try tracedEvent(invokes.requests.last).contains(#""hop":1"#))
  }

  /// Returns the event of an Invoke request, and expects that the request continues its invocation's trace.
  private func tracedEvent(_ request: [UInt8]?) throws -> String {
    let parts = String(decoding: try #require(request), as: UTF8.self).components(separatedBy: "\r\n\r\n")
    #expect(
      parts[0].lowercased().contains("x-amzn-trace-id: \(FakeRuntime.traceID.lowercased())"), "\(parts[0])")
    return parts[1]
  }

  @Test(
    "a URL with another scheme than http or https is rejected before any request",
    .enabled(if: EmptyRoot.isPermitted, "this machine does not permit namespaces"),
    arguments: [
      "file:///etc", "ldap://127.0.0.1", "smb://127.0.0.1/x", "sftp://127.0.0.1", "rtmp://127.0.0.1/x",
    ])
  func otherProtocols(url: String) throws {
    let folder = try TemporaryFolder()
    for (function, variable) in [
      (EmptyRoot.dispatcher, "AWS_ENDPOINT_URL"), (EmptyRoot.worker, "TMDB_BASE_URL"),
    ] {
      let response = try run(function, "{}", [:], Self.settings.merging([variable: url]) { $1 }, folder)
      #expect(response.path.hasSuffix("/init/error"), "\(response)")
      #expect(response.body.contains("\(variable) must be a URL such as"), "\(response)")
    }
  }

  private static let settings = [
    "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1",
    "ELENCO_BUCKET": "lake", "ELENCO_SOURCE_KEY": "movies.csv", "ELENCO_WORKER_FUNCTION": "elenco-worker",
    "TMDB_TOKEN": "token",
  ]

  @Test(
    "a SOCKS proxy that demands Kerberos is refused: the function does not abort, and reports an error",
    .enabled(if: EmptyRoot.isPermitted, "this machine does not permit namespaces"))
  func socks() throws {
    // The proxy's reply in RFC 1928 that chooses GSSAPI. In the zips, GSSAPI's functions are stubs that abort.
    let folder = try TemporaryFolder()
    let proxy = try FixedReplyServer(reply: [5, 1])
    defer { proxy.stop() }
    let variables = Self.settings.merging([
      "ALL_PROXY": "socks5://127.0.0.1:\(proxy.port)", "NO_PROXY": "127.0.0.1",
      "AWS_ENDPOINT_URL": "http://store.test",
    ]) { $1 }
    let response = try run(
      EmptyRoot.dispatcher, "{}", ["/etc/hosts": "127.0.0.1 store.test\n"], variables, folder)
    #expect(response.path.hasSuffix("/error"), "\(response)")
  }

  /// Runs one invocation in an empty root folder and returns the path and body that the function posts.
  private func run(
    _ function: String, _ event: String, _ files: [String: String], _ variables: [String: String],
    _ folder: TemporaryFolder, seconds: Int = 120
  ) throws -> (path: String, body: String) {
    let root = try EmptyRoot(function: function, files: files)
    let runtime = try FakeRuntime(event: event, seconds: seconds)
    defer { runtime.stop() }
    let log = "\(folder.path)/\(function).log"
    let process = try root.start(
      environment: variables.merging(["AWS_LAMBDA_RUNTIME_API": runtime.address]) { $1 }, log: log)
    defer { process.send(SIGKILL) }
    do { return try runtime.response() } catch {
      throw ChildProcess.Failed(description: "\(error): \(try String(contentsOfFile: log, encoding: .utf8))")
    }
  }
}
