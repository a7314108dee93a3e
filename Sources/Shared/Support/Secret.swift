/// A token or key. Printing, interpolating or dumping it shows that it is there, never what it is.
package struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The value itself. Goes into a header and nowhere else.
  package let value: String

  package init(_ value: String) { self.value = value }

  package var description: String { "(hidden)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}
