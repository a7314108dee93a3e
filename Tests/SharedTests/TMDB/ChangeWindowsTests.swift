import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("Windows of the list of changes") struct ChangeWindowsTests {
  private static func day(_ text: String) throws -> UnixDay { try #require(UnixDay(iso8601: text)) }

  private static func all(from first: UnixDay, through last: UnixDay) -> [ChangeWindows.Window] {
    var windows = ChangeWindows(from: first, through: last)
    var found: [ChangeWindows.Window] = []
    while let window = windows.next() { found.append(window) }
    return found
  }

  private struct Span: Encodable {
    let first: String
    let last: String
  }

  @Test(
    "windows are those that Python computes with its own calendar",
    .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
  func python() throws {
    let start = try Self.day("2023-12-20")
    let spans = (0..<60).flatMap { days in
      [0, 70, 440].map { Span(first: (start + $0).iso8601, last: (start + $0 + days).iso8601) }
    }
    let expected: [[[String]]] = try PythonProgram.run("change_windows.py", input: spans)
    for (span, windows) in zip(spans, expected) {
      let found = try Self.all(from: Self.day(span.first), through: Self.day(span.last))
      #expect(found.map { [$0.first.iso8601, $0.last.iso8601] } == windows, "\(span)")
    }
    #expect(expected.count == 180 && expected.contains { $0.count == 5 })
  }

  @Test("no window has more than 14 days, and together they have every day", arguments: [0, 1, 13, 14, 200])
  func covered(days: Int) {
    let first = UnixDay(number: 20_000)
    let windows = Self.all(from: first, through: first + days)
    #expect(windows.allSatisfy { (0..<14).contains($0.last - $0.first) })
    #expect(Set(windows.flatMap { $0.first.number...$0.last.number }) == Set(20_000...20_000 + days))
  }

  @Test("a base of a later day than the run has no windows") func none() {
    #expect(Self.all(from: UnixDay(number: 2), through: UnixDay(number: 1)).isEmpty)
  }

  @Test(
    "the pages after the first are those that the first announces",
    arguments: [(0, 0, 2..<2), (1, 100, 2..<2), (2, 101, 2..<3), (1000, 100_000, 2..<1001)])
  func pages(pages: Int, entries: Int, expected: Range<Int>) throws {
    let window = ChangeWindows.Window(first: UnixDay(number: 5), last: UnixDay(number: 8))
    var windows = ChangeWindows(from: UnixDay(number: 5), through: UnixDay(number: 8))
    _ = windows.next()
    #expect(try windows.pagesAfterFirst(of: window, pages: pages, entries: entries) == expected)
    #expect(windows.next() == nil)
  }

  @Test("a window with too many pages is split until each part fits, and no day is lost") func split() throws
  {
    // 60,000 entries a day: one day fits, two do not. TMDB states at most 1,000 pages.
    var windows = ChangeWindows(from: UnixDay(number: 100), through: UnixDay(number: 113))
    var read: [ChangeWindows.Window] = []
    while let window = windows.next() {
      let entries = (window.last - window.first + 1) * 60_000
      let pages = try windows.pagesAfterFirst(of: window, pages: min(1000, entries / 100), entries: entries)
      if !pages.isEmpty { read.append(window) }
    }
    #expect(read.allSatisfy { $0.first == $0.last })
    #expect(Set(read.map(\.first.number)) == Set(100...113))
  }

  @Test("a single day with too many pages cannot be read") func tooMany() {
    let day = UnixDay(number: 20_000)
    var windows = ChangeWindows(from: day, through: day)
    #expect(throws: TooManyChanges(day: day)) {
      try windows.pagesAfterFirst(of: .init(first: day, last: day), pages: 1001, entries: 0)
    }
    #expect(throws: TooManyChanges(day: day)) {
      try windows.pagesAfterFirst(of: .init(first: day, last: day), pages: 1000, entries: 100_001)
    }
  }
}
