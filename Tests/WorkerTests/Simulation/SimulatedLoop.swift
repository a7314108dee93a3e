import Glibc
import TestSupport

@testable import Shared

/// Runs tasks in virtual time on the calling thread: when nothing is ready, the clock jumps to the next timer. The same
/// seed gives the same course.
///
/// Safety of `@unchecked Sendable`: everything runs on the one thread that is inside `run`.
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

  /// 2026-11-24T03:00:00Z, and what has passed since.
  var date: UnixTime { UnixTime(seconds: 1_795_489_200) + elapsed }

  func fraction() -> Double { .random(in: 0..<1, using: &random) }

  func happens(_ probability: Double) -> Bool { fraction() < probability }

  /// Mostly short, now and then long: exponential.
  func span(_ mean: Duration) -> Duration { mean * -log1p(-fraction()) }

  @discardableResult
  func at(_ time: ContinuousClock.Instant, _ action: @escaping () -> Void) -> UInt64 {
    lastTimer += 1
    timers.insert(action, id: lastTimer, deadline: max(time, now))
    return lastTimer
  }

  func after(_ time: Duration, _ action: @escaping () -> Void) { at(now + time, action) }

  /// Takes a timer out; its action comes back.
  func cancel(_ timer: UInt64) -> (() -> Void)? { timers.cancel(timer) }

  /// Runs until nothing is left to happen, or for `most`.
  /// - Returns: whether it came to an end.
  func run(most: Duration) -> Bool {
    let end = now + most
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

/// A function's process: its time and chance, and its death. What it waits for when it is killed never comes.
///
/// Safety of `@unchecked Sendable`: as the loop's.
final class SimulatedProcess: SystemClock, Randomness, @unchecked Sendable {
  let loop: SimulatedLoop
  private(set) var isRunning = true

  init(loop: SimulatedLoop) { self.loop = loop }

  var now: ContinuousClock.Instant { loop.now }
  var date: UnixTime { loop.date }
  func random() -> Double { loop.fraction() }

  func stop() { isRunning = false }

  /// What a call takes on its way, there or back.
  func travel(_ mean: Duration) async {
    await withUnsafeContinuation { (continuation: UnsafeContinuation<Void, Never>) in
      loop.after(loop.span(mean)) { if self.isRunning { continuation.resume() } }
    }
  }

  func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
    let sleeper = Sleeper()
    let isDue = await withTaskCancellationHandler {
      await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
        sleeper.continuation = continuation
        sleeper.timer = loop.at(deadline) { self.end(sleeper, isDue: true) }
      }
    } onCancel: {
      loop.after(.zero) { if self.loop.cancel(sleeper.timer) != nil { self.end(sleeper, isDue: false) } }
    }
    guard isDue else { throw CancellationError() }
  }

  private func end(_ sleeper: Sleeper, isDue: Bool) {
    guard isRunning, let continuation = sleeper.continuation else { return }
    sleeper.continuation = nil
    continuation.resume(returning: isDue)
  }

  /// Safety of `@unchecked Sendable`: as the loop's.
  private final class Sleeper: @unchecked Sendable {
    var continuation: UnsafeContinuation<Bool, Never>?
    var timer: UInt64 = 0
  }
}
