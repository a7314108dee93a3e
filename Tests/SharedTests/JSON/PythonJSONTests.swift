import Foundation
import TestSupport
import Testing

@testable import Shared

/// What the scanner accepts and refuses, compared with Python's json module.
///
/// Python is stricter and laxer than RFC 8259 in ways that check_json.py corrects: it accepts NaN and Infinity, and it
/// refuses numbers of more than 4300 digits. One difference is left: the scanner refuses texts that are nested deeper
/// than `JSONSyntax.depthMax`. Both accept repeated names and lone surrogates in escapes; both refuse a byte order mark
/// and bytes that are not UTF-8.
@Suite("JSON of Python", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct PythonJSONTests {
  @Test(
    "short texts, numbers, escapes, UTF-8 sequences and mutated documents are accepted or refused as by Python"
  )
  func texts() throws {
    var random = SeededRandom(seed: RandomSeed.value)
    let texts =
      Self.allTexts(of: "{}[],:\"\\01-.e ", upTo: 4) + Self.allTexts(of: "-+01.eE", upTo: 6) + Self.words
      + Self.escapes + Self.sequences + Self.documents(&random)
    let lines = texts.map { Data($0).base64EncodedString() }
    let digits = Array(
      try PythonProgram.run("check_json.py", text: lines.joined(separator: "\n") + "\n").utf8.dropLast())
    #expect(digits.count == texts.count)
    let different = zip(texts, digits).filter { text, digit in
      Self.isAccepted(text) != (digit == UInt8(ascii: "1"))
    }
    let first = different.prefix(5).map {
      "\(String(reflecting: String(decoding: $0.0, as: UTF8.self))) \($0.0)"
    }
    #expect(
      different.isEmpty,
      "seed \(RandomSeed.value): \(different.count) differ: \(first.joined(separator: "\n"))")
    // Enough of both.
    let accepted = digits.count { $0 == UInt8(ascii: "1") }
    #expect(accepted > 5000 && digits.count - accepted > 100_000, "\(accepted) of \(digits.count)")
  }

  @Test("Python accepts texts that are nested one level deeper than the scanner allows")
  func depth() throws {
    let texts = [0, 1].map { extra in
      let depth = JSONSyntax.depthMax + extra
      return Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    let lines = texts.map { Data($0).base64EncodedString() + "\n" }.joined()
    #expect(try PythonProgram.run("check_json.py", text: lines) == "11\n")
    #expect(texts.map(Self.isAccepted) == [true, false])
  }

  private static func isAccepted(_ text: [UInt8]) -> Bool {
    (try? text.withUnsafeBytes { try JSONScanner.check($0) }) != nil
  }

  /// Every text of one to `count` of these characters.
  private static func allTexts(of characters: String, upTo count: Int) -> [[UInt8]] {
    var (all, last): ([[UInt8]], [[UInt8]]) = ([], [[]])
    for _ in 1...count {
      last = last.flatMap { text in characters.utf8.map { text + [$0] } }
      all += last
    }
    return all
  }

  /// JSON's words and Python's own, whole, cut, in upper case, with one byte replaced, and inside other values.
  private static var words: [[UInt8]] {
    var all: [[UInt8]] = [[]]
    for word in ["true", "false", "null", "NaN", "Infinity", "-Infinity", "None", "undefined"] {
      let bytes = Array(word.utf8)
      all += (1...bytes.count).map { Array(bytes.prefix($0)) } + [Array(word.uppercased().utf8)]
      all += ["[\(word)]", "{\"a\":\(word)}", "{\(word):1}", " \(word)\t", "\(word)1"].map { Array($0.utf8) }
      for index in bytes.indices {
        all += (UInt8.min...UInt8.max).map { byte in
          var text = bytes
          text[index] = byte
          return text
        }
      }
    }
    return all
  }

  /// Every byte after a backslash, and every byte as each of the four digits of \u.
  private static var escapes: [[UInt8]] {
    let pairs = #""\ud834\udd1e" "\ud834" "\udd1e\ud834" "\ud834\u0041" "\uD834x" "\u12" "\u123" "\u" "\"#
    var all = pairs.split(separator: " ").map { Array($0.utf8) }
    for byte in UInt8.min...UInt8.max {
      all.append(Array(#""\"#.utf8) + [byte] + Array(#"x""#.utf8))
      for index in 0..<4 {
        var digits = Array("0aF9".utf8)
        digits[index] = byte
        all.append(Array(#""\u"#.utf8) + digits + Array(#"""#.utf8))
      }
    }
    return all
  }

  /// Strings of every two bytes, and of the longer UTF-8 sequences whose bytes are at the borders of what is allowed;
  /// each byte before, after and instead of a value.
  private static var sequences: [[UInt8]] {
    let quote = UInt8(ascii: "\"")
    let bytes = UInt8.min...UInt8.max
    var all = bytes.flatMap { first in bytes.map { [quote, first, $0, quote] } }
    let leads: [UInt8] = [
      0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
    ]
    let borders: [UInt8] = [0x22, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0]
    for lead in leads {
      for second in borders {
        for third in borders {
          all.append([quote, lead, second, third, quote])
          all += borders.map { [quote, lead, second, third, $0, quote] }
        }
      }
    }
    for byte in bytes { all += [[byte], [byte, 0x31], [0x31, byte], [0x5B, byte, 0x5D]] }
    return all + [[0xEF, 0xBB, 0xBF, 0x31], [0xFF, 0xFE, 0x31, 0], [0x31, 0]]
  }

  /// Documents with one to three random changes, and truncated ones. Their strings are longer than the 16 bytes that
  /// the scanner compares together.
  private static func documents(_ random: inout SeededRandom) -> [[UInt8]] {
    let documents = [
      #"{"id":907,"cast":[{"name":"Zoë \u0026 Co","popularity":1.25,"x":null}],"crew":[],"n":-0.5E+2}"#,
      #"[{"overview":"a text of more than thirty-two bytes, with 葵 and \"quotes\" and \ud83d\ude00","b":true},[[]]]"#,
      "\t{ \"a\" : [ 1 , -2.5e-3 , 0 , false ] ,\r\n \"b\\u0041\" : { } , \"a\" : \"\\\\\\/\\b\\f\\n\\r\\t\" } \n",
      "[\"\(String(repeating: "é", count: 20))\",\"\(String(repeating: "x", count: 40))\",\(String(repeating: "9", count: 40))]",
    ].map { Array($0.utf8) }
    let bytes =
      Array(#"{}[],:"\/eEutfn0123456789.+- "#.utf8) + [0, 9, 0x1F, 0x7F, 0x80, 0xBF, 0xC3, 0xE2, 0xF0, 0xFF]
    return documents.flatMap { document in (0..<document.count).map { Array(document.prefix($0)) } }
      + (0..<20_000).map { _ in
        var text = documents[Int.random(in: documents.indices, using: &random)]
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let index = Int.random(in: text.indices, using: &random)
          let byte = bytes[Int.random(in: bytes.indices, using: &random)]
          switch Int.random(in: 0..<4, using: &random) {
          case 0: text[index] = byte
          case 1: text.insert(byte, at: index)
          case 2: text.remove(at: index)
          default: text.swapAt(index, Int.random(in: text.indices, using: &random))
          }
        }
        return text
      }
  }
}
