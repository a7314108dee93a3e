import Foundation
import TestSupport
import Testing

@testable import Shared

/// Events inside failure records and SQS messages.
@Suite("Event envelopes") struct EnvelopeTests {
  private static func dispatch(_ text: String) throws -> DispatcherEvent { try TriggerTests.dispatch(text) }

  private static func worker(_ text: String) throws -> WorkerEvent {
    try WorkerEvent(parsing: Array(text.utf8), defaultBucket: "lake", defaultPrefix: "p")
  }

  /// A failure record around an event.
  private static func failed(
    _ payload: String, id: String? = "e4b46cbf-b738-4000-8880-a18cdf61200e",
    condition: String = "RetriesExhausted"
  ) -> String {
    let id = id.map { #""requestId":"\#($0)","# } ?? ""
    return
      #"{"version":"1.0","requestContext":{\#(id)"condition":"\#(condition)","approximateInvokeCount":3},"#
      + #""requestPayload":\#(payload),"responsePayload":{"errorMessage":"x","stackTrace":[]},"later":{"a":[{}]}}"#
  }

  /// An event of SQS around message bodies. Foundation escapes the bodies.
  private static func message(_ bodies: String..., id: String = "19dd0b57-b21e-4ac1-bd88-01bbb068cb78") throws
    -> String
  {
    let records = bodies.map {
      [
        "messageId": id, "receiptHandle": "x", "eventSource": "aws:sqs", "body": $0,
        "attributes": ["ApproximateReceiveCount": "1"], "messageAttributes": [String: String](),
      ]
    }
    return String(decoding: try JSONSerialization.data(withJSONObject: ["Records": records]), as: UTF8.self)
  }

  private static let shard = #"{"run":"20261127T030000Z-9c1b7c1e","shard":17}"#
  private static let plan =
    #"{"run":"r1","date":"2026-11-24","shard":0,"shards":2,"films":["tt0000009","tt0000591"],"replay":"all"}"#

  @Test(
    "the recorded failure record repeats the failed request",
    .enabled(if: SharedData.has("inputs/failure-record.json"), "\(SharedData.missing)"))
  func recorded() throws {
    let file = try #require(SharedData.folder).appending(path: "inputs/failure-record.json")
    let text = try String(contentsOf: file, encoding: .utf8)
    let event = try Self.worker(text)
    #expect(event.work == (try Self.worker(Self.shard)).work)
    #expect((event.replay, event.hop, event.lease, event.helps) == (.missing, 0, nil, false))
    #expect(try Self.worker(Self.message(text)) == event)
  }

  @Test(
    "a failure record, and an SQS message around it, ask the worker for what failed",
    arguments: [shard, plan])
  func worker(payload: String) throws {
    let plain = try Self.worker(payload)
    for text in [
      Self.failed(payload), Self.failed(payload, id: nil),
      Self.failed(payload, condition: "EventAgeExceeded"),
      try Self.message(Self.failed(payload)), try Self.message(payload), Self.failed(Self.failed(payload)),
    ] {
      let event = try Self.worker(text)
      #expect(event.work == plain.work)
      #expect((event.replay, event.hop, event.helps) == (plain.replay, plain.hop, plain.helps))
    }
  }

  @Test("a repeated replay of everything continues the replay that failed")
  func generation() throws {
    #expect(try Self.worker(Self.plan).generation == nil)
    #expect(try Self.worker(Self.failed(Self.plan, id: "id-1")).generation == "id-1")
    let next = Self.plan.replacing(
      #""replay":"all""#, with: #""replay":"all","generation":"first","hop":3,"lease":"t""#)
    let event = try Self.worker(Self.failed(next, id: "id-1"))
    #expect((event.generation, event.hop, event.lease) == ("first", 3, "t"))
  }

  @Test("the sample records of this repository are read")
  func samples() throws {
    #expect(try Self.dispatch(try TriggerTests.sampleEvent("failed-run")).workers == 4)
    let shard = try Self.worker(try TriggerTests.sampleEvent("failed-shard"))
    #expect(shard.work == (try Self.worker(#"{"run":"20261122T030000Z-9c1b7c1e","shard":17}"#)).work)
  }

  @Test("a dispatcher's event in an envelope asks for the same run as without")
  func dispatcher() throws {
    for payload in [
      #"{"run":"night","shards":3,"genres":["War"]}"#, TriggerTests.objectCreated(),
      TriggerTests.notification(TriggerTests.record()),
      #"{"detail-type":"Scheduled Event","id":"elenco","time":"2026-11-22T03:00:00Z","detail":{"shards":3}}"#,
    ] {
      let plain = try Self.dispatch(payload)
      for text in [
        Self.failed(payload), try Self.message(payload), try Self.message(Self.failed(payload)),
        Self.failed(Self.failed(payload)), Self.failed(payload, id: nil),
      ] {
        let event = try Self.dispatch(text)
        #expect((event.run, event.date, event.source) == (plain.run, plain.date, plain.source))
        #expect((event.shards, event.genres) == (plain.shards, plain.genres))
        #expect(!event.isNamedByRequest)
      }
    }
  }

  @Test("the failed request names the run of a request without a name, and so does the SQS message")
  func requestID() throws {
    func expect(_ text: String, _ id: String) throws {
      let event = try Self.dispatch(text)
      #expect(event.isNamedByRequest && event.requestID == id)
      #expect("\(event.run)" == "20261124T030000Z-\(id.prefix(8))")
    }
    try expect("{}", TriggerTests.requestID)
    try expect(Self.failed("{}", id: "aaaa1111-22"), "aaaa1111-22")
    try expect(try Self.message("{}", id: "bbbb1111-22"), "bbbb1111-22")
    try expect(try Self.message(Self.failed("{}", id: "aaaa1111-22"), id: "bbbb1111-22"), "aaaa1111-22")
    // The replay failed, too. Its record contains the first one.
    try expect(Self.failed(Self.failed("{}", id: "aaaa1111-22"), id: "cccc1111-22"), "aaaa1111-22")
  }

  @Test("an envelope that lacks what is needed, or has too much, is refused with the reason")
  func refused() throws {
    let cases = [
      (Self.failed("{}", id: nil), "each delivery would start another run"),
      (try Self.message(Self.failed("{}", id: nil)), "each delivery would start another run"),
      (Self.failed("{}", id: "../x"), "\"requestId\" must be an id of 1 to 64 letters"),
      (Self.failed("{}", id: ""), "\"requestId\" must be an id"),
      (Self.failed("{}", condition: "Success"), "an invocation that succeeded"),
      (Self.failed("null"), "\"requestPayload\" is missing"),
      (#"{"requestContext":{"requestId":"x"}}"#, "\"requestPayload\" is missing"),
      (#"{"requestPayload":{},"requestContext":7}"#, "must be an object"),
      (Self.failed("[]"), "the failure record's requestPayload must be a JSON object, not an array"),
      (Self.failed(#"{"shrads":1}"#), "the failure record's requestPayload has an unknown field \"shrads\""),
      (Self.failed(#"{"shards":1,"shards":2}"#), "has the field \"shards\" twice"),
      (try Self.message("{}", "{}"), "has 2 SQS messages, but can have only one. Set the batch size"),
      (try Self.message(""), "\"body\" is missing"), (try Self.message("hello"), "not well-formed JSON"),
      (try Self.message("[]"), "the SQS message's body must be a JSON object"),
      (try Self.message(#"{"shrads":1}"#), "the SQS message's body has an unknown field \"shrads\""),
      (try Self.message(#"{"a":1,"a":2}"#), "the SQS message's body has the field \"a\" twice"),
      (try Self.message("{}").replacing("messageId", with: "id"), "each delivery would start another run"),
      (try Self.message(#"{"Event":"s3:TestEvent","Bucket":"my-lake"}"#), "S3's test message"),
      (
        (0...EventEnvelope.depthMax).reduce("{}") { text, _ in Self.failed(text) }, "more than 4 SQS messages"
      ),
    ]
    for (text, words) in cases {
      let error = #expect(throws: EventError.self, "\(words)") { try Self.dispatch(text) }
      let sentence = error.map { $0.description } ?? ""
      #expect(sentence.contains(words) && sentence.hasSuffix("."), "\(sentence)")
    }
    for text in [
      TriggerTests.objectCreated(), TriggerTests.notification(TriggerTests.record()), Self.failed("{}"),
    ] {
      #expect(throws: EventError.self) { try Self.worker(text) }
    }
    #expect(throws: EventError.self) { try Self.worker(try Self.message(Self.shard, Self.shard)) }
  }

  private static func samples() throws -> [String] {
    [
      TriggerTests.objectCreated(), TriggerTests.notification(TriggerTests.record()), failed(plan),
      failed("{}"),
      try message(failed(shard)), try message(TriggerTests.notification(TriggerTests.record())),
      failed(failed(shard)),
    ]
  }

  @Test("every truncation is refused")
  func truncations() throws {
    for text in try Self.samples() {
      let bytes = Array(text.utf8)
      for count in 1..<bytes.count {
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        #expect(throws: EventError.self, "\(text)") { try Self.dispatch(text) }
        #expect(throws: EventError.self, "\(text)") { try Self.worker(text) }
      }
    }
  }

  @Test("a changed event is read or refused, and never traps", arguments: 0..<4)
  func mutations(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let marks = Array(#"{}[]",:\0-9.enullaws:s3%+"#.utf8)
    for text in try Self.samples() {
      for _ in 0..<400 {
        var bytes = Array(text.utf8)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let index = Int.random(in: bytes.indices, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: bytes[index] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes[index] = marks.randomElement(using: &random) ?? 0
          case 2: bytes.remove(at: index)
          default: bytes.insert(contentsOf: bytes[index...].prefix(9), at: index)
          }
        }
        var defaults = DispatcherEvent.Defaults()
        (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("lake", "raw", "movies.csv")
        do {
          let event = try DispatcherEvent(
            parsing: bytes, defaults: defaults, now: UnixTime(seconds: 0), requestID: "r")
          #expect(RunName(event.run.description) != nil && S3Name.isKey(event.source.key), "seed \(seed)")
        } catch {}
        _ = try? WorkerEvent(parsing: bytes, defaultBucket: "lake", defaultPrefix: "p")
      }
    }
  }
}
