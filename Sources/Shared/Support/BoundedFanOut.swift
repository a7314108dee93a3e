/// Work on many elements side by side, no more than so many at once.
package enum BoundedFanOut {
  /// Calls `body` for each element, `limit` at once, and gives the results in the order of the elements.
  /// - Throws: the first error that `body` throws, after the others are cancelled and have ended.
  package static func map<Element: Sendable, Value: Sendable>(
    _ elements: [Element], limit: Int, _ body: @escaping @Sendable (Element) async throws -> Value
  ) async throws -> [Value] {
    try await withThrowingTaskGroup(of: (Int, Value).self) { group in
      var values = [Value?](repeating: nil, count: elements.count)
      for (index, element) in elements.enumerated() {
        if index >= limit, let (done, value) = try await group.next() { values[done] = value }
        group.addTask { (index, try await body(element)) }
      }
      for try await (done, value) in group { values[done] = value }
      return values.compactMap { $0 }
    }
  }
}
