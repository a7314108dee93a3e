/// The run that was completed last under a prefix: where a refresh, a reader, or a command without a run's name begins.
/// `_runs/_latest.json`
package struct LatestRun: Codable, Equatable, Sendable {
  package let run: RunName
  /// The run's UTC date, `yyyy-MM-dd`, which its folder has.
  package let date: String
  /// When its `_SUCCESS` was written.
  package let completedAt: String

  package init(run: RunName, date: String, completedAt: UnixTime) {
    self.run = run
    self.date = date
    self.completedAt = completedAt.iso8601
  }
}
