import Shared

/// Reads the runs of a prefix for the pages that are open. However many pages ask, S3 is read at most every few seconds,
/// and only while one asks.
actor WatchedRuns {
  /// Time between two reads while workers are active or after an action, and otherwise.
  static let (activeInterval, idleInterval): (Duration, Duration) = (.seconds(3), .seconds(15))
  /// How long the list shows an ended run as it was read.
  static let endedInterval: Duration = .seconds(60)
  /// How long an action makes the reads more frequent.
  private static let actionTime: Duration = .seconds(120)
  /// A read that takes long is repeated less often, so that at most a quarter of the time goes into reading.
  private static let pausePerRead = 3.0
  /// Maximum number of readings that are kept.
  private static let readingsMax = 64

  /// A page as it was last read.
  struct Reading: Sendable {
    let html: HTML
    let version: String
    /// Whether workers are active.
    let isActive: Bool
  }

  private struct Kept {
    let result: Result<Reading, any Error>
    let freshUntil: ContinuousClock.Instant
  }

  private let location: RunLocation
  private let objects: CachedObjects
  private let clock: any SystemClock
  private let executor: any TaskExecutor
  private let runsMax: Int
  private var kept: [ConsoleSubject: Kept] = [:]
  private var reads: [ConsoleSubject: Task<Reading, any Error>] = [:]
  private var found: [RunName: RunCatalog.Found] = [:]
  private var entries: [RunName: (entry: RunCatalog.Entry, freshUntil: ContinuousClock.Instant)] = [:]
  /// What the last action on a run did, and when.
  private var actions: [RunName: (note: String, time: ContinuousClock.Instant)] = [:]

  /// - Parameters:
  ///   - runsMax: the number of runs on the list.
  ///   - executor: runs the reads.
  init(
    _ location: RunLocation, _ store: any RunObjects, runsMax: Int, clock: any SystemClock,
    executor: any TaskExecutor
  ) {
    self.location = location
    self.runsMax = runsMax
    self.clock = clock
    self.executor = executor
    objects = CachedObjects(store, clock: clock)
  }

  /// The changing part of a page.
  func page(_ subject: ConsoleSubject) async throws -> Reading {
    if let read = reads[subject] { return try await read.value }
    if let last = kept[subject], clock.now < last.freshUntil { return try last.result.get() }
    // A task of its own: the pages that wait for it share it.
    let read = Task(executorPreference: executor) { try await self.read(subject) }
    reads[subject] = read
    let began = clock.now
    let result = await read.result
    // A read that an action overtook may show the state before it.
    if reads[subject] == read {
      reads[subject] = nil
      let isActive = (try? result.get())?.isActive ?? false
      keep(
        subject, result, for: interval(subject, isActive: isActive), pause: began.duration(to: clock.now))
    }
    return try result.get()
  }

  /// Shows what an action has done on the run's page, and reads the run more often for a while.
  func note(_ note: String, of run: RunName) async {
    await objects.forgetUnlisted()
    if actions.count >= Self.readingsMax { actions = actions.filter { isRecent($0.value.time) } }
    let time = TimeScale.clock(clock.date.inSeconds, withSeconds: true)
    actions[run] = ("\(time) UTC: \(note)", clock.now)
    for subject in [.runs, .run(run)] as [ConsoleSubject] { (kept[subject], reads[subject]) = (nil, nil) }
    entries[run] = nil
  }

  /// Whether an action makes reads more frequent.
  private func isRecent(_ action: ContinuousClock.Instant) -> Bool { action + Self.actionTime > clock.now }

  private func interval(_ subject: ConsoleSubject, isActive: Bool) -> Duration {
    let hasAction =
      switch subject {
      case .runs: actions.values.contains { isRecent($0.time) }
      case .run(let run): actions[run].map { isRecent($0.time) } ?? false
      }
    return isActive || hasAction ? Self.activeInterval : Self.idleInterval
  }

  private func keep(
    _ subject: ConsoleSubject, _ result: Result<Reading, any Error>, for interval: Duration, pause: Duration
  ) {
    if kept.count >= Self.readingsMax { kept = kept.filter { $0.value.freshUntil > clock.now } }
    if kept.count >= Self.readingsMax { kept = [:] }
    kept[subject] = Kept(
      result: result, freshUntil: clock.now + max(interval, pause * Self.pausePerRead))
  }

  // MARK: - Reading

  private func read(_ subject: ConsoleSubject) async throws -> Reading {
    let (html, isActive): (HTML, Bool)
    switch subject {
    case .runs: (html, isActive) = try await readList()
    case .run(let run): (html, isActive) = try await readRun(run)
    }
    let version = "\"\(SHA256.hex(of: Array(html.text.utf8)).prefix(32))\""
    return Reading(html: html, version: version, isActive: isActive)
  }

  private func readRun(_ run: RunName) async throws -> (HTML, Bool) {
    let options = RunOptions(run: run, location: location)
    let history = try await RunHistory.read(options.reader(objects), options)
    let page = RunPage(run: history, note: actions[run]?.note)
    return (page.html, history.isActive)
  }

  private func readList() async throws -> (HTML, Bool) {
    let catalog = RunCatalog(s3: objects, location: location)
    let runs = try await catalog.runs(known: found)
    found = Dictionary(runs.map { ($0.run, $0) }) { first, _ in first }
    let shown = Array(runs.prefix(runsMax))
    let began = clock.now
    let names = Set(shown.map(\.run))
    var current = entries.filter { names.contains($0.key) && $0.value.freshUntil > began }
    let read = try await catalog.entries(shown.filter { current[$0.run] == nil })
    for entry in read {
      let interval = entry.state == .running ? Self.activeInterval : Self.endedInterval
      current[entry.run] = (entry, began + interval)
    }
    // What was read while an action was carried out may be the state before it.
    entries = current.filter { name, _ in actions[name].map { $0.time < began } ?? true }
    let list = shown.compactMap { current[$0.run]?.entry }
    let page = RunsPage(destination: location.destination, count: runs.count, runs: list)
    return (page.html, list.contains { $0.state == .running })
  }
}
