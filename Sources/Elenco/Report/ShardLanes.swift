import Shared

/// A lane per shard over time: the sessions of its workers, what they sent, refusals, waits, and deaths.
struct ShardLanes {
  /// Maximum number of lanes. A run with more shards has several in a lane.
  static let lanesMax = 200
  private static let binsMax = 100
  /// In pixels.
  private static let height = 18.0

  let run: RunHistory
  /// The shards of each lane.
  let groups: [ArraySlice<ShardHistory>]
  private let bins: [BinnedSeries]

  init(_ run: RunHistory) {
    self.run = run
    let shards = run.shards
    let size = Partition.parts(of: shards.count, size: Self.lanesMax)
    let groups = stride(from: 0, to: shards.count, by: max(1, size)).map { start in
      shards[start..<min(start + size, shards.count)]
    }
    self.groups = groups
    let binsMax = groups.count > 100 ? Self.binsMax / 2 : Self.binsMax
    bins = groups.map { BinnedSeries($0, run.scale, binsMax: binsMax) }
  }

  var html: HTML {
    let scale = run.scale
    let axis = TimeAxis.marks(scale.ticks(), scale.cuts, top: 0, base: 4)
    let axisRow =
      """
      <div class="lane axis" aria-hidden="true"><span></span><svg width="100%" height="26">\(axis)</svg>\
      <span></span></div>
      """ as HTML
    // One scale for all lanes, so that a slow shard can be told from a fast one.
    let top = bins.flatMap { bins in bins.sent.map { $0 / bins.binSeconds } }.max() ?? 0
    let lanes = zip(groups, bins).map { lane($0, $1, top: top) }
    return """
      <section aria-labelledby="shards"><h2 id="shards">Shards over time</h2>
      <p id="lanes-facts">\(facts)</p>
      \(legend)
      \(axisRow)
      <ol class="lanes">\(lanes)</ol>
      \(axisRow)
      </section>

      """
  }

  private var facts: String {
    let begun = run.shards.count { !$0.sessions.isEmpty }
    var text = "\(begun.grouped) of \(counted(run.plan.shards, "shard")) had a worker, in "
    text += "\(counted(run.sessionCount, "session")). "
    text += run.deaths == 0 ? "No worker died. " : "\(counted(run.deaths, "worker")) died. "
    if let shard = run.shards.max(by: { $0.seconds < $1.seconds }), shard.seconds > 0 {
      text += "The longest work was that on shard \(shard.shard), \(Quantity.duration(shard.seconds))."
    }
    if groups.count < run.shards.count {
      text += " Each lane shows up to \(groups.first?.count ?? 1) shards, because there are more than "
      text += "\(Self.lanesMax.grouped); the table of shards has each of them."
    }
    for cut in run.scale.cuts {
      text += " \(Quantity.duration(cut.seconds)) without a worker are cut out, where there is a dashed line."
    }
    if run.shardsWithoutSeries > 0 {
      text += " Of \(counted(run.shardsWithoutSeries, "shard")) only the last session is known, because the "
      text += "workers were of an earlier version."
    }
    return text
  }

  private var legend: HTML {
    """
    <ul class="legend">\
    <li><svg class="key" width="22" height="14" aria-hidden="true"><path class="work" d="M0 1H22V13H0Z"/>\
    <path class="activity" d="M0 13V7H11V4H22V13Z"/></svg>session of a worker; the graph in it shows requests per second</li>\
    <li><svg class="key" width="22" height="14" aria-hidden="true"><path class="work" d="M0 1H10V13H0Z M12 1H22V13H12Z"/>\
    </svg>next session, such as a hop: a worker's time was up, and it invoked the next one</li>\
    <li><svg class="key" width="22" height="14" aria-hidden="true"><path class="refused" d="M4 0H10V5H4Z"/></svg>\
    refused with 429</li>\
    <li><svg class="key" width="22" height="14" aria-hidden="true"><path class="paused" d="M0 11H22V14H0Z"/></svg>\
    waiting because TMDB asked for it</li>\
    <li><span class="mark died" aria-hidden="true">✕</span> worker died</li>\
    <li><span class="mark stopped" aria-hidden="true">■</span> worker stopped</li>\
    <li><svg class="key" width="22" height="14" aria-hidden="true"><path class="gap" d="M0 7H22"/></svg>\
    no worker, until the next one took the shard</li>\
    </ul>
    """
  }

  // MARK: - A lane

  private func lane(_ shards: ArraySlice<ShardHistory>, _ bins: BinnedSeries, top: Double) -> HTML {
    let name = Self.name(shards)
    let note = Self.note(shards)
    let quiet: HTML = note.isNotable ? "" : " quiet"
    return """
      <li class="lane\(quiet)"><span class="name">\(name)</span><svg class="strip" width="100%" \
      height="\(Self.height)" aria-hidden="true"><svg x="0" y="0" width="100%" height="\(Self.height)" \
      viewBox="0 0 \(TimeScale.width) \(Self.height)" preserveAspectRatio="none">\
      \(path("work", work(shards)))\(path("activity", activity(shards, bins, top: top)))\(path("gap", gaps(shards)))\
      \(path("refused", refused(bins)))\(path("paused", pauses(shards)))</svg>\(marks(shards))</svg>\
      <span class="what">\(note.isNotable ? "<strong>\(note.text)</strong>" : "\(note.text)" as HTML)</span></li>

      """
  }

  private func path(_ style: String, _ data: String) -> HTML {
    data.isEmpty ? "" : "<path class=\"\(style)\" d=\"\(data)\"/>"
  }

  static func name(_ shards: ArraySlice<ShardHistory>) -> String {
    guard let first = shards.first, let last = shards.last else { return "" }
    return shards.count == 1 ? "T\(first.shard)" : "T\(first.shard)–\(last.shard)"
  }

  /// What happened in a lane, in a few words, and whether it differs from an uneventful shard.
  static func note(_ shards: ArraySlice<ShardHistory>) -> (text: String, isNotable: Bool) {
    let states: [RunStatus.State] = [.failed, .stopped, .dead, .running, .waiting, .complete]
    var parts = states.compactMap { state -> String? in
      let count = shards.count { $0.state == state }
      return count == 0 ? nil : shards.count == 1 ? state.rawValue : "\(count.grouped) \(state.rawValue)"
    }
    let isComplete = shards.allSatisfy { $0.state == .complete }
    let (sessions, deaths) = (shards.total(\.sessionCount), shards.total(\.deaths))
    let (throttled, retried) = (shards.total(\.throttled), shards.total(\.retried))
    if sessions > shards.count { parts.append(counted(sessions, "session")) }
    if deaths > 0 { parts.append("\(deaths.grouped) died") }
    if throttled > 0 { parts.append("\(throttled.grouped)×429") }
    if retried > throttled { parts.append("\(counted(retried, "retry", "retries"))") }
    return (parts.joined(separator: ", "), !isComplete || deaths > 0)
  }

  private func place(_ time: Double) -> Double { run.scale.place(time).rounded(to: 10) }

  private func work(_ shards: ArraySlice<ShardHistory>) -> String {
    if shards.count == 1, let shard = shards.first {
      // A narrow gap before each further session shows where it begins.
      return shard.sessions.enumerated().map { position, session in
        let start = place(session.time.lowerBound) + (position > 0 ? 1.5 : 0)
        return Self.box(start, max(start + 1.5, place(session.time.upperBound)), from: 2, to: 16)
      }.joined()
    }
    return TimeScale.merged(
      shards.flatMap { $0.sessions.map { place($0.time.lowerBound)...place($0.time.upperBound) } }, gap: 0.5
    )
    .map { Self.box($0.lowerBound, max($0.lowerBound + 1.5, $0.upperBound), from: 2, to: 16) }.joined()
  }

  /// Steps that are as high as the rate, up to the end of the last session.
  private func activity(_ shards: ArraySlice<ShardHistory>, _ bins: BinnedSeries, top: Double) -> String {
    guard top > 0 else { return "" }
    let (base, room) = (16.0, 11.0)
    let end = shards.compactMap { $0.sessions.last?.time.upperBound }.max().map(place) ?? TimeScale.width
    let left = { (bin: Int) in HTML.decimal(min(bins.place(bin).rounded(to: 10), end)) }
    var (path, isOpen) = ("", false)
    for bin in 0..<bins.count {
      let rate = bins.sent[bin] / bins.binSeconds
      if rate > 0 {
        let y = HTML.decimal(base - max(1, (rate / top * room).rounded(to: 2)))
        path += isOpen ? "H\(left(bin))V\(y)" : "M\(left(bin)) 16V\(y)"
        isOpen = true
      } else if isOpen {
        path += "H\(left(bin))V16Z"
        isOpen = false
      }
    }
    return path + (isOpen ? "H\(left(bins.count))V16Z" : "")
  }

  private func refused(_ bins: BinnedSeries) -> String {
    (0..<bins.count).filter { bins.throttled[$0] > 0 }.map { bin in
      let (left, right) = (bins.place(bin), bins.place(bin + 1))
      return Self.box(left.rounded(to: 10), max(left + 3, right).rounded(to: 10), from: 0, to: 5)
    }.joined()
  }

  /// The waits that TMDB asked for, each from its bucket on, but not beyond the shard's last session.
  private func pauses(_ shards: ArraySlice<ShardHistory>) -> String {
    let waits = shards.flatMap { shard -> [TimeScale.Interval] in
      let width = Double(shard.series.bucketSeconds)
      let end = shard.sessions.last?.time.upperBound ?? 0
      return shard.series.buckets.filter { $0.pausedMilliseconds > 0 }.compactMap { bucket in
        let start = Double(bucket.index) * width
        let wait = min(end, start + Double(bucket.pausedMilliseconds) / 1000)
        return wait > start ? place(start)...max(place(start) + 1, place(wait)) : nil
      }
    }
    return TimeScale.merged(waits, gap: 0.5).map { Self.box($0.lowerBound, $0.upperBound, from: 15, to: 18) }
      .joined()
  }

  /// A line from a death, or from a worker that stopped, to the session that continued.
  private func gaps(_ shards: ArraySlice<ShardHistory>) -> String {
    guard shards.count == 1, let shard = shards.first else { return "" }
    return zip(shard.sessions, shard.sessions.dropFirst()).map { before, after in
      let (start, end) = (place(before.time.upperBound), place(after.time.lowerBound))
      return before.end != .handedOver && end - start > 2
        ? "M\(HTML.decimal(start)) 9H\(HTML.decimal(end))" : ""
    }.joined()
  }

  private func marks(_ shards: ArraySlice<ShardHistory>) -> HTML {
    let marks = shards.flatMap { shard in
      shard.sessions.compactMap { session -> HTML? in
        let isDeath = session.end == .died
        guard isDeath || session.end == .stopped else { return nil }
        let x = place(session.time.upperBound)
        let anchor = x > TimeScale.width - 15 ? "end" : x < 15 ? "start" : "middle"
        let style = isDeath ? "died" : "stopped"
        return """
          <text class="mark \(style)" x="\(TimeAxis.percent(x))" y="14" text-anchor="\(anchor)">\
          \(isDeath ? "✕" : "■")</text>
          """
      }
    }
    return "\(marks)"
  }

  private static func box(_ left: Double, _ right: Double, from top: Double, to bottom: Double) -> String {
    "M\(HTML.decimal(left)) \(HTML.decimal(top))H\(HTML.decimal(right))V\(HTML.decimal(bottom))H\(HTML.decimal(left))Z"
  }
}

extension Double {
  /// Rounded to a fraction: `to: 10` gives tenths.
  func rounded(to parts: Double) -> Double { (self * parts).rounded() / parts }
}
