import Glibc
import TestSupport

@testable import Shared

/// Runs tasks in virtual time on the calling thread: when no task is ready, the clock jumps to the next timer. The same
/// seed gives the same sequence of events.
///
/// Safety of `@unchecked Sendable`: everything runs on the thread that calls `run`.
final class SimulatedLoop: TaskExecutor, @unchecked Sendable {
  private(set) var now = ContinuousClock.now
  private let start: ContinuousClock.Instant
  private var random: SeededRandom
  private var timers = TimerQueue<() -> Void>()
  private var lastTimer: UInt64 = 0
  private var ready: [UnownedJob] = []

  init(seed: UInt64) {
    start = now
    random = SeededRandom(seed: seed)
  }

  func enqueue(_ job: consuming ExecutorJob) { ready.append(UnownedJob(job)) }

  var elapsed: Duration { start.duration(to: now) }

  /// 2026-11-24T03:00:00Z plus the elapsed virtual time.
  var date: UnixTime { UnixTime(seconds: 1_795_489_200) + elapsed }

  /// Returns a random number in 0..<1.
  func randomFraction() -> Double { .random(in: 0..<1, using: &random) }

  /// Returns true with the given probability.
  func happens(_ probability: Double) -> Bool { randomFraction() < probability }

  /// Returns an exponentially distributed duration: mostly short, sometimes long.
  func randomDuration(mean: Duration) -> Duration { mean * -log1p(-randomFraction()) }

  @discardableResult
  func at(_ time: ContinuousClock.Instant, _ action: @escaping () -> Void) -> UInt64 {
    lastTimer += 1
    timers.insert(action, id: lastTimer, deadline: max(time, now))
    return lastTimer
  }

  func after(_ time: Duration, _ action: @escaping () -> Void) { at(now + time, action) }

  /// Removes a timer.
  /// - Returns: its action; nil if the timer has fired already.
  func cancel(_ timer: UInt64) -> (() -> Void)? { timers.cancel(timer) }

  /// Runs until no tasks or timers are left, or until `limit` of virtual time has passed.
  /// - Returns: false if the limit was reached.
  func run(limit: Duration) -> Bool {
    let end = now + limit
    var batch: [UnownedJob] = []
    while true {
      while !ready.isEmpty {
        swap(&batch, &ready)
        for job in batch { job.runSynchronously(on: asUnownedTaskExecutor()) }
        batch.removeAll(keepingCapacity: true)
      }
      guard let next = timers.nextDeadline else { return true }
      guard next < end else { return false }
      now = next
      timers.popDue(at: now)?()
    }
  }
}

/// The process of one invocation, with its clock and randomness. Once it is stopped, its suspended tasks never resume.
///
/// Safety of `@unchecked Sendable`: used only on the loop's thread.
final class SimulatedProcess: SystemClock, Randomness, @unchecked Sendable {
  let loop: SimulatedLoop
  private(set) var isRunning = true
  /// Until then the process is suspended, as by SIGSTOP: it does nothing, but the clock goes on.
  private var suspendedUntil: ContinuousClock.Instant?

  init(loop: SimulatedLoop) { self.loop = loop }

  var now: ContinuousClock.Instant { loop.now }
  var date: UnixTime { loop.date }
  func random() -> Double { loop.randomFraction() }

  func stop() { isRunning = false }

  /// Whether the process was ever suspended.
  private(set) var wasSuspended = false

  func suspend(for duration: Duration) { (suspendedUntil, wasSuspended) = (loop.now + duration, true) }

  /// Runs an action of the process now, or when it is no longer suspended. Drops it if the process is stopped.
  private func proceed(_ action: @escaping () -> Void) {
    guard isRunning else { return }
    guard let time = suspendedUntil, loop.now < time else { return action() }
    loop.at(time) { self.proceed(action) }
  }

  func delay(exactly duration: Duration) async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      loop.after(duration) { self.proceed { continuation.resume() } }
    }
  }

  /// Waits for the latency of a request or of a response.
  func delay(mean: Duration) async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      loop.after(loop.randomDuration(mean: mean)) { self.proceed { continuation.resume() } }
    }
  }

  func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
    let sleeper = Sleeper()
    let isDue = await withTaskCancellationHandler {
      await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
        sleeper.continuation = continuation
        sleeper.timer = loop.at(deadline) { self.wake(sleeper, isDue: true) }
      }
    } onCancel: {
      loop.after(.zero) { if self.loop.cancel(sleeper.timer) != nil { self.wake(sleeper, isDue: false) } }
    }
    guard isDue else { throw CancellationError() }
  }

  private func wake(_ sleeper: Sleeper, isDue: Bool) {
    proceed {
      guard let continuation = sleeper.continuation else { return }
      sleeper.continuation = nil
      continuation.resume(returning: isDue)
    }
  }

  /// Safety of `@unchecked Sendable`: used only on the loop's thread.
  private final class Sleeper: @unchecked Sendable {
    var continuation: UnsafeContinuation<Bool, Never>?
    var timer: UInt64 = 0
  }
}
