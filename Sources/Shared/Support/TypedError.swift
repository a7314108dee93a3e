/// An error with a name of its own: Lambda reports it as `errorType`, and alarms and callers tell by it what
/// happened. Its description is a sentence for the person who meets it.
package protocol TypedError: Error, CustomStringConvertible {
  /// One word, upper camel case: `InvalidEvent`, `SourceNotFound`.
  var errorType: String { get }
}
