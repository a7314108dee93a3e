import Shared

/// What a path of the console stands for.
enum ConsoleRoute: Equatable {
  /// A page, or only the part of it that changes.
  case page(ConsoleSubject, isPart: Bool)
  case script
  case style
  case action(RunName, RunAction)

  /// - Parameter path: percent-decoded, without the query.
  init?(path: String) {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map(String.init)
    let run = parts.count > 1 && parts[0] == "runs" ? RunName(parts[1]) : nil
    switch (run, Array(parts.dropFirst(run == nil ? 0 : 2))) {
    case (nil, [""]): self = .page(.runs, isPart: false)
    case (nil, ["part"]): self = .page(.runs, isPart: true)
    case (nil, ["console.js"]): self = .script
    case (nil, ["console.css"]): self = .style
    case (let run?, []): self = .page(.run(run), isPart: false)
    case (let run?, ["part"]): self = .page(.run(run), isPart: true)
    case (let run?, ["cancel"]): self = .action(run, .cancel)
    case (let run?, ["replay"]): self = .action(run, .replay(shard: nil))
    case (let run?, let rest) where rest.count == 3 && rest[0] == "shards" && rest[2] == "replay":
      guard let shard = Int(rest[1]), "\(shard)" == rest[1], (0..<RunLimits.shards.upperBound).contains(shard)
      else { return nil }
      self = .action(run, .replay(shard: shard))
    default: return nil
    }
  }
}

/// What a page of the console shows.
enum ConsoleSubject: Hashable {
  case runs
  case run(RunName)

  var path: String {
    switch self {
    case .runs: "/"
    case .run(let run): "/runs/\(run)"
    }
  }
}

/// What a button of the console does to a run.
enum RunAction: Equatable {
  /// Nil replays every shard that needs it.
  case replay(shard: Int?)
  case cancel

  func path(_ run: RunName) -> String {
    let folder = ConsoleSubject.run(run).path
    return switch self {
    case .cancel: folder + "/cancel"
    case .replay(nil): folder + "/replay"
    case .replay(let shard?): folder + "/shards/\(shard)/replay"
    }
  }
}
