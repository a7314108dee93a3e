/// Processes many elements concurrently, with a limit on how many are in flight.
package enum BoundedFanOut {
  /// Calls `body` for each element, at most `limit` calls at a time, and returns the results in input order.
  /// - Throws: the first error that `body` throws, after the other calls have been cancelled and have ended.
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
