import Shared

/// The cancellations whose workers have not stopped yet.
actor ConsoleCancellations {
  private struct Cancellation: Hashable {
    let run: RunName
    /// When the run was cancelled.
    let time: String
  }

  private var underWay: Set<Cancellation> = []

  /// Waits in the background until the run's workers have stopped, and has the manifest written. Does nothing if it is
  /// doing so already, because a button can be used twice.
  /// - Parameter report: called at the end, unless the run has been resumed or replaced.
  func complete(
    _ cancellation: RunCancellation, _ mark: RunCancellation.Mark, on executor: any TaskExecutor,
    report: @escaping @Sendable (String) async -> Void
  ) {
    let run = cancellation.reader.run
    let key = Cancellation(run: run, time: mark.time)
    guard underWay.insert(key).inserted else { return }
    Task(executorPreference: executor) {
      do {
        try await cancellation.waitForWorkers(mark)
        try await cancellation.writeManifest()
        await report("Run \(run) is cancelled, and its workers have stopped.")
      } catch is CancellationEnded {
      } catch { await report("\(error)") }
      await self.end(key)
    }
  }

  private func end(_ cancellation: Cancellation) { underWay.remove(cancellation) }
}
