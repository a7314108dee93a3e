/// What goes back for one request, before it is composed and sent: a value that tests can look at.
struct Response: Equatable {
  enum ContentType: Equatable { case json, html }

  enum CacheControl: Equatable {
    /// Seven hours, as on what TMDB has.
    case hours
    /// Five minutes, as on a refused token.
    case minutes
    case none
  }

  /// How the body reaches the client.
  enum Delivery: Equatable {
    case whole
    /// Half of it, then the connection is closed.
    case cut
    /// In ten steps spread over this time.
    case slow(Duration)
    /// Never.
    case hang
    /// No answer at all: the connection is closed.
    case close
  }

  var status: Int
  var contentType = ContentType.json
  var cacheControl = CacheControl.hours
  /// The number that the weak ETag is written from; nil for none.
  var entityTag: UInt64?
  /// The value of Retry-After in seconds.
  var retryAfter: Int?
  var segments: [Segment]
  var delivery = Delivery.whole
}
