/// An error with a stable type name, which Lambda reports as `errorType` so that alarms and callers can recognise it.
/// Its description is a sentence for people.
package protocol TypedError: Error, CustomStringConvertible {
  /// One word in upper camel case: `InvalidEvent`, `PlanNotFound`.
  var errorType: String { get }
}
