import HTTPServer
import Shared

/// Serves the pages about the runs of a prefix, and carries out what their buttons ask for.
struct Console: Sendable {
  let location: RunLocation
  let watched: WatchedRuns
  let s3: any RunObjects
  let lambda: LambdaClient
  let loop: EventLoop
  private let cancellations = ConsoleCancellations()

  init(
    location: RunLocation, watched: WatchedRuns, s3: any RunObjects, lambda: LambdaClient, loop: EventLoop
  ) {
    (self.location, self.watched, self.s3, self.lambda, self.loop) = (location, watched, s3, lambda, loop)
  }

  /// Responds to requests until the task is cancelled.
  func serve(_ requests: AsyncStream<PendingRequest>) async {
    // The server's limit on connections bounds the number of tasks.
    await withDiscardingTaskGroup { group in
      for await pending in requests {
        group.addTask { pending.respond(await response(to: pending.request)) }
      }
    }
  }

  /// - Parameter request: one that `ConsoleAccess` accepts.
  func response(to request: ConsoleRequest) async -> ConsoleResponse {
    guard let route = ConsoleRoute(path: request.path) else { return notFound }
    let isPost = request.method == "POST"
    switch route {
    case .action(let run, let action):
      return isPost ? await carryOut(action, on: run) : .methodNotAllowed("POST")
    case _ where isPost: return .methodNotAllowed("GET, HEAD")
    case .script: return ConsoleResponse(200, .script, ConsoleScript.text)
    case .style: return ConsoleResponse(200, .style, ConsolePage.style)
    case .page(let subject, let isPart):
      return await page(subject, isPart: isPart, knownVersion: request.knownVersion)
    }
  }

  private var notFound: ConsoleResponse {
    ConsoleResponse(
      404, .html,
      ConsolePage.html(nil, ConsolePage.error("There is no page at this address.")).text)
  }

  private func page(
    _ subject: ConsoleSubject, isPart: Bool, knownVersion: String?
  ) async -> ConsoleResponse {
    do {
      let reading = try await watched.page(subject)
      guard isPart else {
        return ConsoleResponse(
          200, .html, ConsolePage.html(subject, reading.html, version: reading.version).text)
      }
      if knownVersion == reading.version {
        return ConsoleResponse(304, .html, "", version: reading.version)
      }
      return ConsoleResponse(200, .html, reading.html.text, version: reading.version)
    } catch {
      let status = error is NoSuchRun ? 404 : 502
      return isPart
        ? .text(status, "\(error)")
        : ConsoleResponse(
          status, .html, ConsolePage.html(subject, ConsolePage.error("\(error)")).text)
    }
  }

  // MARK: - Actions

  private func carryOut(_ action: RunAction, on run: RunName) async -> ConsoleResponse {
    do {
      let sentence =
        switch action {
        case .replay(let shard): try await replay(shard, of: run)
        case .cancel: try await cancel(run)
        }
      await watched.note(sentence, of: run)
      return .text(202, sentence)
    } catch {
      // Lambda or S3 refused it, or the run has changed since the page was read.
      return .text(error is NoSuchRun ? 404 : 409, "\(error)")
    }
  }

  private func options(_ run: RunName) -> RunOptions { RunOptions(run: run, location: location) }

  /// - Parameter shard: nil replays every shard that needs it.
  private func replay(_ shard: Int?, of run: RunName) async throws -> String {
    let replay = RunReplay(options: options(run), lambda: lambda)
    let status = try await options(run).reader(s3).status(terms: location.terms)
    try status.requireReplayable()
    let needed = status.toReplay
    if let shard, !needed.contains(shard) { throw ReplayNotNeeded(run: run, shard: shard) }
    let shards = shard.map { [$0] } ?? needed
    guard !shards.isEmpty else { throw ReplayNotNeeded(run: run, shard: nil) }
    try await replay.invokeWorkers(for: shards, .missing, status)
    return "\(counted(shards.count, "worker")) invoked, for \(RunReplay.names(of: shards))."
  }

  /// Marks the run as cancelled. The rest, which takes until the workers have stopped, follows in the background.
  private func cancel(_ run: RunName) async throws -> String {
    let cancellation = RunCancellation(
      reader: options(run).reader(s3), lambda: lambda, worker: location.worker, terms: location.terms,
      loop: loop)
    let mark = try await cancellation.mark()
    await cancellations.complete(cancellation, mark, on: loop) { await watched.note($0, of: run) }
    return "Run \(run) is cancelled. Its workers stop at their next write."
  }
}

/// A shard that a button asked to replay does not need it.
struct ReplayNotNeeded: Error, CustomStringConvertible {
  let run: RunName
  /// Nil if no shard of the run needs it.
  let shard: Int?

  var description: String {
    let subject = shard.map { "shard \($0) of run \(run) does not need" } ?? "no shard of run \(run) needs"
    return "\(subject) a replay now. The page will show the present state."
  }
}
