import Shared

/// The numbers of every shard.
struct ShardTable {
  let run: RunHistory

  var html: HTML {
    let columns = [
      "state", "films", "written", "absent", "failed", "files", "bytes", "requests", "429", "retries",
      "sessions",
      "died", "waited", "worked", "MiB",
    ]
    return """
      <section aria-labelledby="table"><h2 id="table">Numbers of each shard</h2>
      <div class="scroll" role="region" aria-label="Numbers of each shard" tabindex="0"><table id="all-shards">\
      <caption>Worked: time in sessions. Waited: time for which TMDB asked for no requests. MiB: the worker's peak \
      memory. Requests, refusals and retries are those of the shard's report; a worker that died has none.</caption>
      <thead><tr><th scope="col">shard</th>\(columns.map { "<th scope=\"col\">\($0)</th>" as HTML })</tr></thead><tbody>
      \(run.shards.map(row))</tbody></table></div></section>

      """
  }

  private func row(_ shard: ShardHistory) -> HTML {
    let report = shard.report
    let numbers = [
      report?.films, report.map { _ in shard.filmsWritten }, report?.absent.count, report?.failed.count,
      report?.files.count, report.map { $0.files.total(\.bytes) }, shard.hasBegun ? shard.requests : nil,
      shard.hasBegun ? shard.throttled : nil, shard.hasBegun ? shard.retried : nil, shard.sessionCount,
      shard.deaths,
    ]
    let cells =
      [shard.state.rawValue] + numbers.map { $0?.grouped ?? "–" } + [
        Quantity.duration(shard.pausedSeconds), Quantity.duration(shard.seconds),
        report.map { (Double($0.peakMemoryBytes) / 1_048_576).tenths } ?? "–",
      ]
    return "<tr><th scope=\"row\">T\(shard.shard)</th>\(cells.map { "<td>\($0)</td>" as HTML })</tr>\n"
  }
}
