import TestSupport
import Testing

@testable import Elenco
@testable import Shared

/// The page about a run, judged by Python, which makes up the run's objects and computes the numbers from them.
@Suite("Report page", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct ReportPageTests {
  @Test(
    "the page of any run loads nothing, shows every shard, and its numbers are those of the run's objects",
    arguments: [
      "full", "short", "single", "running", "old", "refresh", "replayed", "dead", "cancelled", "wide",
    ])
  func pages(scenario: String) throws {
    let run = try SyntheticRun(scenario, seed: RandomSeed.value % 1_000_000)
    let page = ReportPage.html(try run.history()).text
    let errors: [String] = try PythonProgram.run(
      "check_report.py", input: SyntheticRun.Page(page: page, run: run.objects))
    #expect(errors == [], "\(scenario)")
    // The bound for 60 shards; that for 1,000 follows from the number of lanes and of rows.
    #expect(page.utf8.count < (scenario == "wide" ? 2_000_000 : 1_000_000), "\(scenario)")
  }

  @Test("text from S3 is shown as text") func escaping() {
    let hostile = "<b>&\"'\u{0}\u{202E}\u{FFFF}\n</style>"
    let html: HTML = "<p title=\"\(hostile)\">\(hostile)</p>"
    let text = "&lt;b&gt;&amp;&quot;&#39;\u{FFFD}\u{FFFD}\u{FFFD} &lt;/style&gt;"
    #expect(html.text == "<p title=\"\(text)\">\(text)</p>")
    #expect(("\([html, "x"])" as HTML).text == html.text + "x")
  }

  @Test(
    "coordinates have at most two digits after the point",
    arguments: [
      (0.0, "0"), (-0.004, "0"), (1.005, "1"), (12.3, "12.3"), (0.05, "0.05"), (-3.456, "-3.46"),
      (.infinity, "0"), (.nan, "0"), (1e300, "1000000000000"),
    ])
  func decimals(number: Double, text: String) { #expect(HTML.decimal(number) == text) }

  @Test(
    "durations and sizes have units that fit",
    arguments: [
      (Quantity.duration(0), "0 s"), (Quantity.duration(0.26), "0.3 s"), (Quantity.duration(59.4), "59 s"),
      (Quantity.duration(60), "1 min"), (Quantity.duration(2950), "49 min 10 s"),
      (Quantity.duration(7265), "2 h 1 min"), (Quantity.duration(86_400 * 6 + 7200), "6 d 2 h"),
      (Quantity.duration(.infinity), "unknown"), (Quantity.bytes(999), "999 B"),
      (Quantity.bytes(1000), "1 kB"), (Quantity.bytes(242_040_000), "242 MB"),
      (Quantity.bytes(1_240_000), "1.2 MB"), (Quantity.milliseconds(79.4), "79 ms"),
      (Quantity.milliseconds(12_300), "12 s"),
    ])
  func quantities(text: String, expected: String) { #expect(text == expected) }
}

@Suite("Time scale of the report page") struct TimeScaleTests {
  @Test("an hour of idle time is cut out, and a minute is not")
  func cuts() {
    let scale = TimeScale([100...200, 0...50, 40...60, 10_000...10_100])
    #expect(scale.stretches.map(\.time) == [0...200, 10_000...10_100])
    #expect(scale.seconds == 300)
    #expect(scale.cuts.map(\.seconds) == [9800])
    #expect(scale.place(0) == 0 && scale.place(10_100) == TimeScale.width)
    // 976 units for 300 seconds.
    #expect(abs(scale.place(100) - 325.333) < 0.01)
    // A time that is cut out is at the end of the stretch before.
    #expect(scale.place(5000) == scale.place(200))
  }

  @Test("labels are round times, some for each stretch")
  func ticks() {
    let scale = TimeScale([0...600, 90_000...90_600])
    #expect(scale.ticks(about: 5).map(\.label) == ["00:00", "00:05", "00:10", "01:00", "01:05", "01:10"])
    #expect(TimeScale([3...17]).ticks(about: 5).map(\.label) == ["00:00:05", "00:00:10", "00:00:15"])
  }

  @Test("no session, sessions without length and sessions of years have a scale")
  func extremes() {
    for intervals in [[], [5...5], [0...1e9], (0..<500).map { Double($0) * 1e6...Double($0) * 1e6 + 1 }] {
      let scale = TimeScale(intervals)
      #expect(scale.stretches.count <= 8 && scale.ticks().count <= 40)
      #expect(scale.place(scale.start) == 0 && scale.place(scale.end) <= TimeScale.width)
    }
  }
}
