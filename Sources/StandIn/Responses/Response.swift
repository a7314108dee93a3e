/// A response before its body is composed and sent.
struct Response {
  enum ContentType { case json, html }

  /// How the client gets the body.
  enum Delivery: Equatable {
    case whole
    /// The first half, then the connection is closed.
    case cut
    /// In ten steps over this time.
    case slow(Duration)
    /// No response; the connection stays open.
    case hang
    /// No response; the connection is closed.
    case close
  }

  var status: Int
  var contentType = ContentType.json
  /// The Retry-After header, in seconds.
  var retryAfter: Int?
  var segments: [Segment]
  var delivery = Delivery.whole
}
