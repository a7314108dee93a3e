import Shared

/// The changing part of the console's first page: the runs of the prefix, the newest first.
struct RunsPage {
  let destination: Destination
  /// Number of all runs, of which `runs` has the newest.
  let count: Int
  let runs: [RunCatalog.Entry]

  var html: HTML {
    """
    <header><h1>Runs</h1>
    <p>In <code>\("\(ObjectAddress(bucket: destination.bucket, key: destination.prefix))")</code>, the newest first.</p>\
    </header>
    <main>\(runs.isEmpty ? "<p>There are no runs yet.</p>" : table)</main>

    """
  }

  private var table: HTML {
    let columns = ["shards", "films", "absent", "failed", "requests", "size"]
    return """
      <div class="scroll" role="region" aria-label="Runs" tabindex="0"><table id="runs">
      <thead><tr><th scope="col">run</th><th scope="col" class="word">state</th><th scope="col" class="word">date</th>\
      \(columns.map { "<th scope=\"col\">\($0)</th>" as HTML })</tr></thead><tbody>
      \(runs.map(row))</tbody></table></div>
      \(more)
      """
  }

  private func row(_ run: RunCatalog.Entry) -> HTML {
    let numbers = [
      "\(run.shardsComplete.grouped)/\(run.shards.grouped)", run.filmsWritten?.grouped, run.absent?.grouped,
      run.failed?.grouped, run.requests?.grouped, run.bytes.map(Quantity.bytes),
    ]
    return """
      <tr><th scope="row"><a href="\(ConsoleSubject.run(run.run).path)">\("\(run.run)")</a></th>\
      <td class="word">\(run.state.mark)\(run.state.rawValue)</td><td class="word">\(run.date)</td>\
      \(numbers.map { "<td>\($0 ?? "–")</td>" as HTML })</tr>

      """
  }

  private var more: HTML {
    let others = count - runs.count
    return others > 0
      ? "<p class=\"note\">\(counted(others, "older run")) not shown; show more with <code>--limit</code>.</p>"
      : ""
  }
}

extension RunCatalog.Entry.State {
  /// Beside the state's name, so that the list can be scanned; colour alone says nothing.
  fileprivate var mark: HTML {
    switch self {
    case .complete: "<span class=\"sign good\" aria-hidden=\"true\">✓</span>"
    case .running: "<span class=\"sign\" aria-hidden=\"true\">…</span>"
    case .incomplete, .cancelled, .replaced: "<span class=\"sign bad\" aria-hidden=\"true\">!</span>"
    }
  }
}
