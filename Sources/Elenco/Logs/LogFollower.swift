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
    var hasEnded = false
    while true {
      try show(try await reader.read(until: .now()))
      if hasEnded || reader.isCut { return }
      let (plan, listing, newest) = try await run.listing(terms: terms)
      let now = ContinuousClock.now
      if newest != lastChange.newest { lastChange = (now, newest) }
      let isQuiet = lastChange.at.duration(to: now) > patience
      if isQuiet {
        hasEnded = true
      } else {
        hasEnded = try await isOver(plan, listing)
      }
      try await loop.sleep(for: Self.pollInterval)
    }
  }

  /// Whether no worker will write to the run any more.
  private func isOver(_ plan: ShardPlan, _ listing: RunListing) async throws -> Bool {
    if try await run.interruption(plan.layout) != nil {
      return try await run.activeShards(plan, terms: terms).isEmpty
    }
    guard listing.isFinished, listing.hasManifest else { return false }
    let status = try await run.status(terms: terms)
    // Lambda invokes a worker that stopped twice more.
    guard !status.reports.contains(where: { $0.state == .stopped }) else { return false }
    return try await run.activeShards(plan, terms: terms).isEmpty
  }
}
