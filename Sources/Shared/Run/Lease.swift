/// A worker's claim to a shard, with the state that one hop passes to the next. It is an object in S3 that is changed
/// only by conditional PUTs, so only one of several competing workers gets it.
package struct Lease: Codable, Equatable, Sendable {
  package enum State: String, Codable, Sendable {
    case held
    /// Reserved for the next hop, whose event carries `holder` as its token.
    case handedOver
    case released
  }

  package var state: State
  /// While held, the holder's request id and a number that no other holder has. Once handed over, the next hop's token.
  package var holder: String
  /// When the lease expires unless it is renewed: `2026-11-24T03:00:00.000Z`. While held, never later than the end of
  /// the holder's invocation; after a hand-over, one term from then.
  package var until: String
  /// The hop that the lease is for, from 0.
  package var hop: Int
  /// Films that earlier hops found to be absent from TMDB.
  package var absent: [String]
  /// The requests that earlier hops sent to TMDB.
  package var requests: ShardReport.Requests
  /// The rate that the last hop reached, in requests per second; nil without a ceiling.
  package var rate: Double?
  /// The highest hop limit that an earlier hop calculated. A limit from a slow hop stays after the rate has recovered.
  package var hopsMax: Int?
  /// TMDB ids of films that were found and whose credits were not fetched, by IMDb id. The next worker does not ask for
  /// them again. Nil if there are none, and in leases of earlier versions.
  package var found: [String: Int]?
  /// What the workers did over time, until the last renewal. Nil in leases of earlier versions.
  package var series: ShardSeries?
  /// The time from which every worker that shares the run's rate counts the holder; nil if that is unknown. A
  /// worker that continues the shard in time takes the holder's place: see `RateBudget`.
  package var countedFrom: String?

  package init(
    state: State, holder: String, until: UnixTime, hop: Int, absent: [String], requests: ShardReport.Requests,
    rate: Double?, hopsMax: Int? = nil, found: [String: Int]? = nil, series: ShardSeries? = nil
  ) {
    self.state = state
    self.holder = holder
    self.until = until.iso8601
    self.hop = hop
    self.absent = absent
    self.requests = requests
    self.rate = rate
    self.hopsMax = hopsMax
    self.found = found
    self.series = series
  }

  /// Whether the lease has not expired at `time`.
  package func holds(at time: UnixTime) -> Bool { UnixTime(iso8601: until).map { time < $0 } ?? false }

  /// Whether a worker has the shard at `time`, or the next hop is about to.
  package func isActive(at time: UnixTime) -> Bool { state != .released && holds(at: time) }
}

/// How long a lease lasts and how often it is renewed.
package struct LeaseTerms: Equatable, Sendable {
  package let term: Duration
  /// A third of the term, so that two renewals can fail before the lease expires.
  package var renewal: Duration { term / 3 }

  /// The allowed terms in seconds. The shorter the term, the sooner a worker's death is noticed.
  package static let seconds = 1...300
  package static let standard = LeaseTerms(term: .seconds(60))

  package init(term: Duration) { self.term = term }

  /// Reads `ELENCO_LEASE_SECONDS`. Uses the standard term if it is not set.
  package init(environment: [String: String]) throws(ConfigurationError) {
    guard let text = environment["ELENCO_LEASE_SECONDS"], !text.isEmpty else {
      self = .standard
      return
    }
    guard let seconds = Int(text), Self.seconds.contains(seconds) else {
      throw ConfigurationError(
        "ELENCO_LEASE_SECONDS must be a whole number from \(Self.seconds.lowerBound) to \(Self.seconds.upperBound), "
          + "not \"\(text.printable)\".")
    }
    term = .seconds(seconds)
  }
}

/// What a worker does after it has read a shard's lease.
package enum LeaseDecision: Equatable, Sendable {
  /// Take the lease, provided that it has not changed since it was read.
  case take
  /// Read the lease again at that time, to see whether its holder is alive.
  case lookAgain(Lease, at: UnixTime)
  /// Leave the lease alone: its holder is alive.
  case held(Lease)

  /// Decides what to do about the lease as it was just read.
  ///
  /// A retry of an invocation that died has the same request id, but does not get the lease before it expires: a
  /// duplicate of a living invocation has the same id too. AWS sends the retry a minute later, when the lease has
  /// expired.
  /// - Parameters:
  ///   - lease: nil if there is none.
  ///   - handOverToken: the token that the previous hop put into this worker's event; nil if there is none.
  ///   - firstSeen: when this worker first read the lease.
  ///   - isRenewed: whether the lease has changed since then.
  package init(
    _ lease: Lease?, handOverToken: String?, now: UnixTime, firstSeen: UnixTime, isRenewed: Bool,
    terms: LeaseTerms
  ) {
    guard let lease, lease.state != .released, !(lease.state == .handedOver && lease.holder == handOverToken),
      let until = UnixTime(iso8601: lease.until), until > now
    else {
      self = .take
      return
    }
    guard !isRenewed else {
      self = .held(lease)
      return
    }
    // A living holder renews within one renewal interval. The extra half allows for a slow renewal.
    let renewalDue = firstSeen + terms.renewal * 1.5
    self = .lookAgain(lease, at: now < renewalDue ? min(renewalDue, until) : until)
  }
}
