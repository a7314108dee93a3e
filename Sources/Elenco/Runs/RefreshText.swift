import Shared

extension DispatcherResponse {
  /// What the run keeps and why it fetches the rest; nil for a run that fetches every film.
  var refreshText: String? {
    guard let refresh else { return nil }
    let counts = refresh.counts
    let reasons: [(Int, String)] = [
      (counts.changed, "changed"), (counts.new, "new"), (counts.due, "due"), (counts.absent, "absent before"),
      (counts.lost, "in lost files"),
    ]
    let fetched = reasons.filter { $0.0 > 0 }.map { "\($0.0.grouped) \($0.1)" }.joined(separator: ", ")
    return "\(counted(counts.kept, "film")) kept from run \(refresh.base), \(counts.fetched.grouped) to fetch"
      + (fetched.isEmpty ? "" : ": \(fetched)")
  }

  /// Which kind of lookup `"lookup": "auto"` has taken, and why; nil if the event's `lookup` is another.
  var lookupText: String? { lookup.map { "\($0.taken.rawValue). \($0.reason)" } }
}
