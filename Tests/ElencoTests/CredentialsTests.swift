import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Elenco
@testable import Shared

/// Credentials that the AWS CLI finds.
@Suite("Credentials from the AWS CLI") struct CredentialsTests {
  private static func json(_ members: String) -> [UInt8] {
    Array(#"{"Version":1,"AccessKeyId":"ASIA","SecretAccessKey":"hush"\#(members)}"#.utf8)
  }

  @Test(
    "the time of expiry is read with any offset, as Foundation reads it",
    arguments: [
      "2026-11-24T03:00:00Z", "2026-11-24T03:00:00+00:00", "2026-11-24T03:00:00-07:30",
      "2026-11-24T23:59:59+14:00",
      "2026-11-24T03:00:00.123456+01:00",
    ])
  func expiry(text: String) throws {
    let exported = try ExportedCredentials(
      parsing: Self.json(#","SessionToken":"token","Expiration":"\#(text)""#))
    let plain = text.replacing(/\.[0-9]+/, with: "")
    let expected = try #require(ISO8601DateFormatter().date(from: plain)).timeIntervalSince1970
    #expect(exported.expiresAt == UnixTime(seconds: Int64(expected)))
    #expect(
      exported.credentials
        == Credentials(
          accessKeyID: "ASIA", secretAccessKey: Secret("hush"), sessionToken: Secret("token")))
  }

  @Test("keys of a user have neither a token nor an expiry") func user() throws {
    let exported = try ExportedCredentials(parsing: Self.json(""))
    #expect(exported.expiresAt == nil && exported.credentials.sessionToken == nil)
  }

  @Test(
    "anything else is refused, and the reason shows none of it",
    arguments: [
      "hush", "", "[]", #"{"AccessKeyId":"hush","SecretAccessKey":"hush"}"#,
      #"{"Version":2,"AccessKeyId":"hush","SecretAccessKey":"hush"}"#,
      #"{"Version":1,"AccessKeyId":"hush"}"#, #"{"Version":1,"AccessKeyId":"","SecretAccessKey":"hush"}"#,
      #"{"Version":1,"AccessKeyId":"hush\r\nHost: a","SecretAccessKey":"hush"}"#,
      #"{"Version":1,"AccessKeyId":["hush"],"SecretAccessKey":"hush"}"#,
      #"{"Version":1,"AccessKeyId":"a","SecretAccessKey":"hush","SessionToken":"hush hush"}"#,
      #"{"Version":1,"AccessKeyId":"a","SecretAccessKey":"hush","Expiration":"hush"}"#,
      #"{"Version":1,"AccessKeyId":"a","SecretAccessKey":"hush","Expiration":"2026-11-24T03:00:00"}"#,
      #"{"Version":1,"AccessKeyId":"a","SecretAccessKey":"hush","Expiration":"2026-11-24T03:00:00+99:00"}"#,
      String(repeating: "[", count: 50_000),
    ])
  func refused(text: String) {
    let error = #expect(throws: ExportedCredentials.Invalid.self) {
      try ExportedCredentials(parsing: Array(text.utf8))
    }
    #expect(error?.reason.contains("hush") == false)
  }

  /// A clock that tests set. Sleeping takes no time, but lets the loop go on.
  private final class Clock: SystemClock {
    let seconds = Mutex(0)
    let loop: EventLoop

    init(_ loop: EventLoop) { self.loop = loop }

    var now: ContinuousClock.Instant { .now }
    var date: UnixTime { UnixTime(seconds: Int64(seconds.withLock { $0 })) }
    func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
      try await loop.sleep(until: .now)
    }
  }

  private struct Unavailable: Error {}

  /// Asks for credentials at some times, and returns the access key ids: the number of the export, or "error".
  /// - Parameter lifetimes: how long the credentials of each export are valid, in seconds; nil for one that fails.
  private static func ids(at times: [Int], lifetimes: [Int?]) throws -> [String] {
    try EventLoop.run { loop in
      let clock = Clock(loop)
      let exports = Mutex(0)
      let renewed = RenewedCredentials(loop: clock) {
        let number = exports.withLock { exports in
          exports += 1
          return exports
        }
        guard let lifetime = lifetimes[min(number, lifetimes.count) - 1] else { throw Unavailable() }
        return ExportedCredentials(
          credentials: Credentials(
            accessKeyID: "\(number)", secretAccessKey: Secret("s"), sessionToken: nil),
          expiresAt: clock.date + .seconds(lifetime))
      }
      var ids: [String] = []
      for time in times {
        clock.seconds.withLock { $0 = time }
        do { ids.append(try await renewed.current().accessKeyID) } catch { ids.append("error") }
      }
      return ids
    }
  }

  @Test("credentials are renewed five minutes before they expire, or when half of a short time is over")
  func renewal() throws {
    #expect(
      try Self.ids(at: [0, 3_299, 3_300, 3_301, 6_599, 6_600], lifetimes: [3_600]) == [
        "1", "1", "2", "2", "2", "3",
      ])
    #expect(try Self.ids(at: [0, 49, 50, 99, 100], lifetimes: [100]) == ["1", "1", "2", "2", "3"])
  }

  @Test("while they cannot be renewed, the old ones are used as long as they are valid") func failedRenewal()
    throws
  {
    let ids = try Self.ids(
      at: [0, 3_400, 3_410, 3_431, 3_599, 3_600, 3_601], lifetimes: [3_600, nil, nil, nil, nil, 3_600])
    #expect(ids == ["1", "1", "1", "1", "1", "error", "6"])
    #expect(try Self.ids(at: [0, 0], lifetimes: [-5, 5]) == ["error", "2"])
  }

  @Test("concurrent requests renew once") func once() throws {
    let count = try EventLoop.run { loop -> Int in
      let exports = Mutex(0)
      let renewed = RenewedCredentials(loop: loop) {
        exports.withLock { $0 += 1 }
        try await loop.sleep(for: .milliseconds(30))
        return try ExportedCredentials(parsing: Self.json(""))
      }
      _ = try await BoundedFanOut.map(Array(0..<10), limit: 10) { _ in try await renewed.current() }
      return exports.withLock { $0 }
    }
    #expect(count == 1)
  }

  @Test("each request is signed with the credentials of its time") func signing() throws {
    let server = try ScriptedServer(.json("ok"))
    defer { server.stop() }
    try EventLoop.run { loop in
      let calls = Mutex(0)
      let services = try AWSServices(
        http: HTTPClient(loop: loop),
        credentials: .renewed {
          let number = calls.withLock { calls in
            calls += 1
            return calls
          }
          return Credentials(
            accessKeyID: "KEY\((number + 1) / 2)", secretAccessKey: Secret("s"),
            sessionToken: Secret("token\((number + 1) / 2)"))
        }, region: "us-east-1", environment: ["AWS_ENDPOINT_URL": server.url])
      for _ in 0..<4 { _ = try await services.s3.get(ObjectAddress(bucket: "b", key: "k")) }
    }
    let requests = server.requests.map { String(decoding: $0, as: UTF8.self) }
    #expect(requests.count == 4)
    for (number, request) in zip([1, 1, 2, 2], requests) {
      #expect(request.contains("Credential=KEY\(number)/"))
      #expect(request.contains("X-Amz-Security-Token: token\(number)\r\n"))
    }
  }

  /// Path of the `elenco` executable, which the build places beside the tests.
  private static let command = Bundle.main.executableURL?.deletingLastPathComponent().appending(
    path: "elenco"
  ).path

  /// Runs `elenco runs` with a profile without keys, a program called `aws` on the PATH, and a server that plays S3.
  private static func runs(
    aws script: String, profile: String? = "night"
  ) throws -> (result: ChildProcess.Result, requests: [String], calls: String) {
    let folder = try TemporaryFolder()
    let program = try folder.write("aws", "#!/bin/sh\necho \"$@\" >>\(folder.path)/calls\n\(script)\n")
    #expect(chmod(program, 0o700) == 0)
    let config = try folder.write("config", "[profile night]\nsso_session = s\nregion = us-east-1\n")
    let server = try ScriptedServer(
      .json("<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"))
    defer { server.stop() }
    var environment = [
      "AWS_ENDPOINT_URL": server.url, "AWS_CONFIG_FILE": config, "HOME": folder.path,
      "AWS_REGION": "us-east-1",
      "PATH": ":relative:\(folder.path):/usr/bin:/bin",
    ]
    environment["AWS_PROFILE"] = profile
    let result = try ChildProcess.result(
      try #require(command), ["runs", "--bucket", "lake"], environment: environment)
    let calls = (try? String(contentsOfFile: folder.path + "/calls", encoding: .utf8)) ?? ""
    return (result, server.requests.map { String(decoding: $0, as: UTF8.self) }, calls)
  }

  @Test("requests are signed with what the AWS CLI prints for the profile") func export() throws {
    let script =
      "cat <<'END'\n\(String(decoding: Self.json(#","SessionToken":"token""#), as: UTF8.self))\nEND"
    let (result, requests, calls) = try Self.runs(aws: script)
    #expect(result.code == 0 && result.errors == "", "\(result.errors)")
    #expect(calls == "configure export-credentials --format process --profile night\n")
    #expect(requests.first?.contains("Credential=ASIA/") == true)
    #expect(requests.first?.contains("X-Amz-Security-Token: token\r\n") == true)
    // Without a profile's name, the AWS CLI takes its own default, which may be the machine's role.
    #expect(
      try Self.runs(aws: script, profile: nil).calls == "configure export-credentials --format process\n")
  }

  @Test(
    "an error of the AWS CLI is passed on, and nothing that it prints to standard output",
    arguments: [
      (
        "echo hush; echo 'Token has expired\u{1B}[31m' >&2; exit 255",
        "exit status 255: Token has expired?[31m. Repair"
      ),
      (
        "echo 'argument subcommand: Invalid choice, valid choices are:' >&2; exit 2",
        "it is not version 2 of the AWS CLI. Install version 2"
      ),
      ("echo hush; exit 3", "exit status 3: it says nothing."),
      ("echo hush", "printed something other than credentials: it is not a JSON"),
      (
        #"echo '{"Version":1,"AccessKeyId":"a","SecretAccessKey":"hush","Expiration":"2001-01-01T00:00:00Z"}'"#,
        "expired at 2001-01-01T00:00:00.000Z"
      ),
      ("yes hush", "printed more than credentials take"), ("kill -9 $$", "exit status 137"),
    ])
  func errors(script: String, words: String) throws {
    let (result, requests, _) = try Self.runs(aws: script)
    #expect(result.code == 1 && result.output == "" && requests.isEmpty)
    #expect(result.errors.contains(words) && !result.errors.contains("hush"), "\(result.errors)")
    #expect(result.errors.hasPrefix("elenco: ") && !result.errors.contains("\u{1B}"))
  }

  @Test("a program that takes too long is ended; one whose child keeps its output open is not waited for")
  func limits() throws {
    let folder = try TemporaryFolder()
    let started = folder.path + "/started"
    let pid = try EventLoop.run { loop -> pid_t in
      let slow = try? await ProgramOutput.run(
        "/bin/sh", ["-c", "echo $$ >\(started); exec sleep 1000"], timeout: .milliseconds(500), bytesMax: 9,
        loop: loop)
      #expect(slow == nil)
      let quick = try await ProgramOutput.run(
        "/bin/sh", ["-c", "sleep 1000 & echo $!; echo problem >&2; exit 3"], timeout: .seconds(100),
        bytesMax: 99, loop: loop)
      #expect(quick.exitStatus == 3 && quick.errors == Array("problem\n".utf8))
      return try #require(
        pid_t(String(decoding: quick.output, as: UTF8.self).trimmingCharacters(in: .newlines)))
    }
    #expect(kill(pid, SIGKILL) == 0)
    // If the machine was too slow to start it within the time, there is nothing to look at.
    if let text = try? String(contentsOfFile: started, encoding: .utf8),
      let slow = pid_t(text.trimmingCharacters(in: .newlines))
    {
      #expect(kill(slow, 0) == -1 && errno == ESRCH)
    }
  }
}
