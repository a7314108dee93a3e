/// What each failure of a script makes of the answer that would have been given.
extension Response {
  func failing(_ failure: FaultRule.Failure, film: FilmNumber?) -> Response {
    var answer = self
    switch failure {
    case .status(let status, let retryAfter): return .failure(status: status, retryAfter: retryAfter)
    case .html(let status): return .page(status: status)
    case .cut: answer.delivery = .cut
    case .hang: answer.delivery = .hang
    case .close: answer.delivery = .close
    case .slow(let time): answer.delivery = .slow(time)
    case .malformed: answer.segments = Response.malformed(segments)
    case .wrongID: answer.segments = Response.wrongID(segments)
    case .huge(let bytes):
      answer = Response(status: 200, segments: Response.huge(id: film?.tmdbID ?? 0, bytes: bytes))
    }
    return answer
  }

  /// Ends too early, although the transfer is whole.
  private static func malformed(_ segments: [Segment]) -> [Segment] {
    segments.count > 1 ? Array(segments.dropLast()) : [.text(#"{"id":"#)]
  }

  /// The first number of a find or of credits is the film's id.
  private static func wrongID(_ segments: [Segment]) -> [Segment] {
    var segments = segments
    let first = segments.firstIndex { if case .number = $0 { true } else { false } }
    if let first, case .number(let id) = segments[first] { segments[first] = .number(id + 1) }
    return segments
  }

  /// Credits in good order that name people until there are at least so many bytes.
  private static func huge(id: Int, bytes: Int) -> [Segment] {
    // A block that is not the first begins with a comma, so one of the first kind comes before it.
    let first = PieceKey(.crew, people: PieceKey.blockPeople, variant: 0)
    let more = PieceKey(.crew, position: 1, people: PieceKey.blockPeople, variant: 0)
    let repeats = bytes / more.bytes().count + 1
    return [.text(#"{"id":"#), .number(id), .text(#","cast":[],"crew":["#), .piece(first)]
      + Array(repeating: .piece(more), count: repeats) + [.text("]}")]
  }
}
