import Glibc
import Synchronization

/// Runs Swift tasks, timers and HTTP transfers on one thread: libcurl's loop is the task executor.
///
/// A task starts its transfer on the loop, and the loop resumes the task, so nothing switches between threads. Call
/// `run` from a synchronous `main`: with an asynchronous one, a static binary takes tens of milliseconds longer
/// until its first request.
///
/// Safety of `@unchecked Sendable`: all state belongs to the thread inside `run`. Other threads use only `inbox`, which
/// a mutex protects, and `CurlMulti.wake`.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
  /// A unit of work: the next job of a task, or a closure to run on the loop's thread.
  private enum Work {
    case job(UnownedJob)
    case closure(@Sendable () -> Void)
  }

  let multi: CurlMulti
  private let thread = pthread_self()
  private let inbox = Mutex<[Work]>([])
  private var ready: [Work] = []
  private var timers = TimerQueue<UnsafeContinuation<Bool, Never>>()
  private var lastTimer: UInt64 = 0
  private var isStopped = false

  private init() throws(HTTPError) {
    multi = try CurlMulti()
    ready.reserveCapacity(256)
  }

  /// Runs `body` and its child tasks on the calling thread until `body` returns.
  ///
  /// Child tasks of `body` run on the loop; an unstructured `Task` does not.
  /// - Throws: any error that `body` throws, or `HTTPError` if libcurl or epoll cannot be set up.
  package static func run<Value: Sendable>(
    _ body: @escaping @Sendable (EventLoop) async throws -> Value
  ) throws -> Value {
    let loop = try EventLoop()
    let outcome = Outcome<Value>()
    Task(executorPreference: loop) {
      do { outcome.set(.success(try await body(loop))) } catch { outcome.set(.failure(error)) }
      loop.isStopped = true
    }
    loop.spin()
    return try outcome.get()
  }

  /// Whether the caller runs on the loop's thread. Types that belong to the loop check this.
  var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }

  package func enqueue(_ job: consuming ExecutorJob) { enqueue(.job(UnownedJob(job))) }

  /// Schedules `closure` on the loop's thread. It never runs before this call returns. May be called from any thread.
  package func execute(_ closure: @escaping @Sendable () -> Void) { enqueue(.closure(closure)) }

  /// Suspends the task until `deadline`.
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  package func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
    precondition(isCurrent, "sleep(until:) must be called from a task of this loop")
    lastTimer += 1
    let timer = lastTimer
    let isDue = await withTaskCancellationHandler {
      await withUnsafeContinuation { timers.insert($0, id: timer, deadline: deadline) }
    } onCancel: {
      // `execute` defers the closure, so it finds the timer even if the task was cancelled before it went to sleep.
      execute { self.timers.cancel(timer)?.resume(returning: false) }
    }
    guard isDue else { throw CancellationError() }
  }

  private func enqueue(_ work: Work) {
    if isCurrent {
      ready.append(work)
    } else {
      inbox.withLock { $0.append(work) }
      multi.wake()
    }
  }

  private func spin() {
    var batch: [Work] = []
    batch.reserveCapacity(256)
    while true {
      takeInbox()
      swap(&batch, &ready)
      for work in batch {
        switch work {
        case .job(let job): job.runSynchronously(on: asUnownedTaskExecutor())
        case .closure(let closure): closure()
        }
      }
      batch.removeAll(keepingCapacity: true)
      while let sleeper = timers.popDue(at: .now) { sleeper.resume(returning: true) }
      if isStopped && ready.isEmpty { return }
      multi.wait(until: ready.isEmpty ? timers.nextDeadline : .now)
    }
  }

  private func takeInbox() {
    inbox.withLock { inbox in
      ready.append(contentsOf: inbox)
      inbox.removeAll(keepingCapacity: true)
    }
  }
}

extension EventLoop: SystemClock, Randomness {
  package var now: ContinuousClock.Instant { .now }
  package var date: UnixTime { .now() }
  package func random() -> Double { .random(in: 0..<1) }
}

/// The result of a loop's root task.
private final class Outcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)

  func set(_ result: Result<Value, any Error>) { self.result.withLock { $0 = result } }

  func get() throws -> Value {
    guard let result = result.withLock({ $0 }) else {
      preconditionFailure("the root task ended without a result")
    }
    return try result.get()
  }
}
