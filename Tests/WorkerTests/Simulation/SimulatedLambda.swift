@testable import Shared
@testable import Worker

/// Simulates Lambda's asynchronous invocations of the worker, with retries, duplicates, deadlines and deaths.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one simulated loop.
final class SimulatedLambda: @unchecked Sendable {
  /// Random faults.
  struct FaultRates {
    /// Probability that an invocation is killed, at a random time up to `deathWithin` after its start.
    var deaths = 0.0
    var deathWithin: Duration = .seconds(300)
    /// Probability that an invocation is suspended, at a random time up to `deathWithin` after its start, for up to
    /// `suspensionMax`.
    var suspensions = 0.0
    var suspensionMax: Duration = .seconds(180)
    /// Probability that a PUT arrives late, by up to a lease term, even if its sender is dead by then.
    var latePuts = 0.0
    /// Probability that an event is delivered twice, with the same request id.
    var duplicates = 0.0
    /// Probability that the response to a PUT is lost.
    var lostResponses = 0.0
    /// Probability that a request to S3 or Lambda fails at every attempt.
    var failures = 0.0
  }

  /// Delays before the second and the third attempt of an event.
  private static let retryDelays: [Duration] = [.seconds(60), .seconds(120)]

  let loop: SimulatedLoop
  let store: SimulatedStore
  let tmdb: SimulatedTMDB
  let timeout: Duration
  let lease: LeaseTerms
  var faults: FaultRates
  /// Mean time until an invocation starts.
  var startup: Duration = .milliseconds(100)
  /// Number of events sent.
  private(set) var invocations = 0
  /// Number of invocations killed by `FaultRates.deaths`.
  private(set) var killed = 0
  /// Number of invocations suspended by `FaultRates.suspensions`.
  private(set) var suspended = 0
  /// Number of invocations that did not succeed, because of an error, their deadline or a death.
  private(set) var failed = 0
  var outages = Outages()

  /// Periods during which something fails, measured from the start of the simulation.
  struct Outages {
    /// Lambda refuses every Invoke.
    var invoke: Range<Duration>?
    /// S3 responds 503 at every attempt.
    var store: Range<Duration>?
    /// Reading the token is refused.
    var token: Range<Duration>?
    /// The time at which every running worker is killed.
    var death: Duration?
  }

  static let unavailable = failure(503)

  private static func failure(_ status: Int) -> AWSServiceError {
    AWSServiceError(HTTPResponse(status: status, headers: [], body: []), call: "a call", advice: "")
  }
  /// Events whose every attempt failed.
  private(set) var deadLetters: [[UInt8]] = []
  private var running = 0
  /// The most invocations that ran concurrently.
  private(set) var peakRunning = 0
  /// Total duration of the invocations that ended, in whatever way.
  private(set) var billed = Duration.zero

  init(
    loop: SimulatedLoop, store: SimulatedStore, tmdb: SimulatedTMDB, timeout: Duration, lease: LeaseTerms,
    faults: FaultRates = FaultRates()
  ) {
    self.loop = loop
    self.store = store
    self.tmdb = tmdb
    self.timeout = timeout
    self.lease = lease
    self.faults = faults
  }

  func send(_ event: [UInt8]) {
    invocations += 1
    let requestID = "request-\(invocations)"
    loop.after(loop.randomDuration(mean: startup)) { self.start(event, requestID, attempt: 1) }
    if loop.happens(faults.duplicates) {
      loop.after(loop.randomDuration(mean: .seconds(10))) { self.start(event, requestID, attempt: 1) }
    }
  }

  private func start(_ event: [UInt8], _ requestID: String, attempt: Int) {
    let process = SimulatedProcess(loop: loop)
    running += 1
    peakRunning = max(peakRunning, running)
    let (started, end) = (loop.now, loop.now + timeout)
    func finish(succeeded: Bool) {
      guard process.isRunning else { return }
      process.stop()
      running -= 1
      billed += started.duration(to: loop.now)
      guard !succeeded else { return }
      failed += 1
      guard attempt <= Self.retryDelays.count else { return deadLetters.append(event) }
      loop.after(Self.retryDelays[attempt - 1]) { self.start(event, requestID, attempt: attempt + 1) }
    }
    loop.at(end) { finish(succeeded: false) }
    if loop.happens(faults.deaths) {
      loop.after(faults.deathWithin * loop.randomFraction()) {
        if process.isRunning { self.killed += 1 }
        finish(succeeded: false)
      }
    }
    if loop.happens(faults.suspensions) {
      loop.after(faults.deathWithin * loop.randomFraction()) {
        if process.isRunning { self.suspended += 1 }
        process.suspend(for: self.faults.suspensionMax * self.loop.randomFraction())
      }
    }
    if let death = outages.death, loop.elapsed < death {
      loop.after(death - loop.elapsed) { finish(succeeded: false) }
    }
    let invocation = Invocation(
      event: event, requestID: requestID, deadline: loop.date + timeout, functionARN: "worker", traceID: nil)
    let dependencies = dependencies(of: process)
    let finisher = Finisher(action: finish)
    Task(executorPreference: loop) {
      do {
        let event = try WorkerEvent(parsing: invocation.event, defaultBucket: "lake", defaultPrefix: "p")
        let plan = try await PlanStore(objects: dependencies.objects).plan(of: event)
        _ = try await WorkerInvocation(
          dependencies: dependencies, invocation: invocation, log: Log(level: .fatal)
        )
        .run(event, plan)
        finisher.action(true)
      } catch { finisher.action(false) }
    }
  }

  private func dependencies(of process: SimulatedProcess) -> WorkerDependencies {
    WorkerDependencies(
      objects: SimulatedStoreClient(
        store: store, process: process, lostResponses: faults.lostResponses, failures: faults.failures,
        latePuts: faults.latePuts, lateBy: lease.term, outage: outages.store),
      openTMDB: {
        if self.outages.token?.contains(self.loop.elapsed) == true { throw Self.failure(403) }
        return SimulatedTMDBClient(tmdb: self.tmdb, process: process)
      }, forgetToken: {},
      invoke: { call, _ in
        await process.delay(mean: .milliseconds(20))
        if self.outages.invoke?.contains(self.loop.elapsed) == true { throw Self.unavailable }
        if self.loop.happens(self.faults.failures) { throw Self.unavailable }
        self.send(try JSONText.encode(call))
        await process.delay(mean: .milliseconds(20))
      },
      clock: process, randomness: process, lease: lease)
  }

  /// Passes a closure into a task of the loop.
  ///
  /// Safety of `@unchecked Sendable`: the closure is created and called on the loop's thread.
  private struct Finisher: @unchecked Sendable {
    let action: (Bool) -> Void
  }
}
