/// What a run selects. Two runs with the same selection write the same films, so that one can replace the other.
package struct RunSelection: Codable, Equatable, Sendable {
  package let source: ObjectAddress
  /// Sorted, without repetitions.
  package let genres: [String]
  package let match: DispatcherEvent.Match
  /// Sorted, without repetitions.
  package let titleTypes: [String]

  package init(
    source: ObjectAddress, genres: [String], match: DispatcherEvent.Match, titleTypes: [String]
  ) {
    self.source = source
    self.genres = Set(genres).sorted()
    self.match = match
    self.titleTypes = Set(titleTypes).sorted()
  }

  /// For a sentence: `Drama, Romance (match "within") from s3://lake/movies.csv`.
  package var summary: String {
    let types =
      titleTypes == RunDefaults.titleTypes ? "" : ", titleTypes \(titleTypes.joined(separator: ", "))"
    return
      "\(genres.joined(separator: ", ").printable) (match \"\(match.rawValue)\"\(types.printable)) from \(source)"
  }
}

/// The run that a day's folder belongs to. An object in S3 that only a conditional PUT changes, so that of several runs
/// that start at the same moment one gets the folder.
///
/// A run whose name is not in it has been replaced: its workers stop, and it no longer changes anything in the folder.
/// The same holds for a run that is marked as cancelled, until a replay resumes it.
package struct FolderOwner: Codable, Equatable, Sendable {
  package let run: RunName
  /// Nil in an object of version 0.1.0, which did not record it.
  package let selection: RunSelection?
  /// The run that had the folder before; nil if there was none.
  package let replaced: RunName?
  /// Until then, a write that a worker of the replaced run sent before it stopped can still arrive. The run is finished
  /// only afterwards. Nil if no worker of that run was active.
  package let settledAt: String?
  /// When `elenco cancel` cancelled the run: `2026-11-24T03:00:00.000Z`. Nil if it is not cancelled.
  package var cancelledAt: String?

  package init(
    run: RunName, selection: RunSelection?, replaced: RunName? = nil, settledAt: UnixTime? = nil,
    cancelledAt: String? = nil
  ) {
    self.run = run
    self.selection = selection
    self.replaced = replaced
    self.settledAt = settledAt?.iso8601
    self.cancelledAt = cancelledAt
  }
}

/// What stops a run before it has ended.
package enum RunInterruption: Equatable, Sendable {
  /// Another run has taken its folder.
  case replaced(by: RunName)
  /// - Parameter at: when, as in `FolderOwner`.
  case cancelled(at: String)

  /// - Parameter owner: of the run's folder; nil if it has none. Such a folder belongs to every run that writes to it.
  package init?(of run: RunName, _ owner: FolderOwner?) {
    guard let owner else { return nil }
    if owner.run != run {
      self = .replaced(by: owner.run)
    } else if let time = owner.cancelledAt {
      self = .cancelled(at: time)
    } else {
      return nil
    }
  }

  /// The error that ends the work on the run.
  package func error(run: RunName, folder: ObjectAddress) -> any TypedError {
    switch self {
    case .replaced(let owner): RunReplaced(run: run, owner: owner, folder: folder)
    case .cancelled(let time): RunCancelled(run: run, at: time)
    }
  }
}

/// What to do if a folder belongs to another run: the event field `onExisting`.
package enum OnExisting: String, Codable, CaseIterable, Sendable {
  /// Replace that run, whatever it selected.
  case replace
  /// Refuse to run, whatever that run selected.
  case refuse
}

/// Whether a run may have its day's folder.
package enum FolderDecision: Equatable, Sendable {
  /// The folder already belongs to the run.
  case owned
  /// The run may take the folder.
  case take
  /// The folder has files of another run that must not be replaced. `owner` is nil if that run is unknown.
  case refuse(owner: FolderOwner?)

  /// - Parameters:
  ///   - owner: as stored; nil if there is none.
  ///   - onExisting: nil replaces a run of the same selection and refuses every other one.
  ///   - hasDataFiles: whether the folder contains any data file. A folder without one is free.
  package init(
    owner: FolderOwner?, run: RunName, selection: RunSelection, onExisting: OnExisting?, hasDataFiles: Bool
  ) {
    if let owner, owner.run == run {
      self = .owned
    } else if !hasDataFiles || onExisting == .replace {
      self = .take
    } else if onExisting == nil, let owner, owner.selection == selection {
      self = .take
    } else {
      self = .refuse(owner: owner)
    }
  }
}

/// Another run has taken over the folder of this run.
package struct RunReplaced: TypedError, Equatable {
  package let run: RunName
  /// The run that has the folder now.
  package let owner: RunName
  package let folder: ObjectAddress

  package init(run: RunName, owner: RunName, folder: ObjectAddress) {
    self.run = run
    self.owner = owner
    self.folder = folder
  }

  package var errorType: String { "RunReplaced" }

  package var description: String {
    "Run \(run) was replaced: \(folder) belongs to run \(owner) now. Nothing more is written for run \(run). To "
      + "fetch its films again, start a new run."
  }
}
