import Testing

@testable import Shared
@testable import Worker

/// One worker outside of the simulated Lambda, whose requests to S3 go through a store of the test's own.
struct SingleWorker {
  let run: SimulatedRun
  let process: SimulatedProcess

  init(_ run: SimulatedRun) {
    self.run = run
    process = SimulatedProcess(loop: run.loop)
  }

  /// The run's S3, without faults.
  var store: SimulatedStoreClient { SimulatedStoreClient(store: run.store, process: process) }

  func dependencies(_ objects: any ObjectStore) -> WorkerDependencies {
    let (tmdb, process) = (run.tmdb, process)
    return WorkerDependencies(
      objects: objects, openTMDB: { SimulatedTMDBClient(tmdb: tmdb, process: process) }, forgetToken: {},
      invoke: { _, _ in }, clock: process, randomness: process, lease: .standard)
  }

  /// Works on the run's shard 0 until the simulation has nothing left to do.
  /// - Returns: the worker's response, as text, or its error.
  func work(_ objects: any ObjectStore) throws -> Result<String, any Error> {
    let invocation = Invocation(
      event: [], requestID: "request", deadline: run.loop.date + .seconds(900), functionARN: "worker",
      traceID: nil)
    let worker = WorkerInvocation(
      dependencies: dependencies(objects), invocation: invocation, log: Log(level: .fatal))
    let event = try WorkerEvent(
      parsing: Array(#"{"run":"simulated","shard":0}"#.utf8), defaultBucket: "lake", defaultPrefix: "p")
    let (plan, outcome) = (run.plans[0], Outcome())
    Task(executorPreference: run.loop) {
      do {
        outcome.result = .success(String(decoding: try await worker.run(event, plan), as: UTF8.self))
      } catch { outcome.result = .failure(error) }
    }
    #expect(run.loop.run(limit: .seconds(900)))
    return try #require(outcome.result)
  }

  /// Safety of `@unchecked Sendable`: used only on the loop's thread.
  private final class Outcome: @unchecked Sendable {
    var result: Result<String, any Error>?
  }
}

extension SimulatedStoreClient {
  /// A process's access to S3, without faults.
  init(store: SimulatedStore, process: SimulatedProcess) {
    self.init(
      store: store, process: process, lostResponses: 0, failures: 0, latePuts: 0, lateBy: .zero, outage: nil)
  }
}
