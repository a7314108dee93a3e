/// Compares JSON with the schemas of docs/schemas, which Python's jsonschema reads.
public enum OutputSchemas {
  /// A JSON text, and the name of the schema that it must have: the name of the file without `.schema.json`.
  public struct Output: Encodable, Sendable {
    public let schema: String
    public let text: String

    public init(_ schema: String, _ text: String) {
      self.schema = schema
      self.text = text
    }

    public func encode(to encoder: any Encoder) throws {
      var pair = encoder.unkeyedContainer()
      try pair.encode(schema)
      try pair.encode(text)
    }
  }

  private struct Comparison: Encodable {
    let outputs: [Output]
    let isExact: Bool
  }

  /// The ways in which the outputs differ from their schemas, each as a sentence.
  /// - Parameter areAll: whether these are all fields that there can be, and whether each that can be missing is missing
  ///   once. The schemas must then have exactly these fields.
  public static func faults(of outputs: [Output], areAll: Bool = false) throws -> [String] {
    try PythonProgram.run("match_outputs.py", input: Comparison(outputs: outputs, isExact: areAll))
  }
}
