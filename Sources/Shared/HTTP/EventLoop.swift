import Glibc
import Synchronization

/// One thread that runs Swift tasks, timers and HTTP transfers: libcurl's loop is the tasks' executor.
///
/// A transfer is started by the task that wants it and resumes that task from the loop, so nothing ever hops
/// between threads. A synchronous `main` calls `run`; an asynchronous one would cost a static binary tens of
/// milliseconds at exit.
///
/// Safety of `@unchecked Sendable`: all state belongs to the thread inside `run`; others reach `inbox` alone,
/// which is behind a mutex, and `CurlMulti.wake`.
package final class EventLoop: TaskExecutor, @unchecked Sendable {
  /// A piece of work: a task's next step, or a closure to be run on the loop's thread.
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

  /// Runs `body` and the tasks it starts on the calling thread until it returns.
  ///
  /// Child tasks of `body` stay on the loop; an unstructured `Task` does not.
  /// - Throws: what `body` throws, or `HTTPError` when libcurl or epoll cannot be set up.
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

  /// Whether the caller is on the loop's thread. What belongs to the loop checks it.
  var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }

  package func enqueue(_ job: consuming ExecutorJob) { enqueue(.job(UnownedJob(job))) }

  /// Runs `closure` on the loop's thread, never inside the call. May be called from any thread.
  package func execute(_ closure: @escaping @Sendable () -> Void) { enqueue(.closure(closure)) }

  /// Suspends the task until `deadline`.
  /// - Throws: `CancellationError` at once when the task is cancelled.
  package func sleep(until deadline: ContinuousClock.Instant) async throws(CancellationError) {
    precondition(isCurrent, "sleep(until:) belongs to tasks of this loop")
    lastTimer += 1
    let timer = lastTimer
    let isDue = await withTaskCancellationHandler {
      await withUnsafeContinuation { timers.insert($0, id: timer, deadline: deadline) }
    } onCancel: {
      // Deferred by `execute`, so it finds the timer even when the task was cancelled before it slept.
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

/// What the root task of a loop ended with.
private final class Outcome<Value: Sendable>: Sendable {
  private let result = Mutex<Result<Value, any Error>?>(nil)

  func set(_ result: Result<Value, any Error>) { self.result.withLock { $0 = result } }

  func get() throws -> Value {
    guard let result = result.withLock({ $0 }) else { preconditionFailure("the root task left no result") }
    return try result.get()
  }
}
