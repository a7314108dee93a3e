import Shared

/// The changing part of a run's page in the console: the report, with buttons.
struct RunPage {
  let run: RunHistory
  /// What the last button did; nil if none was used.
  let note: String?

  var html: HTML {
    """
    <nav aria-label="Console"><a href="\(ConsoleSubject.runs.path)">All runs</a></nav>
    \(ReportPage.body(run, hasButtons: true, actions: actions))
    """
  }

  private var actions: HTML {
    let note: HTML = note.map { "<p id=\"note\">\($0)</p>" } ?? ""
    let buttons = [replay, cancel].compactMap { $0 }
    guard !buttons.isEmpty || self.note != nil else { return "" }
    return """
      <section id="actions" aria-label="Actions">\(note)<p class="buttons">\(buttons)</p></section>

      """
  }

  private var replay: HTML? {
    let shards = run.status.toReplay
    guard !shards.isEmpty else { return nil }
    let (label, question): (String, String) =
      run.status.cancelledAt != nil
      ? ("Continue the run", "Continue run \(run.plan.run) with \(counted(shards.count, "worker"))?")
      : (
        run.status.isUnfinished ? "Write what is missing" : "Replay \(counted(shards.count, "shard"))",
        "Invoke \(counted(shards.count, "worker")) for run \(run.plan.run)?"
      )
    return ActionButton(id: "replay", .replay(shard: nil), run.plan.run, label, question).html
  }

  private var cancel: HTML? {
    guard run.isActive, run.status.cancelledAt == nil, run.status.replacedBy == nil else { return nil }
    return ActionButton(
      id: "cancel", .cancel, run.plan.run, "Cancel the run",
      "Stop the workers of run \(run.plan.run)? Files that are written stay, and the run can be continued."
    ).html
  }
}

extension RunHistory {
  /// Whether workers are active, or have just been invoked.
  var isActive: Bool {
    shards.contains { $0.state == .running || $0.state == .waiting && !status.listing.isQuiet }
  }
}

/// A button of the console. console.js asks the question, and sends the request after a confirmation.
struct ActionButton {
  let id: String
  let action: RunAction
  let run: RunName
  let label: String
  let question: String

  init(id: String, _ action: RunAction, _ run: RunName, _ label: String, _ question: String) {
    self.id = id
    self.action = action
    self.run = run
    self.label = label
    self.question = question
  }

  /// Replays one shard.
  static func replay(_ shard: Int, _ run: RunName) -> ActionButton {
    ActionButton(
      id: "replay-\(shard)", .replay(shard: shard), run, "Replay T\(shard)",
      "Invoke a worker for shard \(shard) of run \(run)?")
  }

  var html: HTML {
    """
    <button type="button" id="\(id)" data-action="\(action.path(run))" data-question="\(question)">\(label)</button>
    """
  }
}
