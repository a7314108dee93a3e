/// An environment variable or setting that is missing or invalid.
package struct ConfigurationError: TypedError, Equatable {
  package let description: String

  package init(_ description: String) { self.description = description }

  package var errorType: String { "Configuration" }
}
