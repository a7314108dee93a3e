import Shared

/// Reads a run's new lines until the run has ended.
struct LogFollower {
  private static let pollInterval: Duration = .seconds(5)

  let run: RunReader
  let terms: LeaseTerms
  let loop: EventLoop
  /// How long to continue without any change of the run.
  let patience: Duration

  /// Polls the log and the run's objects. The last lines are read one interval after the run has ended, because they
  /// arrive some seconds late.
  /// - Parameter show: gets the new lines, in order.
  func follow(_ reader: inout LogReader, _ show: ([LogLine]) throws -> Void) async throws {
    var lastChange = (at: ContinuousClock.now, newest: UnixTime(seconds: 0))
    var reports: Reports?
    var hasEnded = false
    while true {
      try show(try await reader.read(until: .now()))
      if hasEnded || reader.isCut { return }
      let (plan, listing, newest) = try await run.listing(terms: terms)
      let now = ContinuousClock.now
      if newest != lastChange.newest { lastChange = (now, newest) }
      if lastChange.at.duration(to: now) > patience {
        Terminal.note(
          "elenco: nothing has changed in run \(run.run) for \(Int(patience.inSeconds)) s, and it has not ended; its "
            + "state: elenco status \(run.run)")
        hasEnded = true
      } else {
        hasEnded = try await isOver(plan, listing, newest, &reports)
      }
      try await loop.sleep(for: Self.pollInterval)
    }
  }

  /// What the reports of all shards say.
  private struct Reports {
    /// The time of the run's newest object when they were read.
    let newest: UnixTime
    let hasStopped: Bool
  }

  /// Whether no worker will write to the run any more.
  /// - Parameter reports: as they were last read. They are read again if the run has changed since.
  private func isOver(
    _ plan: ShardPlan, _ listing: RunListing, _ newest: UnixTime, _ reports: inout Reports?
  ) async throws -> Bool {
    if try await run.interruption(plan.layout) == nil {
      guard listing.isFinished, listing.hasManifest else { return false }
      if reports?.newest != newest {
        let read = try await run.status(terms: terms).reports
        reports = Reports(newest: newest, hasStopped: read.contains { $0.state == .stopped })
      }
      // Lambda invokes a worker that stopped twice more.
      guard reports?.hasStopped == false else { return false }
    }
    return try await run.activeShards(plan, terms: terms).isEmpty
  }
}
