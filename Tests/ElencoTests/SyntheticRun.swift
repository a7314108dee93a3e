import TestSupport

@testable import Elenco
@testable import Shared

/// A run whose objects Tests/Python/report_objects.py makes up.
struct SyntheticRun {
  struct Objects: Codable {
    let bucket: String
    let prefix: String
    let run: String
    /// The content of each object by key.
    let objects: [String: JSONValue]
    /// When each object of the run's folder was written, by key.
    let modified: [String: String]
    let now: String
  }

  /// What check_report.py reads.
  struct Page: Encodable {
    let page: String
    let run: Objects
  }

  struct Incomplete: Error {}

  let objects: Objects

  init(_ scenario: String, seed: UInt64) throws {
    let text = try PythonProgram.run("report_objects.py", [scenario, "\(seed)"], text: "")
    objects = try JSONText.decode(Objects.self, from: Array(text.utf8))
  }

  /// The run as `RunHistory.read` reads it from S3.
  func history() throws -> RunHistory {
    guard let run = RunName(objects.run), let now = UnixTime(iso8601: objects.now) else { throw Incomplete() }
    let location = try RunLocation(
      destination: Destination(bucket: objects.bucket, prefix: objects.prefix), environment: [:])
    let options = RunOptions(run: run, location: location)
    let planKey = RunLayout.plan(prefix: objects.prefix, run: run, shard: 0)
    guard let bytes = try bytes(planKey),
      let plan = try ShardPlan(stored: bytes, destination: options.destination)
    else { throw Incomplete() }
    let modified = objects.modified.compactMap { key, time in
      UnixTime(iso8601: time).map { (key: key, modifiedAt: $0) }
    }
    let listing = RunListing(objects: modified, layout: plan.layout, now: now, terms: options.terms)
    let reports = try listing.reported.sorted().compactMap { shard in
      try self.bytes(plan.layout.report(shard: shard)).map { try JSONText.decode(ShardReport.self, from: $0) }
    }
    let owner = try self.bytes(plan.layout.folderOwner).map {
      try JSONText.decode(FolderOwner.self, from: $0)
    }
    let status = RunStatus(plan: plan, listing: listing, reports: reports, owner: owner)
    let leases = try RunHistory.shardsToRead(status).map { shard in
      (
        shard,
        try self.bytes(plan.layout.lease(shard: shard)).map { try JSONText.decode(Lease.self, from: $0) }
      )
    }
    var selected: Int?
    if case .string(let table)? = objects.objects[plan.layout.selectedFilms] {
      selected = SelectedFilms.count(in: Array(table.utf8))
    }
    return RunHistory(
      status,
      leases: Dictionary(leases.compactMap { shard, lease in lease.map { (shard, $0) } }) { first, _ in first
      },
      selected: selected, options: options, readAt: now)
  }

  private func bytes(_ key: String) throws -> [UInt8]? {
    try objects.objects[key].map { try JSONText.encode($0) }
  }
}
