import Foundation
import Testing

/// Runs the fuzz targets with the kept inputs: one per way through the code, and each that was once an error.
@Suite("Fuzz targets") struct FuzzInputsTests {
  private static let corpus = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Corpus")

  /// The kept inputs of a target.
  private static func inputs(of target: String) throws -> [(name: String, bytes: [UInt8])] {
    let folder = corpus.appending(path: target)
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
      (name, Array(try Data(contentsOf: folder.appending(path: name))))
    }
  }

  @Test("every kept input has the target's properties", arguments: FuzzTarget.all.map(\.name))
  func keptInputs(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let inputs = try Self.inputs(of: name)
    #expect(!inputs.isEmpty)
    for input in inputs {
      #expect(throws: Never.self, "Tests/Fuzz/Corpus/\(name)/\(input.name)") { try target.run(input.bytes) }
    }
  }

  @Test("no truncation of a kept input breaks a property", arguments: FuzzTarget.all.map(\.name))
  func truncations(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    for input in try Self.inputs(of: name) where input.bytes.count <= 2048 {
      for count in 0..<input.bytes.count {
        #expect(throws: Never.self, "the first \(count) bytes of \(name)/\(input.name)") {
          try target.run(Array(input.bytes[..<count]))
        }
      }
    }
  }

  @Test("every folder of the corpus belongs to a target")
  func folders() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
    #expect(Set(folders) == Set(FuzzTarget.all.map(\.name)))
  }
}
