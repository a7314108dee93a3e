import TestSupport
import Testing

@testable import Shared
@testable import Worker

/// `_SUCCESS` has the same key and content in every run of a day, so a run must not delete that of another one.
@Suite("_SUCCESS") struct SuccessMarkerTests {
  private static let key = "p/2026/11/24/_SUCCESS"
  private static let owner = "p/_runs/_days/2026-11-24.json"

  /// What happens right after the run has written its _SUCCESS.
  enum Event: CaseIterable {
    case nothing
    /// Another run takes the folder, deletes the _SUCCESS that is there, and is completed.
    case completedByOther
    /// Another run takes the folder, and its dispatcher deleted _SUCCESS before this run's arrived.
    case takenByOther
    /// A replay loses a film.
    case filmLost
  }

  @Test("a run that has lost its folder deletes its own _SUCCESS alone", arguments: Event.allCases)
  func ownOnly(event: Event) throws {
    let run = try SimulatedRun(
      seed: 1, .init(shards: 1, filmsPerShard: 20, filmsPerFile: 10, workers: 1, requestsPerSecond: 0))
    run.replace(Self.owner, with: #"{"run":"simulated"}"#)
    try run.run()
    #expect(run.isComplete)
    let complete = try run.manifest()
    for key in [Self.key, "p/_runs/simulated/manifest.json"] { run.delete(key) }

    let worker = SingleWorker(run)
    let objects = StoreWithEvent(base: worker.store, key: Self.key, isBeforePut: false) {
      switch event {
      case .nothing: break
      case .completedByOther:
        run.replace(Self.owner, with: #"{"run":"other"}"#)
        run.delete(Self.key)
        _ = run.store.put(Self.key, [], metadata: [("elenco-run", "other")], .isNew, at: run.loop.date)
      case .takenByOther: run.replace(Self.owner, with: #"{"run":"other"}"#)
      case .filmLost:
        let incomplete = Manifest(plan: run.plans[0], reports: [])
        run.replace(
          "p/_runs/simulated/manifest.json",
          with: String(decoding: try JSONText.encode(incomplete), as: UTF8.self))
      }
    }
    let completion = RunCompletion(
      plan: run.plans[0], dependencies: worker.dependencies(objects), log: Log(level: .fatal))
    Task(executorPreference: run.loop) {
      let listing = try await completion.readListing()
      _ = try await completion.finishIfOver(listing)
    }
    #expect(run.loop.run(limit: .seconds(60)))

    let marker = run.store.objects[Self.key]
    switch event {
    case .nothing:
      #expect(marker?.metadata["elenco-run"] == "simulated" && marker?.bytes == [])
      #expect(try run.manifest() == complete)
    case .completedByOther: #expect(marker?.metadata["elenco-run"] == "other")
    case .takenByOther, .filmLost: #expect(marker == nil)
    }
  }
}
