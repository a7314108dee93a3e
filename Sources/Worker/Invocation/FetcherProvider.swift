import Shared

/// State shared by the shards of one invocation: the TMDB client, the fetcher, which remembers the learned rate, and the
/// membership of the workers that share the run's rate.
///
/// Safety of `@unchecked Sendable`: used only by tasks of one event loop, which all run on its thread.
final class FetcherProvider: @unchecked Sendable {
  private let dependencies: WorkerDependencies
  private var client: (any TMDBAPI)?
  private var fetcher: FilmFetcher?
  private var createdMembership: RunMembership?

  init(dependencies: WorkerDependencies) { self.dependencies = dependencies }

  /// Connects to TMDB; reads the token the first time.
  /// - Throws: `TokenMissing`, or `AWSServiceError` when the secret cannot be read.
  @discardableResult
  func openTMDB() async throws -> any TMDBAPI {
    if let client { return client }
    let client = try await dependencies.openTMDB()
    self.client = client
    return client
  }

  /// The invocation's fetcher, created for the first shard that needs one.
  /// - Parameter learnedRate: requests per second that earlier hops of that shard arrived at.
  func fetcher(for plan: ShardPlan, learnedRate: Double?) async throws -> FilmFetcher {
    if let fetcher { return fetcher }
    let fetcher = FilmFetcher(
      api: try await openTMDB(), lookup: plan.lookup, share: RateShare(plan: plan, learned: learnedRate),
      clock: dependencies.clock, randomness: dependencies.randomness, forgetToken: dependencies.forgetToken,
      mayStart: { [membership = membership(for: plan)] in membership?.mayStart ?? true })
    self.fetcher = fetcher
    return fetcher
  }

  /// The invocation's membership of its run's workers; nil if they do not share a rate.
  func membership(for plan: ShardPlan) -> RunMembership? {
    if createdMembership == nil {
      createdMembership = RunMembership(plan: plan, dependencies: dependencies)
    }
    return createdMembership
  }

  /// Counts the workers that share the run's rate, if it is time to, and gives the fetcher its part.
  func countIfDue() async {
    guard let createdMembership, createdMembership.isListingDue else { return }
    await createdMembership.count()
    applyRate()
  }

  /// Counts the workers whenever it is time to, until the task is cancelled.
  func keepCounting() async { try? await createdMembership?.keepCounting { applyRate() } }

  private func applyRate() {
    if let rate = createdMembership?.rate { fetcher?.limit(to: rate) }
  }
}
