/// An estimate of a run's requests, time, hops and cost.
package struct Forecast: Codable, Equatable, Sendable {
  /// Requests per second that one worker achieves without a ceiling: a cautious figure for 128 MB and TMDB's latency.
  package static let assumedWorkerRate = 10.0

  /// us-east-1, x86_64, November 2026 (https://aws.amazon.com/lambda/pricing, /s3/pricing, /cloudwatch/pricing).
  private enum Price {
    static let gigabyteSecond = 0.0000166667
    static let invocation = 0.20 / 1_000_000
    static let put = 0.005 / 1_000
    static let logGigabyte = 0.50
  }

  /// Bytes that one hop writes to the log.
  private static let logBytesPerHop = 2_000.0
  /// A run gets the warning if it costs more than `cheapestDollars` by both this amount and this ratio.
  private static let warningDollars = 0.01
  private static let warningRatio = 1.5

  package let requests: Int
  package let seconds: Double
  package let hopsPerShard: Int
  package let peakConcurrency: Int
  package let dollars: Double
  /// The number of workers with which the run costs least without taking longer.
  package let cheapestWorkers: Int
  package let cheapestDollars: Double
  /// Says that fewer workers would take the same time at a much lower cost; nil otherwise.
  package let warning: String?

  /// The input of a forecast.
  package struct Terms: Equatable, Sendable {
    package var films: Int
    package var shards: Int
    package var files: Int
    package var workers: Int
    package var requestsPerFilm: Int
    /// The run's requests if they are not `requestsPerFilm` for every film; nil if they are.
    package var countedRequests: Int?
    /// 0 means no ceiling.
    package var requestsPerSecond: Double
    package var rateScope: RateScope
    /// The worker's memory in MB.
    package var memory: Int
    /// The worker's timeout in seconds.
    package var timeout: Int
    package var lease: LeaseTerms

    package init(
      films: Int, shards: Int, files: Int, workers: Int, requestsPerFilm: Int, requestsPerSecond: Double,
      rateScope: RateScope, memory: Int, timeout: Int, lease: LeaseTerms = .standard
    ) {
      self.films = films
      self.shards = shards
      self.files = files
      self.workers = workers
      self.requestsPerFilm = requestsPerFilm
      self.requestsPerSecond = requestsPerSecond
      self.rateScope = rateScope
      self.memory = memory
      self.timeout = timeout
      self.lease = lease
    }

    var requests: Int { countedRequests ?? films * requestsPerFilm }

    /// Requests per second that a number of workers send together.
    func rate(workers: Int) -> Double {
      let unlimited = Double(workers) * Forecast.assumedWorkerRate
      guard requestsPerSecond > 0 else { return unlimited }
      return switch rateScope {
      case .run: requestsPerSecond
      // Each worker has the whole ceiling to itself.
      case .worker: requestsPerSecond * Double(workers)
      // The rate that the workers will find is unknown. The cautious assumption is that they share the ceiling.
      case .adaptive: requestsPerSecond
      }
    }

    func seconds(workers: Int) -> Double { Double(requests) / max(rate(workers: workers), 0.001) }

    func dollars(workers: Int) -> Double {
      let workerSeconds = Double(workers) * seconds(workers: workers)
      let hops = Double(shards) + workerSeconds / Double(max(1, timeout))
      return Forecast.dollars(
        workerSeconds: workerSeconds, hops: hops, files: files, shards: shards, memory: memory, lease: lease,
        sharesRate: rateScope == .run && requestsPerSecond > 0)
    }
  }

  /// What workers cost.
  /// - Parameters:
  ///   - workerSeconds: the time of all invocations.
  ///   - hops: the number of invocations.
  ///   - files: data files that are written.
  ///   - memory: of a worker, in MB.
  ///   - sharesRate: whether the workers share a ceiling: then each lists the run's folder, at the price of a PUT.
  package static func dollars(
    workerSeconds: Double, hops: Double, files: Int, shards: Int, memory: Int, lease: LeaseTerms,
    sharesRate: Bool
  ) -> Double {
    let renewals = workerSeconds / max(lease.renewal.inSeconds, 1)
    let lists = sharesRate ? workerSeconds / max(RateBudget.meanInterval(lease).inSeconds, 1) : 0
    let puts = Double(files) + 5 * Double(shards) + renewals + lists
    return workerSeconds * Double(memory) / 1024 * Price.gigabyteSecond + hops * Price.invocation
      + puts * Price.put + hops * logBytesPerHop / 1e9 * Price.logGigabyte
  }

  package init(_ terms: Terms) {
    requests = terms.requests
    seconds = terms.seconds(workers: terms.workers)
    peakConcurrency = terms.workers
    dollars = terms.dollars(workers: terms.workers)
    // One worker at a time works on a shard, with its share of the rate.
    let shardSeconds = seconds * Double(terms.workers) / Double(max(1, terms.shards))
    hopsPerShard = max(1, Int((shardSeconds / Double(max(1, terms.timeout))).rounded(.up)))
    let fewest = Self.fewestWorkers(terms)
    cheapestWorkers = fewest
    cheapestDollars = terms.dollars(workers: fewest)
    let isExpensive =
      dollars > cheapestDollars * Self.warningRatio && dollars - cheapestDollars > Self.warningDollars
    warning =
      isExpensive
      ? "With \(terms.requestsPerSecond.plain) \(terms.requestsPerSecond == 1 ? "request" : "requests") per second for "
        + "the whole run, \(terms.workers) workers spend billed time waiting and cost \(Self.amount(dollars)). With "
        + "\"workers\": \(fewest), the run takes as long and costs \(Self.amount(cheapestDollars))."
      : nil
  }

  /// The fewest workers that use up a shared ceiling. Without one, all workers, because fewer would take longer.
  private static func fewestWorkers(_ terms: Terms) -> Int {
    guard terms.requestsPerSecond > 0, terms.rateScope != .worker else { return terms.workers }
    let needed = Int((terms.requestsPerSecond / assumedWorkerRate).rounded(.up))
    return min(max(1, needed), terms.workers)
  }

  /// Dollars and cents as text: `$0.37`, `under $0.01`.
  package static func amount(_ dollars: Double) -> String {
    let cents = Int((dollars * 100).rounded())
    return cents == 0 ? "under $0.01" : "$\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
  }
}
