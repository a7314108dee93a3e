/// TMDB's list of changes: the ids of the films that were edited in a span of days, 100 to a page.
struct ChangeList {
  static let path = "/3/movie/changes"
  static let pageEntries = 100
  static let pages = 1...1000
  /// The most days between the first and the last day of a span.
  static let spanMax = 14

  private struct Entry {
    let day: CalendarDay
    let id: Int?
    /// False, or null as for a film that is gone.
    let isAdultNull: Bool

    /// A day's entries have no recognisable order: those of the rules are among those of `others`.
    var order: (Int, UInt64) {
      (day.number, DeterministicRandom.mix(UInt64(id ?? 0) &+ UInt64(bitPattern: Int64(day.number)) << 32))
    }
  }

  /// By day.
  private let entries: [Entry]
  private let today: CalendarDay

  /// - Parameter today: later edits are not listed.
  init(_ edits: [Edit], today: CalendarDay) {
    self.today = today
    var entries: [Entry] = []
    var known: Set<[Int]> = []
    func add(_ day: CalendarDay, _ id: Int, isGone: Bool = false) {
      // An id appears once for each day.
      guard known.insert([day.number, id]).inserted else { return }
      entries.append(Entry(day: day, id: id, isAdultNull: isGone))
    }
    for edit in edits where edit.isListed && edit.day <= today {
      switch edit.kind {
      case .change(let film), .appear(let film): add(edit.day, film.tmdbID)
      case .vanish(let film): add(edit.day, film.tmdbID, isGone: true)
      case .merge(let film, let other):
        add(edit.day, film.tmdbID, isGone: true)
        add(edit.day, other.tmdbID)
      case .null: entries.append(Entry(day: edit.day, id: nil, isAdultNull: true))
      // No film has an id this high.
      case .others(let count): for index in 0..<count { add(edit.day, 200_000_000 + index) }
      }
    }
    self.entries = entries.sorted { $0.order < $1.order }
  }

  func response(to query: ChangesQuery) -> Response {
    let pageNumber = query.page.map { Int($0) } ?? 1
    guard let pageNumber, Self.pages.contains(pageNumber) else { return .pageInvalid }
    let (start, end) = (
      query.startDate.map { CalendarDay(parsing: $0) }, query.endDate.map { CalendarDay(parsing: $0) }
    )
    if case .some(nil) = start { return .dateInvalid }
    if case .some(nil) = end { return .dateInvalid }
    // Without dates, the last 24 hours.
    let last = (end ?? nil) ?? today
    let first = (start ?? nil) ?? CalendarDay(number: last.number - 1)
    guard (0...Self.spanMax).contains(last.number - first.number) else { return .dateRangeInvalid }
    return page(pageNumber, of: entries[index(of: first)..<index(of: CalendarDay(number: last.number + 1))])
  }

  private func page(_ number: Int, of entries: ArraySlice<Entry>) -> Response {
    var segments: [Segment] = [.text(#"{"results":["#)]
    for (index, entry) in entries.dropFirst((number - 1) * Self.pageEntries).prefix(Self.pageEntries)
      .enumerated()
    {
      segments.append(index == 0 ? .text(#"{"id":"#) : .text(#",{"id":"#))
      segments.append(entry.id.map { .number($0) } ?? .text("null"))
      segments.append(entry.isAdultNull ? .text(#","adult":null}"#) : .text(#","adult":false}"#))
    }
    let pages = max(1, (entries.count + Self.pageEntries - 1) / Self.pageEntries)
    segments += [
      .text(#"],"page":"#), .number(number), .text(#","total_pages":"#),
      .number(min(pages, Self.pages.upperBound)),
      .text(#","total_results":"#), .number(entries.count), .text("}"),
    ]
    return Response(status: 200, segments: segments)
  }

  /// The index of the first entry that is not before a day.
  private func index(of day: CalendarDay) -> Int {
    var (low, high) = (0, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].day < day { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// The query of a request for the list of changes, as sent.
struct ChangesQuery: Equatable {
  var startDate: String?
  var endDate: String?
  var page: String?
}
