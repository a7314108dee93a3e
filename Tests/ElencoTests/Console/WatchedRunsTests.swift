import TestSupport
import Testing

@testable import Elenco
@testable import Shared

/// How often the console reads S3, and what.
@Suite("The console's reads of S3", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct WatchedRunsTests {
  private static let completeRun = Result { try SyntheticRun("old", seed: 7) }

  private let run: SyntheticRun
  private let name: RunName
  private let store = CountingStore()
  private let clock = ManualClock()
  /// The folder of the run's objects.
  private let folder: String

  init() throws {
    run = try SyntheticRun("full", seed: 7)
    guard let name = RunName(run.objects.run) else { throw SyntheticRun.Incomplete() }
    self.name = name
    folder = "\(run.objects.prefix)/_runs/\(name)/"
  }

  /// The owner of the day's folder.
  private var ownerKey: String { "\(run.objects.prefix)/_runs/_days/2026-11-24.json" }

  /// Calls `body` on an event loop with the console's reader of the store.
  private func watch(_ body: @escaping @Sendable (WatchedRuns) async throws -> Void) throws {
    let location = try RunLocation(
      destination: Destination(bucket: run.objects.bucket, prefix: run.objects.prefix), environment: [:])
    let (store, clock) = (store, clock)
    try EventLoop.run { loop in
      try await body(WatchedRuns(location, store, runsMax: 20, clock: clock, executor: loop))
    }
  }

  private func write(_ isIncluded: (String) -> Bool) throws { try write(run, isIncluded) }

  private func write(_ run: SyntheticRun, _ isIncluded: (String) -> Bool) throws {
    for (key, content) in run.objects.objects where isIncluded(key) {
      if case .string(let text) = content {
        store.write(key, Array(text.utf8))
      } else {
        store.write(key, try JSONText.encode(content))
      }
    }
  }

  /// The number of complete shards that the page shows.
  private static func complete(_ page: WatchedRuns.Reading) -> Int? {
    page.html.text.firstMatch(of: #/([0-9]+) of 60 shards complete/#).flatMap { Int($0.1) }
  }

  private func shard(_ key: String) -> Int? { RunListing.shard(key, in: folder + "reports/") }

  @Test("a page follows the run's objects, and reads of each poll are one listing and what has changed")
  func following() throws {
    try write { !$0.contains("/reports/") && !$0.hasSuffix("manifest.json") }
    let reports = run.objects.objects.filter { shard($0.key) != nil }
    let completeBelow = { (count: Int) in
      reports.count { key, report in
        (shard(key) ?? 0) < count && report.encoded.contains(#""state":"complete""#)
      }
    }
    let (store, clock, folder, name) = (store, clock, folder, name)
    let expected = [0, 20, 60].map(completeBelow)
    let stages = try [0, 20, 60].map { count in
      try reports.filter { (shard($0.key) ?? 0) < count }.mapValues { try JSONText.encode($0) }
    }
    try watch { watched in
      var versions: Set<String> = []
      for (stage, reports) in stages.enumerated() {
        var changed: [String] = []
        for (key, bytes) in reports where store.bytes(key) != bytes {
          store.write(key, bytes)
          changed.append("GET \(key)")
        }
        clock.advance(WatchedRuns.activeInterval)
        _ = store.takeRequests()
        let page = try await watched.page(.run(name))
        #expect(WatchedRunsTests.complete(page) == expected[stage])
        versions.insert(page.version)
        let requests = store.takeRequests()
        #expect(requests.count { $0.hasPrefix("LIST") } == 1)
        #expect(requests.contains("LIST \(folder)"))
        if stage > 0 {
          // What has not changed is not read again.
          #expect(
            requests.filter { !$0.hasPrefix("LIST") && !$0.contains("_days/") }.sorted() == changed.sorted())
        }
      }
      #expect(versions.count == stages.count)
    }
  }

  @Test("however many pages are open, S3 is read once per interval, and not at all while none is")
  func interval() throws {
    try write { !$0.contains("/reports/T7") && !$0.hasSuffix("manifest.json") }
    let (store, clock, folder, name) = (store, clock, folder, name)
    try watch { watched in
      _ = try await watched.page(.run(name))
      _ = store.takeRequests()
      for _ in 0..<20 { _ = try await watched.page(.run(name)) }
      #expect(store.takeRequests() == [])
      // A minute in which nobody asks.
      clock.advance(.seconds(60))
      #expect(store.takeRequests() == [])
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<20 { group.addTask { _ = try await watched.page(.run(name)) } }
        try await group.waitForAll()
      }
      #expect(store.takeRequests().count { $0 == "LIST \(folder)" } == 1)
      // Nothing has changed, so one listing is all.
      clock.advance(WatchedRuns.activeInterval)
      _ = try await watched.page(.run(name))
      #expect(store.takeRequests() == ["LIST \(folder)"])
      clock.advance(WatchedRuns.activeInterval - .milliseconds(1))
      _ = try await watched.page(.run(name))
      #expect(store.takeRequests() == [])
    }
  }

  @Test("the folder's owner, which is in no listing, is read again after ten seconds, and after an action")
  func owner() throws {
    try write { !$0.contains("/reports/T7") && !$0.hasSuffix("manifest.json") }
    let (store, clock, name, owner) = (store, clock, name, ownerKey)
    try watch { watched in
      let other = try JSONText.encode(FolderOwner(run: RunName("other") ?? name, selection: nil))
      let own = try #require(store.bytes(owner))
      let sentence = "run other has the folder now"
      _ = try await watched.page(.run(name))
      store.write(owner, other)
      clock.advance(WatchedRuns.activeInterval)
      #expect(!(try await watched.page(.run(name)).html.text.contains(sentence)))
      clock.advance(CachedObjects.listingLifetime)
      let replaced = try await watched.page(.run(name)).html.text
      // A replaced run has no buttons.
      #expect(replaced.contains(sentence) && !replaced.contains("<button"))

      store.write(owner, own)
      await watched.note("Something was done.", of: name)
      let after = try await watched.page(.run(name)).html.text
      #expect(!after.contains(sentence) && after.contains("Something was done."))
    }
  }

  @Test("what an action changes while a read is under way is on the next page")
  func overtaken() throws {
    try write { _ in true }
    let (store, name, owner) = (store, name, ownerKey)
    try watch { watched in
      let own = try #require(store.bytes(owner))
      let other = try JSONText.encode(FolderOwner(run: RunName("other") ?? name, selection: nil))
      for (subject, sentence) in [
        (.run(name), "run other has the folder now"), (.runs, "replaced"),
      ] as [(ConsoleSubject, String)] {
        store.write(owner, own)
        await watched.note("The folder is its own.", of: name)
        store.duringRead(of: owner) {
          store.write(owner, other)
          await watched.note("The folder was taken.", of: name)
        }
        #expect(!(try await watched.page(subject).html.text.contains(sentence)))
        #expect(try await watched.page(subject).html.text.contains(sentence))
      }
    }
  }

  @Test("the list reads a complete run again only after a minute, and a run's plan once")
  func list() throws {
    let run = try Self.completeRun.get()
    try write(run) { _ in true }
    let (store, clock, objects) = (store, clock, run.objects)
    let all = "LIST \(objects.prefix)/_runs/"
    let state = [
      "GET \(objects.prefix)/_runs/\(objects.run)/manifest.json", "GET \(ownerKey)",
      "HEAD \(objects.prefix)/2026/11/24/_SUCCESS",
    ]
    try watch { watched in
      let page = try await watched.page(.runs)
      #expect(page.html.text.contains("<a href=\"/runs/\(objects.run)\">\(objects.run)</a>"))
      #expect(page.html.text.contains("complete") && !page.isActive)
      let plan = "LIST \(objects.prefix)/_runs/\(objects.run)/shards/T0.json"
      #expect(store.takeRequests().sorted() == ([all, plan] + state).sorted())
      clock.advance(WatchedRuns.idleInterval)
      _ = try await watched.page(.runs)
      #expect(store.takeRequests() == [all])
      clock.advance(WatchedRuns.endedInterval)
      _ = try await watched.page(.runs)
      #expect(store.takeRequests().sorted() == ([all] + state).sorted())
    }
  }

  @Test("an error is not repeated more often than a read, and a run that does not exist is named")
  func errors() throws {
    let (store, folder, name) = (store, folder, name)
    try watch { watched in
      for _ in 0..<5 {
        await #expect(throws: NoSuchRun.self) { _ = try await watched.page(.run(name)) }
      }
      #expect(store.takeRequests() == ["LIST \(folder)"])
    }
  }
}

extension JSONValue {
  /// As JSON text.
  fileprivate var encoded: String {
    (try? JSONText.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
