/// Items with a due time, earliest first: a binary heap.
struct TimerHeap<Item> {
  private var heap: [(due: Duration, item: Item)] = []

  var earliest: Duration? { heap.first?.due }
  var isEmpty: Bool { heap.isEmpty }

  mutating func add(_ item: Item, at due: Duration) {
    heap.append((due, item))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].due < heap[parent].due else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Removes and returns the earliest item if it is due.
  mutating func next(at now: Duration) -> Item? {
    guard let first = heap.first, first.due <= now else { return nil }
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      let left = parent * 2 + 1
      let right = left + 1
      guard left < heap.count else { break }
      let child = right < heap.count && heap[right].due < heap[left].due ? right : left
      guard heap[child].due < heap[parent].due else { break }
      heap.swapAt(child, parent)
      parent = child
    }
    return first.item
  }

  /// Removes and returns all items, in no particular order.
  mutating func removeAll() -> [Item] {
    defer { heap = [] }
    return heap.map(\.item)
  }
}
