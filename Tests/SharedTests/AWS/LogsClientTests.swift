import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Shared

/// FilterLogEvents on a server that plays CloudWatch Logs.
@Suite("CloudWatch Logs client") struct LogsClientTests {
  private static let query = LogsClient.Query(
    group: "/aws/lambda/worker", pattern: #"{ $.run = "r" }"#, start: UnixTime(milliseconds: 1_000),
    end: UnixTime(milliseconds: 9_000))

  /// Sends a query to a server that responds with these pages one after the other; the last one remains.
  private static func events(
    _ pages: [(status: Int, body: String)], _ query: LogsClient.Query = query, eventsMax: Int = 1_000
  ) throws -> (result: Result<LogsClient.Found, any Error>, requests: [String]) {
    let count = Mutex(0)
    let server = try ScriptedServer(
      .choose { _ in
        let page = count.withLock { count in
          count += 1
          return pages[min(count, pages.count) - 1]
        }
        return .json(page.body, status: page.status)
      })
    defer { server.stop() }
    let environment = [
      "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS": server.url, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "key",
      "AWS_SECRET_ACCESS_KEY": "secret",
    ]
    let result = try EventLoop.run { loop -> Result<LogsClient.Found, any Error> in
      let logs = try AWSServices(http: HTTPClient(loop: loop), environment: environment).logs
      do { return .success(try await logs.events(query, eventsMax: eventsMax)) } catch {
        return .failure(error)
      }
    }
    return (result, server.requests.map { String(decoding: $0, as: UTF8.self) })
  }

  private static func page(_ lines: [Int], next: String? = nil) -> (status: Int, body: String) {
    let events = lines.map {
      #"{"logStreamName":"s","timestamp":\#($0),"message":"line \#($0)","ingestionTime":1,"eventId":"\#($0)"}"#
    }
    let token = next.map { #","nextToken":"\#($0)""# } ?? ""
    return (200, #"{"events":[\#(events.joined(separator: ","))],"searchedLogStreams":[]\#(token)}"#)
  }

  private static func body(_ request: String) throws -> [String: Any] {
    let end = try #require(request.firstRange(of: "\r\n\r\n")).upperBound
    return try #require(
      JSONSerialization.jsonObject(with: Data(request[end...].utf8)) as? [String: Any])
  }

  @Test("all pages are read, empty ones too, each with the token of the one before") func pages() throws {
    let (result, requests) = try Self.events([
      Self.page([1, 2], next: "a"), Self.page([], next: "b"), Self.page([3]),
    ])
    let found = try result.get()
    #expect(found.events.map(\.message) == ["line 1", "line 2", "line 3"] && !found.isCut)
    #expect(found.events.map(\.time) == (1...3).map { UnixTime(milliseconds: $0) })
    #expect(try requests.map { try Self.body($0)["nextToken"] as? String } == [nil, "a", "b"])
    let first = try Self.body(try #require(requests.first))
    #expect(first["logGroupName"] as? String == "/aws/lambda/worker")
    #expect(first["filterPattern"] as? String == #"{ $.run = "r" }"#)
    #expect(first["startTime"] as? Int == 1_000 && first["endTime"] as? Int == 9_000)
    #expect(first["logStreamNames"] == nil)
    for request in requests {
      #expect(request.contains("X-Amz-Target: Logs_20140328.FilterLogEvents\r\n"))
      #expect(request.contains("/eu-west-1/logs/aws4_request"))
    }
  }

  @Test("a query can name streams instead of a pattern") func streams() throws {
    let query = LogsClient.Query(
      group: "g", streams: ["a", "b"], start: UnixTime(seconds: -5), end: UnixTime(seconds: 5))
    let (_, requests) = try Self.events([Self.page([])], query)
    let body = try Self.body(try #require(requests.first))
    #expect(body["logStreamNames"] as? [String] == ["a", "b"] && body["filterPattern"] == nil)
    // CloudWatch accepts no negative time.
    #expect(body["startTime"] as? Int == 0)
  }

  @Test("reading stops at a token that repeats, and at the limit of lines") func limits() throws {
    let repeated = try Self.events([Self.page([1], next: "a")])
    #expect(try repeated.result.get().events.count == 2 && repeated.requests.count == 2)
    let endless = (0..<9).map { Self.page([$0, $0], next: "\($0)") }
    let (result, requests) = try Self.events(endless, eventsMax: 5)
    let found = try result.get()
    #expect(found.isCut && found.events.count == 6 && requests.count == 3)
  }

  @Test(
    "an error says what to do, and shows nothing of the response but its message",
    arguments: [
      ("ResourceNotFoundException", "Is the function's name right"),
      ("AccessDeniedException", "logs:FilterLogEvents"),
      ("ExpiredTokenException", "Are the credentials valid"),
      ("UnrecognizedClientException", "Are the credentials valid"),
      ("InvalidParameterException", "rejected the request"),
    ])
  func errors(code: String, words: String) throws {
    let (result, requests) = try Self.events([
      (400, #"{"__type":"com.amazon#\#(code)","message":"It is \u001b[31mso"}"#)
    ])
    let error = #expect(throws: AWSServiceError.self) { try result.get() }
    #expect(error?.code == code && requests.count == 1)
    let text = error?.description ?? ""
    #expect(
      text.hasPrefix("FilterLogEvents of /aws/lambda/worker: \(code)") && text.contains(words), "\(text)")
    #expect(!text.contains("\u{1B}"))
  }

  @Test("a throttled request is repeated") func throttled() throws {
    let (result, requests) = try Self.events([
      (400, #"{"__type":"ThrottlingException","message":"Rate exceeded"}"#), Self.page([1]),
    ])
    #expect(try result.get().events.count == 1 && requests.count == 2)
  }

  @Test(
    "what is not a response of CloudWatch Logs is an error, and missing members are not",
    arguments: [
      ("<html>", false), (#"{"events":1}"#, false), (#"{"events":[{"timestamp":"x"}]}"#, false),
      ("{}", true), (#"{"events":[{}]}"#, true), (String(repeating: "[", count: 9_999), false),
    ])
  func hostile(body: String, isAccepted: Bool) throws {
    let (result, _) = try Self.events([(200, body)])
    #expect(((try? result.get()) != nil) == isAccepted)
  }
}
