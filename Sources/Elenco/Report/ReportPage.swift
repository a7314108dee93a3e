import Shared

/// A page about one run, as one HTML file: no script, nothing loaded from anywhere.
enum ReportPage {
  static func html(_ run: RunHistory) -> HTML {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="\(contentPolicy)">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <meta name="generator" content="elenco \(ElencoVersion.current)">
    <title>\("Elenco run \(run.plan.run)")</title>
    <style>\(PageStyle.html)</style>
    </head>
    <body>
    \(body(run))</body>
    </html>

    """
  }

  /// What the page shows.
  /// - Parameters:
  ///   - hasButtons: whether to show buttons that replay a shard, for the console.
  ///   - actions: shown at the top of the page.
  static func body(_ run: RunHistory, hasButtons: Bool = false, actions: HTML = "") -> HTML {
    """
    <header><h1>\("Run \(run.plan.run)")</h1>
    <p>Read from S3 at \(TimeScale.dateAndClock(run.readAt.inSeconds)) UTC. All times are UTC.</p>
    <nav aria-label="Sections"><ul><li><a href="#glance">At a glance</a></li><li><a href="#story">What happened</a></li>\
    <li><a href="#failures">Failures</a></li><li><a href="#shards">Shards over time</a></li><li><a href="#charts">Charts</a></li>\
    <li><a href="#table">Numbers of each shard</a></li></ul></nav></header>
    <main>
    \(actions)\(GlanceSection(run: run).html)\(StorySection(run: run).html)\
    \(FailureSection(run: run, hasButtons: hasButtons).html)\(ShardLanes(run).html)
    <section aria-labelledby="charts"><h2 id="charts">Charts</h2>
    \(RunCharts.html(run))</section>
    \(ShardTable(run: run).html)</main>
    <footer><p>Made by elenco \(ElencoVersion.current), from the run's plan, leases and reports. \
    This product uses the TMDB API but is not endorsed or certified by TMDB.</p></footer>

    """
  }

  /// Allows the page's own style and nothing else. The style is allowed by its hash, so that markup that got into the page
  /// could not bring another one.
  static var contentPolicy: String {
    "default-src 'none'; style-src 'sha256-\(PageStyle.sha256)'; base-uri 'none'; form-action 'none'"
  }
}
