/// A client for CloudWatch Logs' FilterLogEvents.
package struct LogsClient: Sendable {
  /// The most streams that a request may name.
  package static let streamsMax = 100

  /// Which lines to read.
  package struct Query: Sendable, Equatable {
    package var group: String
    /// Only lines that match this filter pattern.
    package var pattern: String?
    /// Only lines of these streams, at most `streamsMax`; empty for all streams.
    package var streams: [String]
    /// Only lines from this time on.
    package var start: UnixTime
    /// Only lines up to this time.
    package var end: UnixTime

    package init(
      group: String, pattern: String? = nil, streams: [String] = [], start: UnixTime, end: UnixTime
    ) {
      (self.group, self.pattern, self.streams, self.start, self.end) = (group, pattern, streams, start, end)
    }
  }

  /// A line of a log.
  package struct Event: Sendable, Equatable {
    package let stream: String
    package let time: UnixTime
    package let message: String

    package init(stream: String, time: UnixTime, message: String) {
      (self.stream, self.time, self.message) = (stream, time, message)
    }
  }

  /// The lines that a query found.
  package struct Found: Sendable, Equatable {
    /// In the order of the service: by time, and lines of the same time in the order in which they arrived.
    package var events: [Event] = []
    /// Whether there are more lines than the limits allow.
    package var isCut = false
  }

  /// The error code for a log group that does not exist.
  package static let noSuchGroup = "ResourceNotFoundException"

  /// The most pages of one query. A page can be empty if the service has found nothing in the part that it has searched.
  private static let pagesMax = 2_000

  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// Reads the lines that match a query, one request per page of at most 1 MB.
  /// - Parameter eventsMax: stops at the end of the page that has this line.
  /// - Throws: `AWSServiceError`; `noSuchGroup` is its code if the log group does not exist.
  package func events(_ query: Query, eventsMax: Int) async throws -> Found {
    var found = Found()
    var token: String?
    for _ in 0..<Self.pagesMax {
      let page = try await page(query, token: token)
      found.events += page.events
      guard let next = page.nextToken, next != token else { return found }
      token = next
      if found.events.count >= eventsMax { break }
    }
    found.isCut = true
    return found
  }

  private struct Request: Encodable {
    let logGroupName: String
    let filterPattern: String?
    let logStreamNames: [String]?
    let startTime: Int64
    let endTime: Int64
    let nextToken: String?
  }

  private struct Page: Decodable {
    struct Line: Decodable {
      let logStreamName: String?
      let timestamp: Int64?
      let message: String?
    }

    let events: [Line]?
    let nextToken: String?
  }

  private func page(
    _ query: Query, token: String?
  ) async throws -> (events: [Event], nextToken: String?) {
    let body = try JSONText.encode(
      Request(
        logGroupName: query.group, filterPattern: query.pattern,
        logStreamNames: query.streams.isEmpty ? nil : query.streams,
        startTime: max(0, query.start.nanoseconds / 1_000_000),
        endTime: max(0, query.end.nanoseconds / 1_000_000), nextToken: token))
    let name = "FilterLogEvents of \(query.group)"
    let response = try await client.send(.json("Logs_20140328.FilterLogEvents", body, name: name))
    guard response.status == 200 else {
      throw AWSServiceError(response, call: name, advice: Self.advice(response))
    }
    guard let page = try? JSONText.decode(Page.self, from: response.body) else {
      throw AWSServiceError(
        response, call: name,
        advice: "The response is not that of CloudWatch Logs. Is the endpoint right?")
    }
    let events = (page.events ?? []).map { line in
      Event(
        stream: line.logStreamName ?? "", time: UnixTime(milliseconds: line.timestamp ?? 0),
        message: line.message ?? "")
    }
    return (events, page.nextToken)
  }

  private static func advice(_ response: HTTPResponse) -> String {
    switch AWSErrorBody(response).code {
    case noSuchGroup:
      "Is the function's name right, and is it in this region? A function has a log group once it was deployed or invoked."
    case "AccessDeniedException", "AccessDenied":
      "Do the credentials allow logs:FilterLogEvents on the log group?"
    case "ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId",
      "InvalidSignatureException", "IncompleteSignatureException", "SignatureDoesNotMatch":
      "Are the credentials valid, and is the system clock right?"
    default: AWSServiceError.transientAdvice(response) ?? "CloudWatch Logs rejected the request."
    }
  }
}
