/// The windows and pages in which TMDB's list of changed films is read.
///
/// TMDB lists the changes of at most 14 days at a time, in at most 1,000 pages
/// (https://developer.themoviedb.org/docs/tracking-content-changes). A pure value: the caller sends the requests.
package struct ChangeWindows: Equatable, Sendable {
  /// A span of days, both included.
  package struct Window: Equatable, Hashable, Sendable {
    package let first: UnixDay
    package let last: UnixDay

    package init(first: UnixDay, last: UnixDay) {
      self.first = first
      self.last = last
    }
  }

  /// The most days of a window.
  static let days = 14
  /// The most pages of a window.
  static let pagesMax = 1000
  /// Entries of a page.
  static let pageEntries = 100

  private var pending: [Window] = []

  /// Windows that together have all days from `first` to `last`; none if `last` is earlier.
  ///
  /// Each window begins with the last day of the one before, so that no day is lost if TMDB should list the changes up
  /// to the beginning of the last day only, which its documentation leaves open.
  package init(from first: UnixDay, through last: UnixDay) {
    guard first <= last else { return }
    var start = first
    while true {
      let end = min(start + (Self.days - 1), last)
      pending.append(Window(first: start, last: end))
      guard end < last else { break }
      start = end
    }
    pending.reverse()
  }

  /// Takes the next window, in the order of the days; nil if every window was taken.
  package mutating func next() -> Window? { pending.popLast() }

  /// Decides, when the first page of a window has arrived, how to read the rest of it.
  /// - Parameters:
  ///   - pages, entries: the window's totals according to the page.
  /// - Returns: the pages still to request. Empty if there are none, and if the window has too many: it is then
  ///   replaced by two shorter ones, which `next` returns.
  /// - Throws: `TooManyChanges` if the window is a single day and has too many pages.
  package mutating func pagesAfterFirst(
    of window: Window, pages: Int, entries: Int
  ) throws(TooManyChanges) -> Range<Int> {
    // TMDB may limit the number of pages that it states, but not the number of entries.
    let needed = max(pages, entries / Self.pageEntries + (entries % Self.pageEntries > 0 ? 1 : 0))
    guard needed > Self.pagesMax else { return 2..<max(2, pages + 1) }
    let days = window.last - window.first
    guard days > 0 else { throw TooManyChanges(day: window.first) }
    let middle = window.first + days / 2
    pending.append(Window(first: days == 1 ? window.last : middle, last: window.last))
    pending.append(Window(first: window.first, last: middle))
    return 2..<2
  }
}

/// TMDB has changed more films on one day than its list can show.
package struct TooManyChanges: Error, Equatable, CustomStringConvertible {
  package let day: UnixDay

  package var description: String {
    "TMDB's list has more than \(ChangeWindows.pagesMax) pages for \(day.iso8601)"
  }
}
