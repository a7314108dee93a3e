import Glibc
import Synchronization

/// Writes JSON log lines in the format of Lambda's own: `timestamp`, `level`, `message`, `requestId`, then fields.
///
/// Each line is one `write` to standard error, which Lambda sends to CloudWatch; standard output stays free for
/// results.
package struct Log: Sendable {
  package enum Level: String, Sendable, CaseIterable, Comparable {
    case trace = "TRACE"
    case debug = "DEBUG"
    case info = "INFO"
    case warn = "WARN"
    case error = "ERROR"
    case fatal = "FATAL"

    package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  /// The value of a field. There is deliberately no case for a `Secret`.
  package enum Field: Sendable, ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByBooleanLiteral
  {
    case string(String)
    case integer(Int)
    case number(Double)
    case bool(Bool)

    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
  }

  /// The lowest level that is written.
  package let level: Level
  /// The request ID of the invocation that the lines belong to; nil outside of an invocation.
  package var requestID: String?
  /// The value of the metrics' only dimension, `Metric.dimension`.
  let stack: String
  private let write: @Sendable ([UInt8]) -> Void

  package init(
    level: Level, requestID: String? = nil, stack: String = "elenco",
    write: @escaping @Sendable ([UInt8]) -> Void = Log.toStandardError
  ) {
    self.level = level
    self.requestID = requestID
    self.stack = stack
    self.write = write
  }

  /// Reads the level from `AWS_LAMBDA_LOG_LEVEL` (INFO if it is unset or unknown) and the stack from `ELENCO_STACK`
  /// (`elenco` if it is unset or empty).
  package init(environment: [String: String]) {
    let name = environment["AWS_LAMBDA_LOG_LEVEL"]?.uppercased() ?? ""
    let stack = environment["ELENCO_STACK"].flatMap { $0.isEmpty ? nil : $0 }
    self.init(level: Level(rawValue: name) ?? .info, stack: stack ?? "elenco")
  }

  package func debug(_ message: String, _ fields: KeyValuePairs<String, Field> = [:]) {
    log(.debug, message, fields)
  }

  package func info(_ message: String, _ fields: KeyValuePairs<String, Field> = [:]) {
    log(.info, message, fields)
  }

  package func warn(_ message: String, _ fields: KeyValuePairs<String, Field> = [:]) {
    log(.warn, message, fields)
  }

  package func error(_ message: String, _ fields: KeyValuePairs<String, Field> = [:]) {
    log(.error, message, fields)
  }

  /// Writes metrics as a separate line at level INFO. No metrics are written if the level is set above INFO.
  /// - Parameters:
  ///   - time: the time that CloudWatch records the metrics for, at most 2 hours ahead; nil means now.
  ///   - fields: other fields of the line, such as the run.
  package func metrics(
    _ metrics: [Metric], at time: UnixTime? = nil, _ fields: KeyValuePairs<String, Field>
  ) {
    guard level <= .info else { return }
    let now = UnixTime.now()
    var line = line(.info, "metrics", at: now)
    line.append("_aws", json: Metric.directive(metrics, at: time ?? now))
    line.append(Metric.dimension, .string(stack))
    for metric in metrics { line.append(metric.name, .number(metric.value)) }
    for (name, value) in fields { line.append(name, value) }
    write(line.finished())
  }

  private func log(_ level: Level, _ message: String, _ fields: KeyValuePairs<String, Field>) {
    guard level >= self.level else { return }
    var line = line(level, message, at: .now())
    for (name, value) in fields { line.append(name, value) }
    write(line.finished())
  }

  private func line(_ level: Level, _ message: String, at time: UnixTime) -> JSONLine {
    var line = JSONLine()
    line.append("timestamp", .string(time.iso8601))
    line.append("level", .string(level.rawValue))
    line.append("message", .string(message))
    if let requestID { line.append("requestId", .string(requestID)) }
    return line
  }

  package static let toStandardError: @Sendable ([UInt8]) -> Void = { line in
    line.withUnsafeBytes { bytes in
      // A failed write to the log cannot be reported anywhere.
      _ = Glibc.write(STDERR_FILENO, bytes.baseAddress, bytes.count)
    }
  }
}

/// Builds one JSON object on one line, without a JSON library, to keep the first log line of a cold start cheap.
private struct JSONLine {
  private var bytes: [UInt8] = [UInt8(ascii: "{")]

  mutating func append(_ name: String, json: String) {
    appendName(name)
    bytes.append(contentsOf: json.utf8)
  }

  mutating func append(_ name: String, _ value: Log.Field) {
    appendName(name)
    switch value {
    case .string(let text): appendString(text)
    case .integer(let number): bytes.append(contentsOf: String(number).utf8)
    case .number(let number): bytes.append(contentsOf: (number.isFinite ? String(number) : "null").utf8)
    case .bool(let flag): bytes.append(contentsOf: String(flag).utf8)
    }
  }

  consuming func finished() -> [UInt8] {
    bytes.append(contentsOf: "}\n".utf8)
    return bytes
  }

  private mutating func appendName(_ name: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    appendString(name)
    bytes.append(UInt8(ascii: ":"))
  }

  private mutating func appendString(_ text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case UInt8(ascii: "\n"): bytes.append(contentsOf: "\\n".utf8)
      case 0..<0x20:
        let hex = String(byte, radix: 16)
        bytes.append(contentsOf: "\\u00\(hex.utf8.count == 1 ? "0" : "")\(hex)".utf8)
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}
