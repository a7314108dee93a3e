import Shared

/// Claims a day's folder for a run. A day's folder belongs to one run at a time.
struct FolderClaim: Sendable {
  /// Attempts to take the folder while other dispatchers do so too.
  private static let attemptsMax = 5

  let objects: any ObjectStore
  let plan: RunPlan
  let layout: RunLayout
  let terms: LeaseTerms

  /// - Returns: nil for a plan without shards.
  init?(objects: any ObjectStore, plan: RunPlan, terms: LeaseTerms) {
    guard let layout = plan.shards.first?.layout else { return nil }
    self.objects = objects
    self.plan = plan
    self.layout = layout
    self.terms = terms
  }

  /// Checks whether the run may have the folder. Changes nothing.
  /// - Returns: a warning if the folder contains files that the run would replace.
  /// - Throws: `FolderTaken`.
  func check() async throws -> String? {
    let state = try await read()
    guard case .refuse(let owner) = state.decision else { return replacementWarning(state) }
    throw FolderTaken(
      folder: address(layout.dataFolder), prefix: plan.event.destination.prefix, owner: owner, plan: plan)
  }

  /// Takes the folder, and deletes the replaced run's _SUCCESS, because the folder no longer matches it.
  /// - Returns: a warning if the folder contains files that the run replaces.
  /// - Throws: `FolderTaken`.
  func take(now: UnixTime) async throws -> String? {
    for _ in 0..<Self.attemptsMax {
      let state = try await read()
      switch state.decision {
      case .refuse(let owner):
        throw FolderTaken(
          folder: address(layout.dataFolder), prefix: plan.event.destination.prefix, owner: owner, plan: plan)
      case .owned: break
      case .take: guard try await write(state, now: now) else { continue }
      }
      if state.keys.contains(layout.success) { try await objects.delete(address(layout.success)) }
      return replacementWarning(state)
    }
    throw FolderContested(folder: address(layout.dataFolder))
  }

  /// Checks that a run that was planned before still has its folder.
  /// - Throws: `RunReplaced`, `RunCancelled`.
  func requireActive() async throws {
    let owner = try await objects.get(address(layout.folderOwner)).map {
      try JSONText.decode(FolderOwner.self, from: $0)
    }
    if let interruption = RunInterruption(of: plan.run, owner) {
      throw interruption.error(run: plan.run, folder: address(layout.dataFolder))
    }
  }

  /// The folder as it is in S3.
  private struct State {
    let owner: FolderOwner?
    /// Of the owner object; nil if there is none.
    let etag: String?
    /// Keys of the folder.
    let keys: [String]
    let decision: FolderDecision
  }

  private func read() async throws -> State {
    let stored = try await objects.read(address(layout.folderOwner))
    let owner = try stored.map { try JSONText.decode(FolderOwner.self, from: $0.bytes) }
    let keys = try await objects.list(
      bucket: plan.event.destination.bucket, prefix: layout.dataFolder
    ).map(\.key)
    let decision = FolderDecision(
      owner: owner, run: plan.run, selection: plan.event.selection, onExisting: plan.event.onExisting,
      hasDataFiles: keys.contains { layout.isDataFile($0) })
    return State(owner: owner, etag: stored?.etag, keys: keys, decision: decision)
  }

  /// - Returns: false if another dispatcher has changed the owner since it was read.
  private func write(_ state: State, now: UnixTime) async throws -> Bool {
    let owner = FolderOwner(
      run: plan.run, selection: plan.event.selection, replaced: state.owner?.run,
      settledAt: try await settledAt(state.owner, now: now))
    let condition: S3Client.Condition = state.etag.map { .isUnchanged(etag: $0) } ?? .isNew
    return try await objects.putJSON(address(layout.folderOwner), owner, condition: condition) != nil
  }

  /// When the last write of the replaced run's workers has arrived: a lease term from now. Nil if none of them can have
  /// sent one: the last one may have been sent shortly before its sender's lease expired, and may take a term to arrive.
  private func settledAt(_ owner: FolderOwner?, now: UnixTime) async throws -> UnixTime? {
    guard let owner else { return nil }
    let earlier = RunLayout(prefix: layout.prefix, run: owner.run, date: layout.date)
    let listed = try await objects.list(bucket: plan.event.destination.bucket, prefix: earlier.folder)
    let listing = RunListing(
      objects: listed.map { ($0.key, $0.modifiedAt) }, layout: earlier, now: now,
      terms: LeaseTerms(term: terms.term * 2))
    return listing.leased.isSubset(of: listing.reported) ? nil : now + terms.term
  }

  private func replacementWarning(_ state: State) -> String? {
    let existing = Set(state.keys.filter { layout.isDataFile($0) })
    guard state.decision == .take, !existing.isEmpty else { return nil }
    let run = state.owner.map { "run \($0.run)" } ?? "an unknown run"
    let leftover = existing.subtracting(plan.keys).count
    let deletion =
      leftover == 0
      ? "" : " The files that it does not have itself (\(leftover)) are deleted before it writes _SUCCESS."
    return
      "This run replaces \(run) in \(address(layout.dataFolder)). Existing data files: \(existing.count). Each stays "
      + "until the new one is written.\(deletion)"
  }

  private func address(_ key: String) -> ObjectAddress {
    ObjectAddress(bucket: plan.event.destination.bucket, key: key)
  }
}

/// The day's folder contains the files of another run. Nothing was written.
struct FolderTaken: TypedError, Equatable {
  let folder: ObjectAddress
  let prefix: String
  /// Nil if the run that wrote the files is unknown.
  let owner: FolderOwner?
  let run: RunName
  let selection: RunSelection

  init(folder: ObjectAddress, prefix: String, owner: FolderOwner?, plan: RunPlan) {
    self.folder = folder
    self.prefix = prefix
    self.owner = owner
    run = plan.run
    selection = plan.event.selection
  }

  var errorType: String { "FolderTaken" }

  var description: String {
    let holder =
      if let owner {
        "run \(owner.run)" + (owner.selection.map { ", which selected \($0.summary)" } ?? "")
      } else {
        "an unknown run"
      }
    let below = prefix.isEmpty ? "other" : "\(prefix)/other"
    return
      "\(folder) contains the files of \(holder). This run selects \(selection.summary). Nothing was written, "
      + "because a reader of the folder would get a mixture. Give this run its own folder with "
      + "\"destination\": {\"prefix\": \"\(below)\"}, or replace the files with \"onExisting\": \"replace\"."
  }
}

/// Other dispatchers changed the folder's owner at every attempt to take the folder.
struct FolderContested: TypedError, Equatable {
  let folder: ObjectAddress

  var errorType: String { "FolderContested" }

  var description: String {
    "Other runs took \(folder) at every attempt to take it. Nothing was written to it. Send the event again when they "
      + "have ended."
  }
}
