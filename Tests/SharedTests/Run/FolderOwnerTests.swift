import Testing

@testable import Shared

@Suite("Folder ownership") struct FolderOwnerTests {
  private static let source = ObjectAddress(bucket: "lake", key: "movies.csv")

  private static func selection(
    _ genres: [String] = ["Drama"], _ match: DispatcherEvent.Match = .within, titleTypes: [String] = ["movie"]
  )
    -> RunSelection
  {
    RunSelection(source: source, genres: genres, match: match, titleTypes: titleTypes)
  }

  private static func decide(
    _ owner: FolderOwner?, _ selection: RunSelection = selection(), _ onExisting: OnExisting? = nil,
    hasDataFiles: Bool = true
  ) throws -> FolderDecision {
    FolderDecision(
      owner: owner, run: try #require(RunName("new")), selection: selection, onExisting: onExisting,
      hasDataFiles: hasDataFiles)
  }

  @Test("a run replaces one of the same selection, and any other only if the event says so")
  func decisions() throws {
    let old = FolderOwner(run: try #require(RunName("old")), selection: Self.selection(["Romance", "Drama"]))
    let same = Self.selection(["Drama", "Romance", "Drama"])
    #expect(try Self.decide(old, same) == .take)
    let others = [
      Self.selection(["Drama"]), Self.selection(["Drama", "Romance"], .any),
      Self.selection(["Drama", "Romance"], titleTypes: ["movie", "short"]),
    ]
    for other in others {
      #expect(try Self.decide(old, other) == .refuse(owner: old))
      #expect(try Self.decide(old, other, .replace) == .take)
      #expect(try Self.decide(old, other, hasDataFiles: false) == .take)
    }
    #expect(try Self.decide(old, same, .refuse) == .refuse(owner: old))
    #expect(try Self.decide(old, same, .refuse, hasDataFiles: false) == .take)
    let own = FolderOwner(run: try #require(RunName("new")), selection: same)
    #expect(try Self.decide(own, same, .refuse) == .owned)
    // Files of an unknown run: there is no owner, or one that did not record its selection.
    #expect(try Self.decide(nil) == .refuse(owner: nil))
    #expect(try Self.decide(nil, hasDataFiles: false) == .take)
    let unrecorded = try JSONText.decode(FolderOwner.self, from: Array(#"{"run":"old"}"#.utf8))
    #expect(try Self.decide(unrecorded) == .refuse(owner: unrecorded))
  }

  @Test(
    "only names of data files in the run's own folder count as data files",
    arguments: [
      ("p/2026/11/24/Atores-T0-1.json", true), ("p/2026/11/24/Atores-T59-10.jsonl.gz", true),
      ("p/2026/11/24/Atores-T0-1.jsonl", true), ("p/2026/11/24/Atores-T0-1.json.gz", true),
      ("p/2026/11/24/_SUCCESS", false), ("p/2026/11/24/Atores-T0-1.csv", false),
      ("p/2026/11/24/Atores-T-1.json", false), ("p/2026/11/24/Atores-T0-.json", false),
      ("p/2026/11/24/Atores-T0-1-2.json", false), ("p/2026/11/24/Atores-Tx-1.json", false),
      ("p/2026/11/24/sub/Atores-T0-1.json", false), ("p/2026/11/25/Atores-T0-1.json", false),
      ("p/2026/11/24/Atores-T0-1.json.bak", false), ("p/2026/11/24/my.json", false),
    ])
  func dataFiles(key: String, isDataFile: Bool) throws {
    let layout = RunLayout(prefix: "p", run: try #require(RunName("r")), date: "2026-11-24")
    #expect(layout.isDataFile(key) == isDataFile)
  }

  @Test("the event field onExisting is replace, refuse or absent")
  func field() throws {
    func parse(_ text: String) throws -> OnExisting? {
      var defaults = DispatcherEvent.Defaults()
      (defaults.bucket, defaults.sourceKey, defaults.sourceBucket) = ("lake", "k", "lake")
      return try DispatcherEvent(
        parsing: Array(text.utf8), defaults: defaults, now: UnixTime(seconds: 0), requestID: "id"
      ).onExisting
    }
    #expect(try parse("{}") == nil)
    #expect(try parse(#"{"onExisting":"replace"}"#) == .replace)
    #expect(try parse(#"{"onExisting":"refuse"}"#) == .refuse)
    #expect(throws: EventError.self) { try parse(#"{"onExisting":"merge"}"#) }
  }
}
