import TestSupport
import Testing

@testable import Dispatcher
@testable import Elenco
@testable import Shared
@testable import Worker

/// What Elenco encodes, with every optional field and without, compared with the schemas. A field that is added to a type
/// must be added to its schema, too.
@Suite("Encoded outputs", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct EncodedOutputTests {
  @Test(
    "each schema has exactly the fields that are encoded, and requires exactly those that are never left out")
  func fields() throws {
    let samples = try OutputSamples()
    // A new optional field has nil as its default. This finds it.
    let missing = samples.full.flatMap { Self.missing($0.value, $0.schema) }
    #expect(missing == [])
    let outputs = try (samples.full + samples.least).map { sample in
      OutputSchemas.Output(sample.schema, String(decoding: try sample.encode(), as: UTF8.self))
    }
    let faults = try OutputSchemas.faults(of: outputs, areAll: true)
    #expect(faults == [])
  }

  /// The names of the optional fields that are nil in a value or in what it contains.
  private static func missing(_ value: Any, _ path: String) -> [String] {
    let mirror = Mirror(reflecting: value)
    if mirror.displayStyle == .optional {
      return mirror.children.first.map { missing($0.value, path) } ?? [path]
    }
    return mirror.children.flatMap { missing($0.value, path + "." + ($0.label ?? "")) }
  }
}
