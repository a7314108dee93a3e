import Shared

/// Makes a complete run's folder contain the run's files and no others: deletes the data files that an earlier run left.
struct FolderSweep: Sendable {
  /// Deletions that are made concurrently.
  private static let deletionsMax = 16
  /// Listings, because a leftover file can change between the listing and its deletion.
  private static let listingsMax = 5

  let plan: ShardPlan
  let objects: any ObjectStore
  let folder: FolderGuard

  /// Deletes every data file of the day's folder that the manifest does not name. Deletes nothing else, and no file that
  /// has changed since it was listed.
  /// - Throws: `RunReplaced`; `DataFilesMissing` if a file of the manifest is not there as it was written.
  func run(_ manifest: Manifest) async throws {
    let expected = Dictionary(manifest.files.map { ($0.key, $0.bytes) }) { first, _ in first }
    for _ in 0..<Self.listingsMax {
      let listed = try await objects.list(bucket: plan.destination.bucket, prefix: plan.layout.dataFolder)
      let leftovers = listed.filter { plan.layout.isDataFile($0.key) && expected[$0.key] == nil }
      guard !leftovers.isEmpty else { return try requireAll(expected, in: listed) }
      _ = try await BoundedFanOut.map(leftovers, limit: Self.deletionsMax) { leftover in
        try await folder.requireOwned()
        return try await objects.delete(
          ObjectAddress(bucket: plan.destination.bucket, key: leftover.key), ifUnchanged: leftover.etag)
      }
    }
    throw FolderUnsettled(folder: plan.layout.dataFolder)
  }

  private func requireAll(_ expected: [String: Int], in listed: [S3Client.Listed]) throws {
    let sizes = Dictionary(listed.map { ($0.key, $0.bytes) }) { first, _ in first }
    let missing = expected.filter { sizes[$0.key] != $0.value }.map(\.key).sorted()
    guard let first = missing.first else { return }
    throw DataFilesMissing(run: plan.run, count: missing.count, first: first)
  }
}

/// Data files were deleted or changed by something other than the run.
struct DataFilesMissing: TypedError, Equatable {
  let run: RunName
  let count: Int
  let first: String

  var errorType: String { "DataFilesMissing" }

  var description: String {
    "\(count == 1 ? "1 data file" : "\(count) data files") of run \(run) \(count == 1 ? "is" : "are") missing or changed, "
      + "first \(first), although every shard reported them as written. _SUCCESS is not written. Fetch them again with: "
      + "elenco replay \(run) --shard N for the shard number after \"Atores-T\" in the name."
  }
}

/// Files of another run kept appearing in the folder.
struct FolderUnsettled: TypedError, Equatable {
  let folder: String

  var errorType: String { "FolderUnsettled" }

  var description: String {
    "Data files of another run kept appearing in \(folder) while they were being deleted. _SUCCESS is not written. "
      + "Lambda retries; if that fails too, invoke any shard of the run again."
  }
}
