/// The effect of each fault on a response.
extension Response {
  func with(_ fault: FaultRule.Fault, film: FilmNumber?) -> Response {
    var response = self
    switch fault {
    case .status(let status, let retryAfter): return .failure(status: status, retryAfter: retryAfter)
    case .html: return .badGatewayPage
    case .cut: response.delivery = .cut
    case .hang: response.delivery = .hang
    case .close: response.delivery = .close
    case .slow(let time): response.delivery = .slow(time)
    case .malformed: response.segments = Response.malformed(segments)
    case .wrongID: response.segments = Response.wrongID(segments)
    case .huge(let bytes):
      return Response(status: 200, segments: Response.huge(id: film?.tmdbID ?? 0, bytes: bytes))
    }
    return response
  }

  /// JSON that ends too early, in a complete transfer.
  private static func malformed(_ segments: [Segment]) -> [Segment] {
    segments.count > 1 ? Array(segments.dropLast()) : [.text(#"{"id":"#)]
  }

  /// The first number of a find and of credits is the film's id.
  private static func wrongID(_ segments: [Segment]) -> [Segment] {
    var segments = segments
    let first = segments.firstIndex { if case .number = $0 { true } else { false } }
    if let first, case .number(let id) = segments[first] { segments[first] = .number(id + 1) }
    return segments
  }

  /// Well-formed credits of at least `bytes` bytes.
  private static func huge(id: Int, bytes: Int) -> [Segment] {
    // Every block except one at position 0 starts with a comma, so a block at position 0 precedes the others.
    let first = PieceKey(.crew, people: PieceKey.blockPeople, variant: 0)
    let more = PieceKey(.crew, position: 1, people: PieceKey.blockPeople, variant: 0)
    let repeats = bytes / more.bytes().count + 1
    return [.text(#"{"id":"#), .number(id), .text(#","cast":[],"crew":["#), .piece(first)]
      + Array(repeating: .piece(more), count: repeats) + [.text("]}")]
  }
}
