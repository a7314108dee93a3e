/// A token or key. Printing, interpolating or dumping it never shows its value.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The secret itself. Use it only in a request header or to derive a signing key.
  package let value: String

  package init(_ value: String) { self.value = value }

  package var description: String { "(hidden)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
