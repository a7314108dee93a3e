import Shared

/// What following a run needs to know about it: from the dispatcher's response, or from S3 for a run that is under way.
struct FollowedRun: Sendable {
  let run: RunName
  let date: String
  let destination: Destination
  /// Data files that are older are not the run's.
  let startedAt: UnixTime
  let films: Int
  let shards: Int
  let files: Int
  let filmsPerFile: Int
  let notInvoked: [DispatcherResponse.Failure]
  /// Number of rows of the source that could not be read; 0 if it is unknown.
  let rowsSkipped: Int
  /// The first of these rows, in a sentence; nil if there are none.
  let skippedRows: String?

  init(_ response: DispatcherResponse) {
    run = response.run
    date = response.date
    destination = response.destination
    startedAt = UnixTime(iso8601: response.startedAt) ?? UnixTime(seconds: 0)
    // The response comes from outside, and its numbers become ranges and arrays.
    films = max(0, response.films)
    shards = max(0, min(response.shards, RunLimits.shards.upperBound))
    files = response.files
    filmsPerFile = max(RunLimits.filmsPerFile.lowerBound, response.filmsPerFile)
    notInvoked = response.notInvoked
    rowsSkipped = response.source.rowsSkipped
    skippedRows = response.source.skippedRows
  }

  /// - Parameter plans: the plans of all shards, in shard order.
  init(_ status: RunStatus, plans: [ShardPlan], destination: Destination) {
    run = status.plan.run
    date = status.plan.date
    self.destination = destination
    startedAt = status.listing.plannedAt ?? UnixTime(seconds: 0)
    films = plans.total(\.films.count)
    shards = status.plan.shards
    files = plans.total(\.files.count)
    filmsPerFile = status.plan.filmsPerFile
    (notInvoked, rowsSkipped, skippedRows) = ([], 0, nil)
  }
}
