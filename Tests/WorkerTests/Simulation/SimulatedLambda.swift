@testable import Shared
@testable import Worker

/// Lambda's asynchronous invocations of the worker: retries, duplicates, deadlines, deaths.
///
/// Safety of `@unchecked Sendable`: touched by tasks of one simulated loop alone.
final class SimulatedLambda: @unchecked Sendable {
  struct Troubles {
    /// How often an invocation is killed, at a moment between its start and `deathWithin`.
    var deaths = 0.0
    var deathWithin: Duration = .seconds(300)
    /// How often an event is delivered twice, with the same request id.
    var duplicates = 0.0
    /// How often a PUT's answer is lost.
    var lostAnswers = 0.0
    /// How often a call of S3 or Lambda fails at all its tries.
    var failures = 0.0
  }

  /// After the first try and after the second.
  private static let retries: [Duration] = [.seconds(60), .seconds(120)]

  let loop: SimulatedLoop
  let store: SimulatedStore
  let tmdb: SimulatedTMDB
  let timeout: Duration
  let lease: LeaseTerms
  var troubles: Troubles
  /// How long an invocation takes to start, on average.
  var startup: Duration = .milliseconds(100)
  private(set) var invocations = 0
  private(set) var killed = 0
  /// Invocations that ended with an error, or at their deadline.
  private(set) var failed = 0
  var outages = Outages()

  /// Times, from the start on, at which something fails.
  struct Outages {
    /// Lambda takes no Invoke.
    var invoke: Range<Duration>?
    /// S3 answers 503 at every try.
    var store: Range<Duration>?
    /// The token may not be read.
    var token: Range<Duration>?
    /// Every worker dies.
    var death: Duration?
  }

  static let unavailable = failure(503)

  private static func failure(_ status: Int) -> AWSServiceError {
    AWSServiceError(HTTPResponse(status: status, headers: [], body: []), call: "a call", advice: "")
  }
  /// Events that failed for good.
  private(set) var dead: [[UInt8]] = []
  private var running = 0
  private(set) var runningMost = 0
  /// Of invocations that came to an end by themselves.
  private(set) var billed = Duration.zero

  init(
    loop: SimulatedLoop, store: SimulatedStore, tmdb: SimulatedTMDB, timeout: Duration, lease: LeaseTerms,
    troubles: Troubles = Troubles()
  ) {
    self.loop = loop
    self.store = store
    self.tmdb = tmdb
    self.timeout = timeout
    self.lease = lease
    self.troubles = troubles
  }

  func send(_ event: [UInt8]) {
    invocations += 1
    let requestID = "request-\(invocations)"
    loop.after(loop.span(startup)) { self.start(event, requestID, tries: 1) }
    if loop.happens(troubles.duplicates) {
      loop.after(loop.span(.seconds(10))) { self.start(event, requestID, tries: 1) }
    }
  }

  private func start(_ event: [UInt8], _ requestID: String, tries: Int) {
    let process = SimulatedProcess(loop: loop)
    running += 1
    runningMost = max(runningMost, running)
    let (started, end) = (loop.now, loop.now + timeout)
    func finish(_ isGood: Bool) {
      guard process.isRunning else { return }
      process.stop()
      running -= 1
      billed += started.duration(to: loop.now)
      guard !isGood else { return }
      failed += 1
      guard tries <= Self.retries.count else { return dead.append(event) }
      loop.after(Self.retries[tries - 1]) { self.start(event, requestID, tries: tries + 1) }
    }
    loop.at(end) { finish(false) }
    if loop.happens(troubles.deaths) {
      loop.after(troubles.deathWithin * loop.fraction()) {
        if process.isRunning { self.killed += 1 }
        finish(false)
      }
    }
    if let death = outages.death, loop.elapsed < death {
      loop.after(death - loop.elapsed) { finish(false) }
    }
    let invocation = Invocation(
      event: event, requestID: requestID, deadline: loop.date + timeout, functionARN: "worker", traceID: nil)
    let dependencies = dependencies(of: process)
    let handle = Finish(action: finish)
    Task(executorPreference: loop) {
      do {
        let event = try WorkerEvent(parsing: invocation.event, defaultBucket: "lake", defaultPrefix: "p")
        let plan = try await PlanStore(objects: dependencies.objects).plan(of: event)
        _ = try await WorkerInvocation(
          dependencies: dependencies, invocation: invocation, log: Log(level: .fatal)
        )
        .work(event, plan)
        handle.action(true)
      } catch { handle.action(false) }
    }
  }

  private func dependencies(of process: SimulatedProcess) -> WorkerDependencies {
    WorkerDependencies(
      objects: ReachedStore(
        store: store, process: process, lostAnswers: troubles.lostAnswers, failures: troubles.failures,
        outage: outages.store),
      openTMDB: {
        if self.outages.token?.contains(self.loop.elapsed) == true { throw Self.failure(403) }
        return ReachedTMDB(tmdb: self.tmdb, process: process)
      }, forgetToken: {},
      invoke: { call, _ in
        await process.travel(.milliseconds(20))
        if self.outages.invoke?.contains(self.loop.elapsed) == true { throw Self.unavailable }
        if self.loop.happens(self.troubles.failures) { throw Self.unavailable }
        self.send(try JSONText.encode(call))
        await process.travel(.milliseconds(20))
      },
      clock: process, randomness: process, lease: lease)
  }

  /// Carries a closure of the loop's thread into a task of the loop.
  ///
  /// Safety of `@unchecked Sendable`: as the loop's.
  private struct Finish: @unchecked Sendable {
    let action: (Bool) -> Void
  }
}
