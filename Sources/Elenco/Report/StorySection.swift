import Shared

/// What happened in a run, in order, and why it took as long as it did.
struct StorySection {
  let run: RunHistory

  var html: HTML {
    """
    <section aria-labelledby="story"><h2 id="story">What happened</h2>
    \(events)\(logs)\(balance)</section>

    """
  }

  private var events: HTML {
    let story = RunStory(run)
    guard !story.events.isEmpty else { return "<p>Nothing yet.</p>" }
    let rows = story.events.map { event in
      """
      <li\(event.isNotable ? " class=\"notable\"" : "" as HTML)><span class="when">\(RunStory.time(event.time, run))</span> \
      <span>\(event.text)</span></li>

      """ as HTML
    }
    let omitted: HTML =
      story.omitted > 0
      ? "<p class=\"note\">\(counted(story.omitted, "event")) in the middle are left out.</p>" : ""
    return "<ol class=\"story\">\(rows)</ol>\(omitted)"
  }

  /// Where the reason of a death is, which S3 does not have.
  private var logs: HTML {
    guard let shard = run.shards.first(where: { $0.deaths > 0 })?.shard else { return "" }
    return """
      <p class="note">S3 does not have the reason why a worker died. The logs have its invocation's status, such as a \
      timeout: <code>\(run.options.logsCommand(shard: shard))</code></p>

      """
  }

  private var balance: HTML {
    guard let balance = TimeBalance(run) else { return "" }
    let causes: [(String, Double)] = [
      (
        balance.requests > 0
          ? "More requests than forecast, such as retries" : "Fewer requests than forecast",
        balance.requests
      ),
      ("TMDB refused requests with 429, and the rate recovered step by step", balance.refusals),
      ("Fewer workers than planned: some started late, or died", balance.missingWorkers),
      ("The end, when some shards were done and others not yet", balance.tail),
      ("Otherwise \(balance.other > 0 ? "fewer" : "more") requests per second than forecast", balance.other),
    ]
    let body = causes.filter { abs($0.1) >= 0.5 }.map { cause, seconds in
      "<tr><th scope=\"row\" class=\"text\">\(cause)</th><td>\(Self.signed(seconds))</td></tr>" as HTML
    }
    return """
      <div class="scroll" role="region" aria-label="Time" tabindex="0"><table id="time"><caption>Where the time went</caption>
      <thead><tr><th scope="col" class="text"><span class="hidden">Cause</span></th><th scope="col">time</th></tr></thead>\
      <tbody><tr><th scope="row" class="text">Forecast</th><td>\(Quantity.duration(balance.forecast))</td></tr>\(body)\
      <tr><th scope="row" class="text">Actual</th><td>\(Quantity.duration(balance.actual))</td></tr></tbody></table></div>

      """
  }

  /// `+1 min 5 s`, `−13 s`
  private static func signed(_ seconds: Double) -> String {
    (seconds < 0 ? "\u{2212}" : "+") + Quantity.duration(abs(seconds))
  }
}
