import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("Gzip") struct GzipTests {
  private static func compress(_ pieces: [[UInt8]]) -> [UInt8] {
    var writer = GzipWriter()
    for piece in pieces { writer.append(piece[...]) }
    return Array(writer.finish().joined())
  }

  /// Random text of a few letters, which compresses, with stretches of random bytes, which do not.
  private static func pieces(_ random: inout SeededRandom) -> [[UInt8]] {
    (0..<Int.random(in: 0...20, using: &random)).map { _ in
      let letters: ClosedRange<UInt8> = Bool.random(using: &random) ? 97...99 : 0...255
      return (0..<Int.random(in: 0...60_000, using: &random)).map { _ in .random(in: letters, using: &random)
      }
    }
  }

  @Test(
    "what is compressed is what gzip unpacks, and the same pieces give the same bytes",
    arguments: 1...10 as ClosedRange<UInt64>)
  func roundTrip(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let pieces = Self.pieces(&random)
    let compressed = Self.compress(pieces)
    #expect(Self.compress(pieces) == compressed, "seed \(seed)")
    let content = Array(pieces.joined())
    let folder = try TemporaryFolder()
    try Data(compressed).write(to: URL(filePath: folder.path + "/file.gz"))
    try Data(content).write(to: URL(filePath: folder.path + "/file"))
    try ChildProcess.run("/bin/sh", ["-c", "gzip -dc \"$0.gz\" | cmp - \"$0\"", folder.path + "/file"])
    #expect(try Gzip.decompress(compressed, bytesMax: content.count) == content, "seed \(seed)")
    // What gzip itself compressed, too.
    try ChildProcess.run("/bin/sh", ["-c", "gzip -c \"$0\" > \"$0.gz\"", folder.path + "/file"])
    let other = Array(try Data(contentsOf: URL(filePath: folder.path + "/file.gz")))
    #expect(try Gzip.decompress(other, bytesMax: content.count) == content, "seed \(seed)")
  }

  @Test("every truncation and every changed byte of the checksum is refused")
  func damaged() {
    let compressed = Self.compress([Array("ten films ten films".utf8)])
    for count in 0..<compressed.count {
      #expect(throws: Gzip.Problem.self, "\(count) bytes") {
        try Gzip.decompress(Array(compressed.prefix(count)), bytesMax: 100)
      }
    }
    for index in compressed.count - 8..<compressed.count {
      var changed = compressed
      changed[index] ^= 1
      #expect(throws: Gzip.Problem.self) { try Gzip.decompress(changed, bytesMax: 100) }
    }
  }

  @Test("more bytes than allowed are refused, whatever length the stream states")
  func limit() throws {
    let content = [UInt8](repeating: 0, count: 1_000_000)
    var compressed = Self.compress([content])
    #expect(compressed.count < 2000)
    #expect(try Gzip.decompress(compressed, bytesMax: 1_000_000) == content)
    #expect(throws: Gzip.Problem.tooLarge(bytesMax: 999_999)) {
      try Gzip.decompress(compressed, bytesMax: 999_999)
    }
    for stated in [0, 0xFF] as [UInt8] {
      for index in compressed.count - 4..<compressed.count { compressed[index] = stated }
      #expect(throws: Gzip.Problem.tooLarge(bytesMax: 1000)) {
        try Gzip.decompress(compressed, bytesMax: 1000)
      }
    }
  }
}
