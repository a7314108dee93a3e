import Foundation
import TestSupport
import Testing

@testable import Shared

/// The schemas of docs/schemas, and the events that they accept.
@Suite("JSON Schemas", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct SchemaTests {
  /// An event that Python has generated.
  private struct Event: Decodable {
    let function, text: String
    /// Whether the schema accepts it without its null fields.
    let isValid: Bool
  }

  @Test("each schema is valid, accepts its examples and refuses their changes") func schemas() throws {
    let faults = try PythonProgram.run("check_schemas.py", text: "")
    #expect(faults == "")
  }

  @Test("the examples and the tables of the pages agree with the schemas") func pages() throws {
    let faults = try PythonProgram.run("check_schema_pages.py", text: "")
    #expect(faults == "")
  }

  @Test("the functions accept exactly the events that the schemas accept")
  func events() throws {
    let output = try PythonProgram.run("generate_events.py", ["\(RandomSeed.value)", "4000"], text: "")
    let events = try JSONDecoder().decode([Event].self, from: Data(output.utf8))
    let different = events.filter { Self.accepts($0.function, $0.text) != $0.isValid }
    let first = different.prefix(5).map { "\($0.function), valid: \($0.isValid): \($0.text)" }
    #expect(
      different.isEmpty,
      "seed \(RandomSeed.value): \(different.count) differ:\n\(first.joined(separator: "\n"))")
    // Enough of both.
    let valid = events.count(where: \.isValid)
    #expect(events.count == 4000 && (1000...3000).contains(valid), "\(valid) of \(events.count)")
  }

  static func accepts(_ function: String, _ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard function == "dispatcher" else {
      return (try? WorkerEvent(parsing: bytes, defaultBucket: "lake", defaultPrefix: "p")) != nil
    }
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("lake", "raw", "movies.csv")
    let now = UnixTime(seconds: 1_795_489_200)
    return (try? DispatcherEvent(parsing: bytes, defaults: defaults, now: now, requestID: "r")) != nil
  }
}
