/// The timers of an event loop: a binary heap of deadlines, soonest first, each with a payload.
///
/// Cancelling a timer removes its payload immediately. Its entry stays in the heap until it is the soonest one.
struct TimerQueue<Payload> {
  typealias ID = UInt64

  private struct Entry {
    let deadline: ContinuousClock.Instant
    let id: ID
  }

  private var heap: [Entry] = []
  private var payloads: [ID: Payload] = [:]

  /// The soonest deadline of a timer that was not cancelled; nil if there is none.
  var nextDeadline: ContinuousClock.Instant? {
    mutating get {
      while let first = heap.first, payloads[first.id] == nil { removeFirst() }
      return heap.first?.deadline
    }
  }

  /// Adds a timer. The caller chooses `id`, which must not be in use.
  mutating func insert(_ payload: Payload, id: ID, deadline: ContinuousClock.Instant) {
    payloads[id] = payload
    heap.append(Entry(deadline: deadline, id: id))
    siftUp(heap.count - 1)
  }

  /// Cancels a timer and returns its payload; nil if it has fired or does not exist.
  mutating func cancel(_ id: ID) -> Payload? { payloads.removeValue(forKey: id) }

  /// Removes the soonest timer that is due at `now` and returns its payload; nil if none is due.
  mutating func popDue(at now: ContinuousClock.Instant) -> Payload? {
    while let first = heap.first, first.deadline <= now {
      removeFirst()
      if let payload = payloads.removeValue(forKey: first.id) { return payload }
    }
    return nil
  }

  private mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    siftDown(0)
  }

  private func precedes(_ left: Int, _ right: Int) -> Bool {
    (heap[left].deadline, heap[left].id) < (heap[right].deadline, heap[right].id)
  }

  private mutating func siftUp(_ start: Int) {
    var child = start
    while child > 0 {
      let parent = (child - 1) / 2
      guard precedes(child, parent) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  private mutating func siftDown(_ start: Int) {
    var parent = start
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < heap.count && precedes(child, smallest) {
        smallest = child
      }
      guard smallest != parent else { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
