import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Shared

@Suite("Event loop") struct EventLoopTests {
  @Test("tasks and their child tasks stay on the thread that runs the loop")
  func oneThread() throws {
    let thread = Thread.current
    let isAlways = try EventLoop.run { loop in
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<50 {
          group.addTask {
            try? await loop.sleep(for: .microseconds(10))
            return loop.isCurrent
          }
        }
        return await group.allSatisfy { $0 }
      }
    }
    #expect(isAlways)
    #expect(Thread.current == thread)
  }

  @Test(
    "sleeping tasks wake in the order of their deadlines, not in the order in which they started to sleep")
  func order() throws {
    let order = try EventLoop.run { loop in
      let now = ContinuousClock.now
      return await withTaskGroup(of: Int.self) { group in
        for delay in [3, 1, 2, 0] {
          group.addTask {
            try? await loop.sleep(until: now + .milliseconds(delay * 5))
            return delay
          }
        }
        return await group.reduce(into: []) { $0.append($1) }
      }
    }
    #expect(order == [0, 1, 2, 3])
  }

  @Test("a cancelled sleep ends immediately, even if it was cancelled before it began")
  func cancelledSleep() throws {
    let outcomes = try EventLoop.run { loop in
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<10 {
          group.addTask {
            do {
              try await loop.sleep(for: .seconds(3600))
              return false
            } catch { return true }
          }
        }
        group.cancelAll()
        return await group.reduce(into: []) { $0.append($1) }
      }
    }
    #expect(outcomes == Array(repeating: true, count: 10))
  }

  @Test("work submitted from another thread runs on the loop")
  func otherThread() throws {
    let isOnLoop = try EventLoop.run { loop in
      await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
        Thread { loop.execute { continuation.resume(returning: loop.isCurrent) } }.start()
      }
    }
    #expect(isOnLoop)
  }

  @Test("run rethrows the error of its body")
  func errors() {
    struct Failure: Error {}
    #expect(throws: Failure.self) { try EventLoop.run { _ in throw Failure() } }
  }

  @Test(
    "timers fire in the order of their deadlines, and cancelled ones never", arguments: 1...20)
  func timerQueue(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let start = ContinuousClock.now
    var queue = TimerQueue<Int>()
    var live: [(due: Int, id: UInt64)] = []
    for id in UInt64(1)...200 {
      let due = Int.random(in: 0..<50, using: &random)
      queue.insert(Int(id), id: id, deadline: start + .seconds(due))
      live.append((due, id))
    }
    for id in (UInt64(1)...200).shuffled(using: &random).prefix(60) {
      #expect(queue.cancel(id) == Int(id))
      #expect(queue.cancel(id) == nil)
      live.removeAll { $0.id == id }
    }
    let expected = live.sorted { ($0.due, $0.id) < ($1.due, $1.id) }.map { Int($0.id) }
    #expect(queue.nextDeadline == live.map { start + .seconds($0.due) }.min())
    var fired: [Int] = []
    for second in 0...50 {
      while let payload = queue.popDue(at: start + .seconds(second)) { fired.append(payload) }
    }
    #expect(fired == expected)
    #expect(queue.nextDeadline == nil)
  }
}
