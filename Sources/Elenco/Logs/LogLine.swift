import Shared

/// A line of a function's log: JSON that Elenco or Lambda has written, or any other text.
struct LogLine: Sendable, Equatable {
  /// The function that wrote a line.
  enum Source: String, Sendable, Encodable {
    case dispatcher, worker
  }

  let source: Source
  /// When the line was written; for a line without a time of its own, when it arrived.
  let time: UnixTime
  /// The level in Elenco's lines; nil in others.
  let level: String?
  let message: String
  let requestID: String?
  let run: String?
  let shard: Int?
  /// The other fields; empty for a line that is not JSON.
  let fields: [String: JSONValue]

  init(_ event: LogsClient.Event, source: Source) {
    self.source = source
    let trimmed = event.message.trimmingLineBreaks
    guard trimmed.utf8.first == UInt8(ascii: "{"),
      case .object(var object)? = try? JSONValue(parsing: Array(trimmed.utf8))
    else {
      (time, level, run, shard, fields) = (event.time, nil, nil, nil, [:])
      message = trimmed
      requestID = Self.requestID(ofText: trimmed)
      return
    }
    // Lambda's own lines have a time, a type, and a record with the rest.
    let ownTime = (object.removeText("timestamp") ?? object.removeText("time"))
      .flatMap(UnixTime.init(iso8601:))
    time = ownTime ?? event.time
    if case .object(let record)? = object["record"], object["message"] == nil {
      object["record"] = nil
      object.merge(record) { own, _ in own }
      message = object.removeText("type") ?? ""
    } else {
      message = object.removeText("message") ?? ""
    }
    level = object.removeText("level")
    requestID = object.removeText("requestId")
    run = object.removeText("run")
    if case .integer(let number)? = object["shard"] {
      shard = number
      object["shard"] = nil
    } else {
      shard = nil
    }
    fields = object
  }

  /// Whether the line has only the values of metrics, which other lines repeat.
  var isMetrics: Bool { message == "metrics" && fields["_aws"] != nil }

  /// The request of `START RequestId: ID Version: …`, `END …` and `REPORT …`, as Lambda writes them to text logs.
  private static func requestID(ofText text: String) -> String? {
    let words = text.split(maxSplits: 3) { $0 == " " || $0 == "\t" }
    guard words.count >= 3, ["START", "END", "REPORT"].contains(words[0]), words[1] == "RequestId:" else {
      return nil
    }
    return String(words[2])
  }

  /// One line of text: time, level, function or shard, message, and the other fields.
  var text: String {
    let name = shard.map { "shard \($0)" } ?? source.rawValue
    let others = fields.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.text($0.value))" }
    let start = "\(time.iso8601)  \((level ?? "-").padded(right: 5))  \(name.padded(right: 10))"
    return ([start, message] + (others.isEmpty ? [] : [others.joined(separator: " ")]))
      .joined(separator: "  ").onOneLine
  }

  private static func text(_ value: JSONValue) -> String {
    if case .string(let text) = value, !text.isEmpty, !text.contains(where: { $0.isWhitespace || $0 == "\"" })
    {
      return text
    }
    return (try? JSONText.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}

/// The JSON output.
extension LogLine: Encodable {
  private enum CodingKeys: String, CodingKey {
    case time, function, level, message, requestId, run, shard, fields
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(time.iso8601, forKey: .time)
    try container.encode(source, forKey: .function)
    try container.encodeIfPresent(level, forKey: .level)
    try container.encode(message, forKey: .message)
    try container.encodeIfPresent(requestID, forKey: .requestId)
    try container.encodeIfPresent(run, forKey: .run)
    try container.encodeIfPresent(shard, forKey: .shard)
    if !fields.isEmpty { try container.encode(fields, forKey: .fields) }
  }
}

extension [String: JSONValue] {
  /// Removes a field that is a string, and returns it.
  fileprivate mutating func removeText(_ name: String) -> String? {
    guard case .string(let text)? = self[name] else { return nil }
    self[name] = nil
    return text
  }
}

extension String {
  fileprivate var trimmingLineBreaks: String {
    guard let last = lastIndex(where: { !$0.isNewline }) else { return "" }
    return String(self[...last])
  }
}
