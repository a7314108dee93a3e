/// A worker's hold on a shard, and what one hop hands to the next. An object in S3 that only a conditional PUT
/// changes, so that of many who reach for it one gets it.
package struct Lease: Codable, Equatable, Sendable {
  package enum State: String, Codable, Sendable {
    case held
    /// Kept for the continuation that shows `holder` as its ticket.
    case handedOver
    case released
  }

  package var state: State
  /// Who holds it: an invocation's request id and a number that no other holder has; or a continuation's ticket.
  package var holder: String
  /// When it lapses unless it is renewed: `2026-11-24T03:00:00.000Z`. Never after its holder's deadline.
  package var until: String
  /// Invocations that worked on the shard one after the other, from 0.
  package var hop: Int
  /// Films that earlier hops found TMDB not to have.
  package var absent: [String]
  /// What earlier hops asked of TMDB.
  package var requests: ShardReport.Requests
  /// Requests a second that the last hop had come to; nil without a ceiling.
  package var rate: Double?
  /// Hops that the forecast of an earlier hop allowed: a slow one's stays when the rate has come back.
  package var hopsMax: Int?

  package init(
    state: State, holder: String, until: UnixTime, hop: Int, absent: [String], requests: ShardReport.Requests,
    rate: Double?, hopsMax: Int? = nil
  ) {
    self.state = state
    self.holder = holder
    self.until = until.iso8601
    self.hop = hop
    self.absent = absent
    self.requests = requests
    self.rate = rate
    self.hopsMax = hopsMax
  }

  /// Whether it holds at a time.
  package func holds(at time: UnixTime) -> Bool { UnixTime(iso8601: until).map { time < $0 } ?? false }
}

/// How long a lease holds, and when it is renewed.
package struct LeaseTerms: Equatable, Sendable {
  package let term: Duration
  /// A third of the term: two renewals may fail before it lapses.
  package var renewal: Duration { term / 3 }

  /// Seconds that a lease may last. Short, so that a death shows within a minute or two.
  package static let seconds = 1...300
  package static let standard = LeaseTerms(term: .seconds(60))

  package init(term: Duration) { self.term = term }

  /// Takes `ELENCO_LEASE_SECONDS`; the standard term where it is not set.
  package init(environment: [String: String]) throws(AWSConfigurationError) {
    guard let text = environment["ELENCO_LEASE_SECONDS"], !text.isEmpty else {
      self = .standard
      return
    }
    guard let seconds = Int(text), Self.seconds.contains(seconds) else {
      throw AWSConfigurationError(
        "ELENCO_LEASE_SECONDS must be a whole number from \(Self.seconds.lowerBound) to \(Self.seconds.upperBound) "
          + "and is \"\(text.printable)\".")
    }
    term = .seconds(seconds)
  }
}

/// What a worker does about a shard's lease.
package enum LeaseDecision: Equatable, Sendable {
  /// Take it, on condition that it is still as it was seen.
  case take
  /// Look again then: whether its holder lives will have shown.
  case look(Lease, at: UnixTime)
  /// Its holder lives.
  case held(Lease)

  /// Decides by what is found.
  ///
  /// A retry of an invocation that died, which AWS gives the same request id, has no short cut: a duplicate of a
  /// living one has the same id too. It comes a minute later, when the lease has lapsed.
  /// - Parameters:
  ///   - lease: nil where there is none.
  ///   - ticket: what the hop before left in this worker's event; nil for any other.
  ///   - firstSeen: when this lease was first looked at.
  ///   - isRenewed: whether it has changed since.
  package init(
    _ lease: Lease?, ticket: String?, now: UnixTime, firstSeen: UnixTime, isRenewed: Bool, terms: LeaseTerms
  ) {
    guard let lease, lease.state != .released, !(lease.state == .handedOver && lease.holder == ticket),
      let until = UnixTime(iso8601: lease.until), until > now
    else {
      self = .take
      return
    }
    guard !isRenewed else {
      self = .held(lease)
      return
    }
    // One renewal is due within this time; the half is for a slow one.
    let sign = firstSeen + terms.renewal * 1.5
    self = .look(lease, at: now < sign ? min(sign, until) : until)
  }
}
