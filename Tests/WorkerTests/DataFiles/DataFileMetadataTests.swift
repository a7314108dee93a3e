import Shared
import Testing

@testable import Worker

@Suite("Data file metadata") struct DataFileMetadataTests {
  @Test("metadata is read back as written, and is complete only if no film failed or was postponed")
  func metadata() throws {
    let run = try #require(RunName("r1"))
    for (failed, postponed, generation) in [(0, 0, nil), (1, 0, "g"), (0, 2, nil)] as [(Int, Int, String?)] {
      let metadata = DataFileMetadata(
        run: run, shard: 3, films: 90, absent: 2, failed: failed, postponed: postponed, sha256: "ab",
        generation: generation, kept: generation == nil ? nil : 40)
      let fields = Dictionary(uniqueKeysWithValues: metadata.fields.map { ($0.name, $0.value) })
      #expect(DataFileMetadata { fields[$0] } == metadata)
      #expect(fields["elenco-kept"] == (generation == nil ? nil : "40"))
      #expect(fields["elenco-complete"] == (failed + postponed == 0 ? "true" : "false"))
    }
    #expect(DataFileMetadata { _ in nil } == nil)
  }
}
