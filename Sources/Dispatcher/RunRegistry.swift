import Shared

/// Determines a run's name and date from S3, before any worker is invoked.
struct RunRegistry: Sendable {
  let objects: any ObjectStore
  let destination: Destination

  private struct Request: Codable { let run: RunName }

  /// Returns the name of the run that a request started, or is to start. Lambda retries a request under the same id, and
  /// its failure record has that id, so both continue the same run.
  func name(_ event: DispatcherEvent, requestID: String) async throws -> RunName {
    guard event.isNamedByRequest, !event.dryRun else { return event.run }
    return try await recordedName(requestID) ?? event.run
  }

  /// Records the name of the run that a request starts.
  /// - Returns: the name that counts: that of a concurrent attempt of the same request, if it was recorded first.
  func record(_ run: RunName, of event: DispatcherEvent, requestID: String) async throws -> RunName {
    guard event.isNamedByRequest, !event.dryRun else { return run }
    if try await objects.putJSON(request(requestID), Request(run: run), condition: .isNew) != nil {
      return run
    }
    return try await recordedName(requestID) ?? run
  }

  private func recordedName(_ requestID: String) async throws -> RunName? {
    try await objects.get(request(requestID)).map { try JSONText.decode(Request.self, from: $0).run }
  }

  private func request(_ id: String) -> ObjectAddress {
    address(RunLayout.request(prefix: destination.prefix, id: id))
  }

  /// Returns the date of a run that was already planned; nil if it was not.
  func date(of run: RunName) async throws -> String? {
    struct Plan: Decodable { let date: String }
    let object = address(RunLayout.plan(prefix: destination.prefix, run: run, shard: 0))
    return try await objects.get(object).map { try JSONText.decode(Plan.self, from: $0).date }
  }

  private func address(_ key: String) -> ObjectAddress { ObjectAddress(bucket: destination.bucket, key: key) }
}
