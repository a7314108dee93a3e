/// What a run will take, by arithmetic: requests, time, hops and dollars.
package struct Forecast: Codable, Equatable, Sendable {
  /// Requests a second that one worker manages without a ceiling: a cautious figure at 128 MB and TMDB's latency.
  package static let assumedWorkerRate = 10.0

  /// us-east-1, x86_64, November 2026 (https://aws.amazon.com/lambda/pricing, /s3/pricing, /cloudwatch/pricing).
  private enum Price {
    static let gigabyteSecond = 0.0000166667
    static let invocation = 0.20 / 1_000_000
    static let put = 0.005 / 1_000
    static let logGigabyte = 0.50
  }

  /// Log lines of a shard and of a hop, in bytes, all told.
  private static let logBytesPerShard = 2_000.0
  /// More than this is worth a warning, as dollars and as a ratio.
  private static let warningDollars = 0.01
  private static let warningRatio = 1.5

  package let requests: Int
  package let seconds: Double
  package let hopsPerShard: Int
  package let peakConcurrency: Int
  package let dollars: Double
  /// The number of workers at which the run costs least without taking longer.
  package let cheapestWorkers: Int
  package let cheapestDollars: Double
  /// A sentence, where fewer workers would do the same for much less.
  package let warning: String?

  /// What the arithmetic goes by.
  package struct Terms: Equatable, Sendable {
    package var films: Int
    package var shards: Int
    package var files: Int
    package var workers: Int
    package var requestsPerFilm: Int
    /// 0 is no ceiling.
    package var requestsPerSecond: Double
    package var rateScope: RateScope
    /// The worker's memory in MB and its timeout in seconds.
    package var memory: Int
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

    var requests: Int { films * requestsPerFilm }

    /// Requests a second of so many workers together.
    func rate(workers: Int) -> Double {
      let able = Double(workers) * Forecast.assumedWorkerRate
      guard requestsPerSecond > 0 else { return able }
      return switch rateScope {
      case .run: requestsPerSecond
      // A worker to whom the whole ceiling is given is not held back by what the others do.
      case .worker: requestsPerSecond * Double(workers)
      // What it will find is not known: the cautious reading is that the ceiling is for all.
      case .adaptive: requestsPerSecond
      }
    }

    func seconds(workers: Int) -> Double { Double(requests) / max(rate(workers: workers), 0.001) }

    func dollars(workers: Int) -> Double {
      let seconds = seconds(workers: workers)
      let busy = Double(workers) * seconds
      let hops = Double(shards) + busy / Double(max(1, timeout))
      let renewals = busy / max(lease.renewal.inSeconds, 1)
      let puts = Double(files) + 5 * Double(shards) + renewals
      return busy * Double(memory) / 1024 * Price.gigabyteSecond + hops * Price.invocation + puts * Price.put
        + hops * Forecast.logBytesPerShard / 1e9 * Price.logGigabyte
    }
  }

  package init(_ terms: Terms) {
    requests = terms.requests
    seconds = terms.seconds(workers: terms.workers)
    peakConcurrency = terms.workers
    dollars = terms.dollars(workers: terms.workers)
    // A shard is worked on by one worker, with its part of the rate.
    let shardSeconds = seconds * Double(terms.workers) / Double(max(1, terms.shards))
    hopsPerShard = max(1, Int((shardSeconds / Double(max(1, terms.timeout))).rounded(.up)))
    let fewest = Self.fewestWorkers(terms)
    cheapestWorkers = fewest
    cheapestDollars = terms.dollars(workers: fewest)
    let isDear =
      dollars > cheapestDollars * Self.warningRatio && dollars - cheapestDollars > Self.warningDollars
    warning =
      isDear
      ? "With \(terms.requestsPerSecond.plain) requests a second for the whole run, \(terms.workers) workers are billed "
        + "for waiting: \(Self.amount(dollars)). \"workers\": \(fewest) take the same time for "
        + "\(Self.amount(cheapestDollars))."
      : nil
  }

  /// As many as it takes to use the ceiling up. Without a shared ceiling fewer workers take longer.
  private static func fewestWorkers(_ terms: Terms) -> Int {
    guard terms.requestsPerSecond > 0, terms.rateScope != .worker else { return terms.workers }
    let needed = Int((terms.requestsPerSecond / assumedWorkerRate).rounded(.up))
    return min(max(1, needed), terms.workers)
  }

  /// Dollars with cents: `$0.37`, `under $0.01`.
  package static func amount(_ dollars: Double) -> String {
    let cents = Int((dollars * 100).rounded())
    return cents == 0 ? "under $0.01" : "$\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
  }
}
