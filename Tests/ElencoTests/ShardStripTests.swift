import TestSupport
import Testing

@testable import Elenco
@testable import Shared

@Suite("Strip of shards") struct ShardStripTests {
  private static let plain = TerminalStyle(isUTF8: false, hasColors: false)

  private static func lines(_ states: [ShardStrip.State], columns: Int, _ style: TerminalStyle = plain)
    -> [String]
  {
    ShardStrip(states: states, style: style).lines(columns: columns).map(\.text)
  }

  @Test("one sign per shard, and a legend with the counts") func signs() {
    #expect(
      Self.lines([.complete, .complete, .working, .lapsed, .failed, .waiting], columns: 100) == [
        "##>?X.", "# 2 complete  . 1 waiting  > 1 at work  ? 1 without a worker  X 1 failed or stopped",
      ])
    #expect(
      Self.lines(
        [.complete, .working, .waiting], columns: 100, TerminalStyle(isUTF8: true, hasColors: false)) == [
          "█▒·", "█ 1 complete  · 1 waiting  ▒ 1 at work",
        ])
    #expect(Self.lines([], columns: 100) == [])
  }

  @Test("a terminal of 40 columns shows 60 shards with less signs, and the legend on more lines")
  func narrow() {
    let states = Array(repeating: ShardStrip.State.complete, count: 58) + [.failed, .waiting]
    #expect(
      Self.lines(states, columns: 40) == [
        String(repeating: "#", count: 37) + "X.", "# 58 complete  . 1 waiting", "X 1 failed or stopped",
        "(1 or 2 shards per sign)",
      ])
    #expect(Self.lines(states, columns: 61).first?.count == 60)
  }

  @Test("colours are around each sign, and take no columns") func colors() {
    let strip = ShardStrip(
      states: [.complete, .failed], style: TerminalStyle(isUTF8: false, hasColors: true)
    ).lines(columns: 80)
    #expect(strip.first?.text == "\u{1B}[32m#\u{1B}[0m\u{1B}[1;31mX\u{1B}[0m" && strip.first?.columns == 2)
  }

  @Test("each state has a sign of its own", arguments: [false, true]) func distinct(isUTF8: Bool) {
    let signs = ShardStrip.State.allCases.map { $0.sign(isUTF8: isUTF8) }
    #expect(Set(signs).count == signs.count && signs.allSatisfy { $0.count == 1 })
  }

  @Test("at any width and number of shards, no line is too wide and no failure is hidden") func widths() {
    var random = SeededRandom(seed: RandomSeed.value)
    for _ in 0..<500 {
      let count = Int.random(in: 1...1_000, using: &random)
      let columns = Int.random(in: 2...200, using: &random)
      var states = Array(repeating: ShardStrip.State.complete, count: count)
      let failed = Int.random(in: 0..<count, using: &random)
      states[failed] = .failed
      let lines = ShardStrip(states: states, style: Self.plain).lines(columns: columns)
      #expect(lines.allSatisfy { $0.columns < columns && $0.text.count == $0.columns })
      let strip = lines.first?.text ?? ""
      #expect(strip.count == min(count, 60, columns - 1) && strip.count { $0 == "X" } == 1)
    }
  }

  @Test(
    "the environment says what a terminal can show",
    arguments: [
      (["LANG": "en_US.UTF-8", "TERM": "xterm"], true, true, true),
      (["LANG": "pt_BR.utf8", "TERM": "xterm", "NO_COLOR": "1"], true, false, true),
      (["LANG": "C.UTF-8", "LC_ALL": "C", "TERM": "xterm", "NO_COLOR": ""], false, true, true),
      (["LANG": "C", "LC_CTYPE": "C.UTF-8", "TERM": "dumb"], true, false, false), ([:], false, false, false),
    ] as [([String: String], Bool, Bool, Bool)])
  func style(environment: [String: String], isUTF8: Bool, hasColors: Bool, movesCursor: Bool) {
    #expect(
      TerminalStyle(environment: environment)
        == TerminalStyle(isUTF8: isUTF8, hasColors: hasColors, movesCursor: movesCursor))
  }

  @Test("lines are drawn over those before, also after the terminal has wrapped them") func redraw() {
    var area = TerminalArea()
    let lines = [TerminalLine(String(repeating: "a", count: 60)), TerminalLine("b")]
    let drawn = lines.map(\.text).map { $0 + "\u{1B}[K" }.joined(separator: "\n") + "\u{1B}[J"
    #expect(area.redraw(lines, columns: 80) == "\r" + drawn)
    #expect(area.redraw(lines, columns: 80) == "\r\u{1B}[1A" + drawn)
    // At 40 columns the first line has become two.
    #expect(area.redraw(lines, columns: 40) == "\r\u{1B}[2A" + drawn)
    #expect(area.leave() == "\n" && area.leave() == "")
    #expect(area.redraw(lines, columns: 80) == "\r" + drawn)
  }

  @Test("a terminal with too few rows for the strip gets the bar alone") func low() throws {
    let response = try JSONText.decode(DispatcherResponse.self, from: Array(FollowTests.response().utf8))
    var progress = RunProgress(FollowedRun(response))
    let plan = "p/_runs/r/shards/T0.json"
    let layout = RunLayout(prefix: "p", run: try #require(RunName("r")), date: "2026-11-24")
    progress.record(
      RunListing(objects: [(plan, .now())], layout: layout, now: .now(), terms: .standard))
    func lines(rows: Int) -> [String] {
      ProgressDisplay.lines(progress, elapsed: .seconds(1), columns: 80, rows: rows, style: Self.plain).map(
        \.text)
    }
    #expect(lines(rows: 24).prefix(2) == [".", ". 1 waiting"] && lines(rows: 24).count == 3)
    #expect(lines(rows: 3) == lines(rows: 24).suffix(1))
  }
}
