import Foundation
import TestSupport
import Testing

@testable import Shared

/// Runs a SeaweedFS server with a bucket while the tests of a suite run.
struct SeaweedTrait: SuiteTrait, TestScoping {
  @TaskLocal static var server: SeaweedServer?
  static let bucket = "lake"

  func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    let server = try SeaweedServer()
    defer { server.stop() }
    try ChildProcess.run(
      "/usr/bin/env", [ChildProcess.find("aws") ?? "aws", "s3api", "create-bucket", "--bucket", Self.bucket],
      environment: ProcessInfo.processInfo.environment.merging(server.environment) { $1 })
    try await Self.$server.withValue(server) { try await function() }
  }
}

@Suite(
  "S3 client against SeaweedFS", .serialized, SeaweedTrait(),
  .enabled(if: SeaweedServer.program != nil, "weed is not installed; make test installs it"))
struct S3ServerTests {
  static let keys = [
    "plain.json", "a b/c  d", "a+b=c@d:e~f", "é/ü/日本", "100%/%41%2F", "semi;comma,amp&q?hash#",
    "(x)[y]{z}'\"!*$",
    String(repeating: "long/", count: 60) + "end",
  ]

  private let server: SeaweedServer
  private let bucket = SeaweedTrait.bucket

  init() throws { server = try #require(SeaweedTrait.server) }

  private func withS3<Value: Sendable>(
    secret: String? = nil, _ body: @escaping @Sendable (S3Client) async throws -> Value
  ) throws -> Value {
    var environment = server.environment
    if let secret { environment["AWS_SECRET_ACCESS_KEY"] = secret }
    let variables = environment
    return try EventLoop.run { loop in
      try await body(AWSServices(http: HTTPClient(loop: loop), environment: variables).s3)
    }
  }

  private func python(_ script: String, _ arguments: [String] = []) throws -> String {
    let python = SharedData.package.path + "/.venv/bin/python"
    let program = FileManager.default.isExecutableFile(atPath: python) ? python : "python3"
    return try ChildProcess.run(
      "/usr/bin/env", [program, "-c", "import boto3, sys\ns3 = boto3.client('s3')\n" + script] + arguments,
      environment: ProcessInfo.processInfo.environment.merging(server.environment) { $1 })
  }

  @Test("a copy of an unusual key has its bytes and metadata") func copy() throws {
    for (number, key) in Self.keys.enumerated() {
      let bucket = bucket
      let (source, target) = (
        ObjectAddress(bucket: bucket, key: "original/" + key),
        ObjectAddress(bucket: bucket, key: "copies/\(number)")
      )
      let body = Array("film \(number)".utf8)
      let copied = try withS3 { s3 -> (Bool, Bool, [UInt8]?, S3Client.ObjectInfo?) in
        let isMissing = try await !s3.copy(source, to: target)
        _ = try await s3.put(
          source, HTTPBody(body), sha256: SHA256.hex(of: body), contentType: "text/plain",
          metadata: [("elenco-run", "r\(number)")], condition: .none)
        let isCopied = try await s3.copy(source, to: target)
        return (isMissing, isCopied, try await s3.get(target), try await s3.head(target))
      }
      #expect(copied.0 && copied.1 && copied.2 == body, "\(key)")
      #expect(copied.3?.metadata["elenco-run"] == "r\(number)")
    }
  }

  @Test("signatures of unusual keys are accepted, and boto3 reads the written objects")
  func roundTrip() throws {
    for key in Self.keys { try write(key) }
    let script = """
      for key in sys.argv[1:]:
          o = s3.get_object(Bucket='lake', Key=key)
          print(o['Body'].read().decode(), o['Metadata']['elenco-films'], o['ContentType'])
      """
    let lines = try python(script, Self.keys).split(separator: "\n").map(String.init)
    #expect(lines == Self.keys.map { "{\"é\":\($0.utf8.count)} 7 application/json" })
  }

  /// Writes an object whose body has the length of its key, and reads it back.
  private func write(_ key: String) throws {
    let (object, body) = (ObjectAddress(bucket: bucket, key: key), Array("{\"é\":\(key.utf8.count)}".utf8))
    let (bytes, info, listed) = try withS3 { s3 in
      _ = try await s3.put(
        object, HTTPBody(body), sha256: SHA256.hex(of: body), contentType: "application/json",
        metadata: [("elenco-run", "r 1"), ("elenco-films", "7")], condition: .none)
      let listed = try await s3.list(bucket: object.bucket, prefix: String(key.prefix(3)))
      return (try await s3.get(object), try await s3.head(object), listed.map(\.key))
    }
    #expect(bytes == body, "\(key)")
    #expect(info?.bytes == body.count, "\(key)")
    #expect(info?.metadata["elenco-films"] == "7" && info?.metadata["elenco-run"] == "r 1", "\(key)")
    #expect(listed.contains(key))
  }

  @Test("objects written by boto3 are read, streamed and listed over several pages")
  func boto3Objects() throws {
    let count = try python(
      """
      for i in range(1050):
          s3.put_object(Bucket='lake', Key=f'many/é {i:04}', Body=b'x' * i)
      s3.put_object(Bucket='lake', Key='large', Body=bytes(range(256)) * 20000)
      print(sum(len(p['Contents']) for p in s3.get_paginator('list_objects_v2').paginate(Bucket='lake', Prefix='many/')))
      """)
    let large = ObjectAddress(bucket: bucket, key: "large")
    let (listed, size, hash) = try withS3 { s3 in
      let hash = StreamHash()
      let size = try await s3.stream(large) { hash.update($0) }
      return (try await s3.list(bucket: large.bucket, prefix: "many/"), size, hash.hex())
    }
    #expect(listed.map(\.key) == (0..<1050).map { "many/é " + String(format: "%04d", $0) })
    #expect(listed.map(\.bytes) == Array(0..<1050))
    #expect(count == "1050\n")
    #expect(size == 5_120_000)
    #expect(hash == SHA256.hex(of: (0..<20_000).flatMap { _ in (0...255).map { UInt8($0) } }))
  }

  @Test("a conditional PUT respects its condition, and exactly one of several concurrent PUTs wins")
  func conditions() throws {
    let object = ObjectAddress(bucket: bucket, key: "lease \(UUID().uuidString)")
    let (first, second, changed, stale, winners) = try withS3 { s3 in
      @Sendable func put(_ text: String, _ object: ObjectAddress, _ condition: S3Client.Condition)
        async throws -> String?
      {
        let bytes = Array(text.utf8)
        return try await s3.put(
          object, HTTPBody(bytes), sha256: SHA256.hex(of: bytes), contentType: "text/plain",
          condition: condition)
      }
      let first = try await put("1", object, .isNew)
      let second = try await put("2", object, .isNew)
      let changed = try await put("3", object, .isUnchanged(etag: first ?? ""))
      let stale = try await put("4", object, .isUnchanged(etag: first ?? ""))
      let race = ObjectAddress(bucket: object.bucket, key: object.key + " race")
      let winners = try await BoundedFanOut.map(Array(0..<8), limit: 8) {
        try await put("\($0)", race, .isNew)
      }
      return (first, second, changed, stale, winners.count { $0 != nil })
    }
    #expect(first != nil && second == nil)
    #expect(changed != nil && stale == nil)
    #expect(winners == 1)
  }

  @Test("missing objects and buckets and refused requests have clear errors")
  func errors() throws {
    let absent = ObjectAddress(bucket: bucket, key: "none")
    #expect(try withS3 { try await $0.get(absent) } == nil)
    #expect(try withS3 { try await $0.head(absent) } == nil)
    let missing = #expect(throws: AWSServiceError.self) {
      try withS3 { try await $0.stream(absent) { _ in } }
    }
    #expect(missing?.description.contains("GET s3://lake/none: NoSuchKey") == true)
    let inMissingBucket = ObjectAddress(bucket: "no-such-bucket", key: "x")
    let noBucket = #expect(throws: AWSServiceError.self) { try withS3 { try await $0.get(inMissingBucket) } }
    #expect(noBucket?.description.contains("The bucket no-such-bucket does not exist") == true)
    let forbidden = #expect(throws: AWSServiceError.self) {
      try withS3(secret: "wrong") { try await $0.get(absent) }
    }
    #expect(forbidden?.code == "SignatureDoesNotMatch")
    #expect(forbidden?.description.contains("wrong") == false)
  }
}

/// Computes the SHA-256 of a stream.
///
/// Safety of `@unchecked Sendable`: used only on one event loop.
private final class StreamHash: @unchecked Sendable {
  private var hash: SHA256? = SHA256()
  func update(_ bytes: UnsafeRawBufferPointer) { hash?.update(bytes) }
  func hex() -> String? { hash.take()?.hex() }
}
