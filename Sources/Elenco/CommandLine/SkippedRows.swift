import Shared

extension DispatcherResponse {
  /// What the dispatcher's response warns of, as sentences: rows that it could not read, its own warning, and the
  /// forecast's.
  var warnings: [String] { [source.skippedRows, warning, forecast.warning].compactMap { $0 } }
}

extension DispatcherResponse.Input {
  /// A sentence about the rows that could not be read; nil if there are none.
  var skippedRows: String? {
    guard rowsSkipped > 0 else { return nil }
    let verb = rowsSkipped == 1 ? "was" : "were"
    let first =
      firstSkipped.first.map { "\(rowsSkipped == 1 ? ": " : "; the first is ")\($0.printable)" } ?? ""
    return
      "\(counted(rowsSkipped, "row")) of \(ObjectAddress(bucket: bucket, key: key)) could not be read and \(verb) "
      + "skipped\(first)."
  }
}
