import Testing

@testable import Elenco

@Suite("Help") struct HelpTests {
  private static let specs = ElencoMain.commands.map { $0.spec }

  @Test("the help of every command names its options, fits in 100 columns, and its example can be parsed")
  func help() throws {
    for spec in Self.specs {
      let text = HelpText.text(spec)
      for option in spec.allOptions { #expect(text.contains("  \(option.synopsis)"), "\(spec.name)") }
      for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(spec.name): \(line)") }
      // A pipe or a substitution of the shell around the command is not part of its command line.
      let start = try #require(spec.example.firstRange(of: "elenco "))
      let words = spec.example[start.upperBound...].prefix { $0 != "|" && $0 != ")" }.split(separator: " ")
      #expect(words.first.map(String.init) == spec.name)
      // In these examples, single quotes enclose words without spaces.
      let parsed = words.dropFirst().map { $0.filter { $0 != "'" } }
      #expect(throws: Never.self) { try Arguments(parsed, spec) }
    }
  }

  @Test("names are unique") func names() {
    #expect(Set(Self.specs.map(\.name)).count == Self.specs.count)
    for spec in Self.specs {
      #expect(Set(spec.allOptions.map(\.name)).count == spec.allOptions.count, "\(spec.name)")
      for alternative in spec.alternatives { #expect(spec.options.contains { $0.name == alternative }) }
    }
  }
}
