import Shared

/// Streams a source from S3 and selects its films. The file is never buffered: each chunk is scanned in the memory
/// where libcurl received it.
struct SourceReader {
  let s3: S3Client

  /// The films selected from a source, its row counts, and what a reader should know about the selection.
  struct Selection {
    /// Ids of the selected films, in input order.
    let films: [String]
    let generos: GeneroList
    let input: DispatcherResponse.Input
    let warnings: [String]
  }

  /// Reads the event's source and applies its genre filter.
  /// - Throws: `SourceError` if the source is not a usable movies file or has no matching film, `AWSServiceError` if it
  ///   cannot be read.
  func read(_ event: DispatcherEvent) async throws -> Selection {
    let scan = SourceScan(SelectionCriteria(event))
    do {
      _ = try await s3.stream(event.source) { try scan.consume($0) }
      let films = try scan.finish()
      return Selection(
        films: films.selected, generos: films.selectedGeneros,
        input: DispatcherResponse.Input(
          bucket: event.source.bucket, key: event.source.key, rows: films.rows, films: films.films,
          rowsSkipped: films.skipped, firstSkipped: films.firstSkipped),
        warnings: films.warnings(source: event.source))
    } catch let error as SelectionError {
      throw SourceError(source: event.source, problem: error)
    }
  }
}

/// A source object that is not a usable movies file, or has no film of the requested genres.
struct SourceError: TypedError, Equatable {
  let source: ObjectAddress
  let problem: SelectionError

  var errorType: String {
    switch problem {
    case .nothingSelected, .noRequestedType: "NothingSelected"
    default: "InvalidSource"
    }
  }

  var description: String { "\(source) \(problem)" }
}
