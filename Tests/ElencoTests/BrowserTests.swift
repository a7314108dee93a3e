import Foundation
import TestSupport
import Testing

@testable import Elenco

/// The page about a run in a real browser, which Python drives.
@Suite("Report page in a browser", .enabled(if: Browser.isInstalled, "\(Browser.missing)"))
struct BrowserTests {
  private struct Page: Encodable {
    let name: String
    let page: String
    let shards: Int
  }

  @Test(
    "it loads nothing, logs nothing, shows every shard, fits a phone and paper, and is accessible",
    arguments: ["full", "running"] + (Soak.isEnabled ? ["wide"] : []))
  func pages(scenario: String) throws {
    let run = try SyntheticRun(scenario, seed: RandomSeed.value % 1_000_000)
    let history = try run.history()
    #expect(try Self.errors(ReportPage.html(history).text, shards: history.plan.shards) == [], "\(scenario)")
  }

  @Test(
    "each of these faults would be found",
    .enabled(
      if: Soak.isEnabled, "\(Soak.skipped)"),
    arguments: [
      // What is replaced, by what, and a word of the error.
      ("<main>", "<main><img alt=\"\" src=\"http://127.0.0.1:9/x.png\">", "Content Security Policy"),
      ("<main>", "<main><script>document.title = 1</script>", "Content Security Policy"),
      ("<meta http-equiv", "<img alt=\"\" src=\"http://127.0.0.1:9/x.png\"><meta http-equiv", "requests to"),
      ("--muted:#515a64", "--muted:#b0b0b0", "color-contrast"),
      ("lang=\"en\"", "", "html-has-lang"),
      ("grid-template-columns:3.6rem", "width:500px;grid-template-columns:3.6rem", "pixels wide"),
      (
        "<span class=\"name\">T0<", "<span class=\"name hidden\">T0<", "lane"
      ),
      (
        "<div class=\"scroll\" role=\"region\"", "<div class=\"scroll\" role=\"region\" tabindex=\"1\"", "Tab"
      ),
      (".scroll:focus-visible{outline:3px", ".scroll:focus-visible{outline:none;--x:3px", "focus"),
    ])
  func faults(text: String, replacement: String, word: String) throws {
    let run = try SyntheticRun("single", seed: 1)
    var page = ReportPage.html(try run.history()).text
    try #require(page.contains(text))
    page = page.replacingOccurrences(of: text, with: replacement)
    // A changed style has another hash.
    let (start, end) = (try #require(page.range(of: "<style>")), try #require(page.range(of: "</style>")))
    let style = String(page[start.upperBound..<end.lowerBound])
    page = page.replacingOccurrences(of: PageStyle.sha256, with: PageStyle.sha256(of: style))
    let errors = try Self.errors(page, shards: 1)
    #expect(errors.contains { $0.contains(word) }, "\(errors)")
  }

  private static func errors(_ page: String, shards: Int) throws -> [String] {
    try PythonProgram.run("browse_pages.py", input: [Page(name: "page", page: page, shards: shards)])
  }
}
