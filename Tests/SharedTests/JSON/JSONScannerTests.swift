import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("JSON scanner") struct JSONScannerTests {
  private static func check(_ bytes: some Collection<UInt8>) -> JSONError? {
    do {
      try Array(bytes).withUnsafeBytes { try JSONScanner.check($0) }
      return nil
    } catch { return error as? JSONError }
  }

  private static func suite(_ prefix: String) -> [URL] {
    guard let folder = SharedData.folder?.appending(path: "json") else { return [] }
    let files = try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return (files ?? []).filter { $0.lastPathComponent.hasPrefix(prefix) }.sorted { $0.path < $1.path }
  }

  @Test(
    "every valid text of the test suite is accepted",
    .enabled(if: SharedData.has("json"), "\(SharedData.missing)"))
  func accepted() throws {
    let files = Self.suite("y_")
    #expect(files.count >= 50)
    for file in files { #expect(Self.check(try Data(contentsOf: file)) == nil, "\(file.lastPathComponent)") }
  }

  @Test(
    "every invalid text of the test suite is refused",
    .enabled(if: SharedData.has("json"), "\(SharedData.missing)"))
  func refused() throws {
    let files = Self.suite("n_")
    #expect(files.count >= 130)
    for file in files { #expect(Self.check(try Data(contentsOf: file)) != nil, "\(file.lastPathComponent)") }
  }

  @Test(
    "texts that parsers treat differently never trap: lone surrogates are accepted, invalid UTF-8 is refused",
    .enabled(if: SharedData.has("json"), "\(SharedData.missing)"))
  func either() throws {
    for file in Self.suite("i_") {
      let isAccepted = Self.check(try Data(contentsOf: file)) == nil
      let name = file.lastPathComponent
      if name.contains("surrogate") && !name.contains("UTF8") { #expect(isAccepted, "\(name)") }
      if name.contains("utf-8") || name.contains("UTF-8_invalid") { #expect(!isAccepted, "\(name)") }
    }
  }

  @Test("every truncation of a document is refused")
  func truncations() {
    let text = Array(#"{"id":12,"a":[1.5e-3,true,null,"é\u0026\\\"𝄞"],"b":{"c":false,"d":""}}"#.utf8)
    #expect(Self.check(text) == nil)
    for count in 0..<text.count { #expect(Self.check(text[..<count]) != nil, "\(count) bytes") }
  }

  @Test("nothing is read beyond the end of a text, even if the next page is unreadable")
  func pageEnd() throws {
    let page = sysconf(Int32(_SC_PAGESIZE))
    let pages = try #require(
      mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))
    defer { munmap(pages, 2 * page) }
    #expect(mprotect(pages + page, page, PROT_NONE) == 0)
    let text = Array(#"{"id":12,"a":[true,false,null,"éé","0123456789abcdef0123456789"]}"#.utf8)
    for count in 0...text.count {
      let bytes = UnsafeMutableRawBufferPointer(start: pages + page - count, count: count)
      bytes.copyBytes(from: text[..<count])
      let isAccepted = (try? JSONScanner.check(UnsafeRawBufferPointer(bytes))) != nil
      #expect(isAccepted == (count == text.count), "\(count) bytes")
    }
  }

  @Test("a special byte inside a string is detected at every offset within a word", arguments: 0..<36)
  func offsets(offset: Int) {
    let plain = String(repeating: "a", count: offset)
    for rest in ["", "b", "bbbbbbbbbbbbbbbb"] {
      #expect(Self.check("\"\(plain)\\n\(rest)\"".utf8) == nil)
      #expect(Self.check("\"\(plain)é\(rest)\"".utf8) == nil)
      #expect(Self.check("\"\(plain)\u{7F}!#[]\(rest)\"".utf8) == nil)
      #expect(Self.check("\"\(plain)\u{1F}\(rest)\"".utf8) != nil)
      #expect(Self.check(Array("\"\(plain)".utf8) + [0xFF] + Array("\(rest)\"".utf8)) != nil)
      #expect(Self.check(Array("\"\(plain)".utf8) + [0xC3] + Array("\(rest)\"".utf8)) != nil)
    }
  }

  @Test("randomly mutated documents are accepted or refused as by Foundation", arguments: 1...20)
  func mutations(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let document = Array(
      #"{"id":907,"cast":[{"name":"Zoë & Co","popularity":1.25,"x":null}],"crew":[],"n":-0.5E+2}"#.utf8)
    let bytes = Array(#"{}[],:"\eEtfn0123456789.+- u"#.utf8) + [0x00, 0x1F, 0x80, 0xC3, 0xFF]
    for _ in 0..<300 {
      var text = document
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0..<text.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: text[index] = bytes.randomElement(using: &random) ?? 0
        case 1: text.insert(bytes.randomElement(using: &random) ?? 0, at: index)
        default: text.remove(at: index)
        }
      }
      // Skipped, because Foundation treats a NUL after the value as the end, and refuses lone surrogates.
      guard !text.contains(0), !text.contains(UInt8(ascii: "\\")) else { continue }
      let foundation =
        (try? JSONSerialization.jsonObject(with: Data(text), options: .fragmentsAllowed)) != nil
      let isAccepted = Self.check(text) == nil
      #expect(isAccepted == foundation, "seed \(seed): \(String(decoding: text, as: UTF8.self))")
    }
  }

  @Test("nesting up to the limit is accepted, deeper nesting is refused")
  func depth() {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    #expect(Self.check(nested(JSONSyntax.depthMax).utf8) == nil)
    #expect(Self.check(nested(JSONSyntax.depthMax + 1).utf8) != nil)
    #expect(Self.check(String(repeating: "[{\"a\":", count: 100_000).utf8) != nil)
  }

  @Test("an error contains the byte offset")
  func errors() {
    #expect(Self.check(#"{"a":1 "b":2}"#.utf8)?.byte == 7)
    #expect(Self.check("".utf8)?.byte == 0)
    #expect(Self.check("1 2".utf8)?.byte == 2)
  }
}

@Suite("JSON object scanner") struct JSONObjectScannerTests {
  @Test("keys are compared with their escapes decoded")
  func keys() throws {
    let text = Array(#"{"\u0069d":1,"i\u0064":2,"id ":3,"ID":4,"\u00e9":5}"#.utf8)
    let matches = try text.withUnsafeBytes { bytes in
      var members = try JSONObjectScanner(bytes)
      var matches: [Bool] = []
      while let key = try members.nextKey() {
        matches.append(members.isKey(key, "id"))
        _ = try members.skipValue()
      }
      return matches
    }
    #expect(matches == [true, true, false, false, false])
  }

  @Test(
    "escapes are decoded by RFC 8259",
    arguments: [
      (#"a\"\\\/\b\f\n\r\tz"#, "a\"\\/\u{8}\u{C}\n\r\tz"), (#"\u00e9\uD834\uDD1E"#, "é𝄞"),
      (#"\uD834x"#, "\u{FFFD}x"),
      ("é", "é"), ("", ""),
    ])
  func escapes(raw: String, text: String) {
    let decoded = Array(raw.utf8).withUnsafeBytes { JSONString.decode($0) }
    #expect(decoded == text)
  }

  @Test("a data file is split into its films in order, each with its response including white space")
  func dataFile() throws {
    let file = Array(
      "{\"tt0000001\":{\"id\":1}\n,\n\"tt0000002\": [1, 2] ,\n\"tt0000003\":{\"a\":\",}\"}}\n".utf8)
    let encoding = DataFileEncoding()
    #expect(try DataFileIndex.filmIDs(in: file, encoding) == ["tt0000001", "tt0000002", "tt0000003"])
    let responses = try DataFileIndex.responses(in: file, encoding).mapValues {
      String(decoding: $0, as: UTF8.self)
    }
    #expect(
      responses == ["tt0000001": "{\"id\":1}\n", "tt0000002": " [1, 2] ", "tt0000003": "{\"a\":\",}\"}"])
    #expect(throws: DataFileError.self) {
      try DataFileIndex.filmIDs(in: Array("{\"tt1\":{}".utf8), encoding)
    }
    #expect(try DataFileIndex.filmIDs(in: Array("{}\n".utf8), encoding).isEmpty)
  }
}
