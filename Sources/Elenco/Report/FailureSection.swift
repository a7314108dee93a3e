import Shared

/// What failed, and the command that continues it.
struct FailureSection {
  /// Maximum number of rows of each table. The commands for all of them are shown in any case.
  static let rowsMax = 200

  private let run: RunHistory
  private let hasButtons: Bool
  private let rows: [StatusCommand.Row]

  /// - Parameter hasButtons: whether each command has a button that does the same.
  init(run: RunHistory, hasButtons: Bool = false) {
    (self.run, self.hasButtons) = (run, hasButtons)
    rows = StatusCommand.rows(run.status, run.options).filter {
      $0.fix != nil || $0.state == .stopped || $0.state == .failed
    }
  }

  var html: HTML {
    """
    <section aria-labelledby="failures"><h2 id="failures">Failures</h2>
    \(nothing)\(shards)\(films)</section>

    """
  }

  private var nothing: HTML {
    guard rows.isEmpty else { return "" }
    return run.status.isUnfinished
      ? """
      <p>Every shard has ended, but \(run.status.lacksSuccess ? "_SUCCESS" : "the manifest") is missing. To write it: \
      <code>\(run.options.replayCommand(shard: 0))</code></p>
      """ : "<p>No shard needs a replay.</p>"
  }

  private var shards: HTML {
    guard !rows.isEmpty else { return "" }
    let body = rows.prefix(Self.rowsMax).map { row -> HTML in
      let button: HTML = hasButtons ? "\(ActionButton.replay(row.shard, run.plan.run).html)<br>" : ""
      let fix: HTML = row.fix.map { "\(button)<code>\($0)</code>" } ?? "–"
      return """
        <tr><th scope="row">T\(row.shard)</th><td>\(row.state.rawValue)</td>\
        <td>\(row.failed.map(\.grouped) ?? "–")</td><td class="text">\(reason(row))</td><td class="text">\(fix)</td></tr>

        """
    }
    let all: HTML =
      rows.count > 1 && run.status.replacedBy == nil
      ? "<p>All at once: <code>\(run.options.replayIncompleteCommand)</code></p>" : ""
    return """
      \(all)<div class="scroll\(Self.long(rows.count))" role="region" aria-label="Shards that need a replay" tabindex="0">\
      <table id="failed-shards"><caption>\("\(counted(rows.count, "shard")) with failures")</caption>
      <thead><tr><th scope="col">shard</th><th scope="col">state</th><th scope="col">films failed</th>\
      <th scope="col" class="text">reason</th><th scope="col" class="text">command to continue</th></tr></thead><tbody>
      \(body)</tbody></table></div>
      \(more(rows.count, "shard"))\(replays)
      """
  }

  /// What a replay does.
  private var replays: HTML {
    guard let left = run.left else { return "" }
    let films = counted(left + run.failed, "film")
    return """
      <p class="note">A replay fetches only the films that failed or are left to fetch, here \(films), with up to \
      \(counted(run.plan.lookup.requestsPerFilm, "request")) each. Complete files stay as they are.</p>
      """
  }

  private func reason(_ row: StatusCommand.Row) -> String {
    if let reason = row.reason { return reason.shortened() }
    switch row.state {
    case .dead: return "its worker died, and no other one took the shard"
    case .waiting: return "no worker started it"
    default: return "–"
    }
  }

  private var films: HTML {
    let failed = run.shards.flatMap { shard in (shard.report?.failed ?? []).map { (shard.shard, $0) } }
    guard !failed.isEmpty else { return "" }
    let table = ObjectAddress(bucket: run.options.destination.bucket, key: run.plan.layout.failedFilms)
    let body = failed.prefix(Self.rowsMax).map { shard, film in
      """
      <tr><th scope="row">\(film.id.shortened(to: 40))</th><td>T\(shard)</td>\
      <td class="text">\(film.reason.shortened())</td></tr>

      """ as HTML
    }
    return """
      <div class="scroll\(Self.long(failed.count))" role="region" aria-label="Failed films" tabindex="0"><table id="failed-films">\
      <caption>\(counted(failed.count, "film")) failed</caption>
      <thead><tr><th scope="col">film</th><th scope="col">shard</th><th scope="col" class="text">reason</th></tr></thead>\
      <tbody>
      \(body)</tbody></table></div>
      \(more(failed.count, "film"))<p class="note">\(run.isOver ? "All" : "Once every shard has a report, all") failed films are in \
      <code>\("\(table)")</code>.</p>
      """
  }

  /// A long table scrolls within a part of the screen, except on paper.
  private static func long(_ rows: Int) -> HTML { rows > 8 ? " long" : "" }

  private func more(_ count: Int, _ noun: String) -> HTML {
    count > Self.rowsMax ? "<p>The table shows the first \(Self.rowsMax) of \(counted(count, noun)).</p>" : ""
  }
}
