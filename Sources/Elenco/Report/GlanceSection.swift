import Shared

/// The top of the report page: the run's state, what it selected, its main numbers, and these beside the forecast.
struct GlanceSection {
  let run: RunHistory

  var html: HTML {
    """
    <section aria-labelledby="glance"><h2 id="glance">At a glance</h2>
    \(state)
    <dl class="numbers">\(numbers.map { "<div><dt>\($0)</dt><dd>\($1)</dd></div>" as HTML })</dl>
    <dl class="facts">\(facts.map { "<div><dt>\($0)</dt><dd>\($1)</dd></div>" as HTML })</dl>
    \(forecast)\(refresh)</section>

    """
  }

  // MARK: - State

  private var state: HTML {
    let status = run.status
    let (style, mark): (String, String) =
      switch status.runState {
      case .complete: ("good", "✓")
      case .running: ("neutral", "…")
      case .incomplete, .cancelled, .replaced: ("bad", "!")
      }
    return """
      <p class="state \(style)"><span aria-hidden="true">\(mark)</span> <strong>\(status.runState.rawValue)</strong>: \
      \(sentence)</p>
      """
  }

  private var sentence: HTML {
    let status = run.status
    let complete =
      "\(run.shards.count { $0.state == .complete }.grouped) of \(counted(status.plan.shards, "shard"))"
    switch status.runState {
    case .complete:
      return
        "\(complete) complete. Every film is in a data file or absent from TMDB\(status.lacksSuccess ? "; _SUCCESS is missing." : ".")"
    case .running:
      return
        "\(complete) complete at \(readAt). Workers are active, or were invoked less than two minutes before."
    case .incomplete:
      return
        "\(complete) complete\(rest). \(first)To continue: <code>\(run.options.replayIncompleteCommand)</code>"
    case .cancelled:
      return """
        cancelled at \(status.cancelledAt ?? ""), with \(complete) complete. To continue: \
        <code>\(run.options.replayIncompleteCommand)</code>
        """
    case .replaced:
      return "run \(status.replacedBy.map { "\($0)" } ?? "") has the folder now. \(complete) were complete."
    }
  }

  /// What to do before the run is continued.
  private var first: HTML {
    run.shards.contains { $0.state == .stopped }
      ? "First fix the reason why a worker stopped, under <a href=\"#failures\">Failures</a>. " : ""
  }

  /// How many shards are in which other state.
  private var rest: String {
    let states: [(RunStatus.State, String)] = [
      (.failed, "with failed films"), (.stopped, "stopped"), (.dead, "whose worker died"),
      (.running, "running"),
      (.waiting, "without a worker so far"),
    ]
    let parts = states.compactMap { state, words -> String? in
      let count = run.shards.count { $0.state == state }
      return count == 0 ? nil : "\(count.grouped) \(words)"
    }
    return parts.isEmpty ? "" : ", \(parts.joined(separator: ", "))"
  }

  private var readAt: String { TimeScale.dateAndClock(run.readAt.inSeconds) + " UTC" }

  // MARK: - Numbers

  private var numbers: [(String, String)] {
    let films = run.films.map { " of \($0.grouped)" } ?? ""
    return [
      ("films written", run.filmsWritten.grouped + films), ("absent from TMDB", run.absent.grouped),
      ("failed", run.failed.grouped), ("left to fetch", run.left.map(\.grouped) ?? "–"),
      ("data files", "\(run.files.count.grouped)"),
      ("size", Quantity.bytes(run.bytes)), ("requests to TMDB", run.requests.grouped),
      ("refused with 429", run.throttled.grouped), ("retries", run.retried.grouped),
      ("duration", run.hasBegun ? Quantity.duration(run.scale.seconds) : "–"),
      ("workers died", run.deaths.grouped),
    ]
  }

  private var facts: [(String, HTML)] {
    let plan = run.plan
    var facts: [(String, HTML)] = [
      ("Run", "\("\(plan.run)"), of \(plan.date)"), ("When", "\(when)"), ("Selected", "\(selection)"),
      (
        "Written to",
        "<code>\("\(ObjectAddress(bucket: run.options.destination.bucket, key: plan.layout.dataFolder))")</code>"
      ), ("How", "\(how)"),
    ]
    if !run.hasBegun { facts.remove(at: 1) }
    return facts
  }

  private var when: String {
    let (start, end) = (run.scale.start, run.scale.end)
    let cuts = run.scale.cuts.reduce(0) { $0 + $1.seconds }
    let pause = cuts > 0 ? ", with \(Quantity.duration(cuts)) without a worker" : ""
    return "\(TimeScale.dateAndClock(start)) to \(TimeScale.dateAndClock(end)) UTC\(pause)"
  }

  private var selection: String {
    let owner = run.status.owner.flatMap { $0.run == run.plan.run ? $0.selection : nil }
    let what = owner?.summary ?? run.plan.genres.joined(separator: ", ")
    return (run.films.map { "\(counted($0, "film")): " } ?? "") + what.shortened()
  }

  private var how: String {
    let plan = run.plan
    let ceiling = run.ceiling.map { "at most \(Quantity.rate($0)) requests per second" } ?? "no ceiling"
    return "\(counted(plan.shards, "shard")), \(counted(plan.workers, "worker")) at once, \(ceiling), "
      + "lookup \(plan.lookup.rawValue) (\(counted(plan.lookup.requestsPerFilm, "request")) per film)"
  }

  // MARK: - Forecast and base

  private var forecast: HTML {
    guard let forecast = run.forecast else { return "" }
    let rows: [(String, String, String)] = [
      ("Requests", forecast.requests.grouped, run.requests.grouped),
      ("Time", Quantity.duration(forecast.seconds), Quantity.duration(run.hasBegun ? run.scale.seconds : 0)),
      (
        "Worker sessions", (forecast.hopsPerShard.saturatedProduct(run.plan.shards)).grouped,
        run.sessionCount.grouped
      ), ("Cost of workers", Forecast.amount(forecast.dollars), Forecast.amount(run.dollars)),
    ]
    let body = rows.map { name, expected, actual in
      "<tr><th scope=\"row\">\(name)</th><td>\(expected)</td><td>\(actual)</td></tr>" as HTML
    }
    return """
      <div class="scroll" role="region" aria-label="Forecast" tabindex="0"><table><caption>Against the forecast</caption>
      <thead><tr><th scope="col"><span class="hidden">What</span></th><th scope="col">forecast</th>\
      <th scope="col">\(run.isOver ? "actual" : "so far")</th></tr></thead><tbody>\(body)</tbody></table></div>
      <p class="note">Forecast and cost are estimates for workers with \(run.settings.memory.grouped) MB and a timeout of \
      \(run.settings.timeout.grouped) s, at the prices of us-east-1. The forecast assumes \
      \(Forecast.assumedWorkerRate.plain) requests per second and worker where there is no ceiling.</p>
      """
  }

  private var refresh: HTML {
    guard let (base, counts) = run.refresh else { return "" }
    let rows: [(String, Int, String)] = [
      ("Kept", counts.kept, "copied from the base"),
      ("Changed", counts.changed, "in TMDB's list of changes, or the list was not available"),
      ("New", counts.new, "not in the base"), ("Due", counts.due, "older than the run allows"),
      ("Absent", counts.absent, "absent from TMDB or failed in the base"),
      ("Lost", counts.lost, "the base's data file was gone or had changed"),
    ]
    let body = rows.map { name, count, meaning in
      "<tr><th scope=\"row\">\(name)</th><td>\(count.grouped)</td><td class=\"text\">\(meaning)</td></tr>"
        as HTML
    }
    return """
      <div class="scroll" role="region" aria-label="Films of the base" tabindex="0">\
      <table id="refresh"><caption>Films, compared with run \("\(base)")</caption>
      <thead><tr><th scope="col">kind</th><th scope="col">films</th><th scope="col" class="text">meaning</th></tr></thead>\
      <tbody>\(body)</tbody></table></div>
      <p class="note">All but the kept films were fetched.</p>
      """
  }
}
