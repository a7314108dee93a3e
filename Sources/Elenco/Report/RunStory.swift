import Shared

/// What happened in a run, in the order of time, as sentences.
struct RunStory {
  struct Event: Equatable, Sendable {
    /// Seconds since 1970.
    let time: Double
    let text: String
    /// Whether it is a reason to look closer, rather than the normal course of a run.
    var isNotable = false
  }

  /// Maximum number of events. Of more, the first and the last are kept.
  static let eventsMax = 40
  /// Deaths and stops that follow one another by less than this are one event.
  private static let clusterSeconds = 60.0
  /// Maximum number of events that tell of refusals. Refusals are one event if few bins without any are between them.
  private static let refusalsMax = 8
  /// The end of a run is an event if the last tenth of the shards take more than this share of the whole time.
  private static let tailShare = 0.1

  let events: [Event]
  /// Number of events that are left out.
  let omitted: Int

  init(_ run: RunHistory) {
    let all = [Self.beginning, Self.refusals, Self.losses, Self.replays, Self.tail, Self.ending]
      .flatMap { $0(run) }
      .enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    omitted = max(0, all.count - Self.eventsMax)
    events =
      omitted == 0 ? all : Array(all.prefix(Self.eventsMax / 2) + all.suffix(Self.eventsMax / 2))
  }

  // MARK: - The normal course

  private static func beginning(_ run: RunHistory) -> [Event] {
    var events: [Event] = []
    if let planned = run.status.listing.plannedAt {
      events.append(
        Event(time: planned.inSeconds, text: "The dispatcher planned \(counted(run.plan.shards, "shard"))."))
    }
    if let time = run.status.cancelledAt.flatMap({ UnixTime(iso8601: $0) }) {
      events.append(Event(time: time.inSeconds, text: "The run was cancelled.", isNotable: true))
    }
    guard run.hasBegun else { return events }
    events.append(Event(time: run.scale.start, text: "The first worker started."))
    for (before, after) in zip(run.scale.stretches, run.scale.stretches.dropFirst()) {
      let pause = Quantity.duration(after.time.lowerBound - before.time.upperBound)
      events.append(
        Event(time: before.time.upperBound, text: "No worker was active for \(pause) from then on."))
    }
    return events
  }

  private static func ending(_ run: RunHistory) -> [Event] {
    guard run.hasBegun else { return [] }
    let running = run.shards.filter { $0.state == .running }
    guard running.isEmpty else {
      let text = "Workers have \(counted(running.count, "shard")) now: \(names(running))."
      return [Event(time: run.readAt.inSeconds, text: text)]
    }
    let numbers =
      "\(counted(run.filmsWritten, "film")) written, \(run.absent.grouped) absent from TMDB, "
      + "\(run.failed.grouped) failed"
    let end = Event(time: run.scale.end, text: "The last worker ended: \(numbers).")
    let idle = run.shards.filter { !$0.hasBegun }
    guard !idle.isEmpty else { return [end] }
    let text = "\(counted(idle.count, "shard")) never had a worker: \(names(idle))."
    return [end, Event(time: run.scale.end, text: text, isNotable: true)]
  }

  /// Sessions that began after the shard's last worker had finished or given up.
  private static func replays(_ run: RunHistory) -> [Event] {
    let begun = run.shards.flatMap { shard in
      zip(shard.sessions, shard.sessions.dropFirst()).compactMap { before, after -> Loss? in
        switch before.end {
        case .complete, .incomplete, .stopped, .interrupted:
          Loss(time: after.time.lowerBound, shard: shard, session: after, next: nil)
        case .handedOver, .died, nil: nil
        }
      }
    }
    return clusters(begun).map { cluster in
      Event(
        time: cluster[0].time,
        text: "A worker took up \(counted(cluster.count, "shard")) again: \(names(cluster.map(\.shard))).")
    }
  }

  // MARK: - What went wrong

  private static func refusals(_ run: RunHistory) -> [Event] {
    let bins = run.bins
    var calmBinsMax = 2
    var periods = periods(bins, calmBinsMax: calmBinsMax)
    while periods.count > refusalsMax {
      calmBinsMax *= 2
      periods = Self.periods(bins, calmBinsMax: calmBinsMax)
    }
    return periods.map { period in
      let (first, last) = (period.lowerBound, period.upperBound)
      let refused = Int(bins.throttled[period].reduce(0, +).rounded())
      let end = time(run.scale.time(bins.place(last + 1)).rounded(), run)
      var text = "TMDB refused \(counted(max(1, refused), "request")) with status 429, until \(end)."
      let before = bins.sent[max(0, first - 5)..<first]
      if !before.isEmpty {
        let rate = before.reduce(0, +) / Double(before.count) / bins.binSeconds
        let lowest = (bins.sent[first...min(last + 1, bins.count - 1)].min() ?? 0) / bins.binSeconds
        if lowest < rate * 0.9 {
          text +=
            " All workers together went from \(Quantity.rate(rate)) to \(Quantity.rate(lowest)) requests per second."
        }
      }
      return Event(time: run.scale.time(bins.place(first)).rounded(), text: text, isNotable: true)
    }
  }

  /// The bins from one with refusals to another, without more bins in a row that have none than `calmBinsMax`.
  private static func periods(_ bins: BinnedSeries, calmBinsMax: Int) -> [ClosedRange<Int>] {
    var periods: [ClosedRange<Int>] = []
    for bin in 0..<bins.count where bins.throttled[bin] > 0 {
      if let last = periods.last, bin - last.upperBound <= calmBinsMax + 1 {
        periods[periods.count - 1] = last.lowerBound...bin
      } else {
        periods.append(bin...bin)
      }
    }
    return periods
  }

  private struct Loss {
    let time: Double
    let shard: ShardHistory
    let session: ShardHistory.Session
    let next: ShardHistory.Session?
  }

  /// Deaths, stops, and shards that ended with failed films.
  private static func losses(_ run: RunHistory) -> [Event] {
    let ended = run.shards.flatMap { shard in
      shard.sessions.indices.map { position in
        let session = shard.sessions[position]
        return Loss(
          time: session.time.upperBound, shard: shard, session: session,
          next: position + 1 < shard.sessions.count ? shard.sessions[position + 1] : nil)
      }
    }
    let deaths = clusters(ended.filter { $0.session.end == .died }).map { cluster in
      Event(time: cluster[0].time, text: died(cluster), isNotable: true)
    }
    let stops = clusters(ended.filter { $0.session.end == .stopped }).map { cluster in
      Event(time: cluster[0].time, text: stopped(cluster), isNotable: true)
    }
    let failing = ended.filter { $0.session.end == .incomplete && $0.next == nil }
    guard let last = failing.map(\.time).max() else { return deaths + stops }
    let failed = failing.flatMap { $0.shard.report?.failed ?? [] }
    let reason =
      failed.first.map { " The first: \($0.id.shortened(to: 40)), \($0.reason.shortened(to: 120))" } ?? ""
    let text =
      "By then \(counted(failing.count, "shard")) had ended with \(counted(failed.count, "failed film")): "
      + "\(names(failing.map(\.shard))).\(reason)"
    return deaths + stops + [Event(time: last, text: text, isNotable: true)]
  }

  private static func died(_ cluster: [Loss]) -> String {
    let (shards, count) = (names(cluster.map(\.shard)), cluster.count)
    let lost = cluster.filter { $0.next == nil }
    let waits = cluster.compactMap { loss in loss.next.map { $0.time.lowerBound - loss.time } }
    var text =
      count == 1
      ? "The worker of shard \(shards) died: this was its last renewal of the lease."
      : "\(counted(count, "worker")) died, of shards \(shards): this was the first one's last renewal of its lease."
    if let longest = waits.max() {
      let others = count == 1 ? "Another worker" : "Other workers"
      text +=
        " \(others) continued \(count > 1 ? "within " : "")\(Quantity.duration(longest))\(count > 1 ? "" : " later")"
      text +=
        lost.isEmpty ? "." : ", except for \(counted(lost.count, "shard")): \(names(lost.map(\.shard)))."
    } else {
      text += " No other worker has continued."
    }
    return text
  }

  private static func stopped(_ cluster: [Loss]) -> String {
    let reason = cluster.lazy.compactMap { $0.next == nil ? $0.shard.report?.stopped : nil }.first
    let shards = names(cluster.map(\.shard))
    let what =
      cluster.count == 1
      ? "The worker of shard \(shards) stopped"
      : "\(counted(cluster.count, "worker")) stopped, of shards \(shards)"
    return what + (reason.map { ": \($0.shortened())" } ?? ".")
  }

  /// The end of a run, if few shards make it long.
  private static func tail(_ run: RunHistory) -> [Event] {
    let ends = run.shards.compactMap { shard in shard.sessions.last.map { (shard, $0.time.upperBound) } }
      .sorted { $0.1 < $1.1 }
    guard ends.count >= 10, run.scale.cuts.isEmpty, run.shards.allSatisfy({ $0.state != .running }) else {
      return []
    }
    let position = ends.count * 9 / 10
    let (time, seconds) = (ends[position - 1].1, run.scale.end - ends[position - 1].1)
    guard seconds > max(1, run.scale.seconds * tailShare) else { return [] }
    let slowest = Array(ends[position...].reversed().map(\.0))
    let text =
      "By then \(position.grouped) of \(counted(ends.count, "shard")) had ended. The others took "
      + "\(Quantity.duration(seconds)) more: \(names(slowest))."
    return [Event(time: time, text: text)]
  }

  // MARK: - Words

  /// `03:10:30`; with the date if the run began on another day.
  static func time(_ time: Double, _ run: RunHistory) -> String {
    let full = TimeScale.dateAndClock(time)
    return full.prefix(10) == TimeScale.dateAndClock(run.scale.start).prefix(10)
      ? String(full.dropFirst(11)) : full
  }

  /// `T3, T7 and 12 more`
  private static func names(_ shards: [ShardHistory]) -> String {
    let shown = shards.prefix(8).map { "T\($0.shard)" }.joined(separator: ", ")
    return shards.count > 8 ? "\(shown) and \((shards.count - 8).grouped) more" : shown
  }

  private static func clusters(_ losses: [Loss]) -> [[Loss]] {
    var clusters: [[Loss]] = []
    for loss in losses.sorted(by: { ($0.time, $0.shard.shard) < ($1.time, $1.shard.shard) }) {
      if let last = clusters.last?.last, loss.time - last.time < clusterSeconds {
        clusters[clusters.count - 1].append(loss)
      } else {
        clusters.append([loss])
      }
    }
    return clusters
  }
}
