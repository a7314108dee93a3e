@testable import Shared

extension DispatcherEvent {
  /// Parses an event as a dispatcher does whose configuration names a bucket and a source.
  static func sample(
    _ text: String, requestID: String = "r", _ edit: (inout DispatcherEvent.Defaults) -> Void = { _ in }
  ) throws -> DispatcherEvent {
    var defaults = DispatcherEvent.Defaults()
    (defaults.bucket, defaults.sourceBucket, defaults.sourceKey) = ("lake", "raw", "movies.csv")
    edit(&defaults)
    return try DispatcherEvent(
      parsing: Array(text.utf8), defaults: defaults, now: UnixTime(seconds: 1_795_489_200),
      requestID: requestID)
  }
}
