/// Elenco's version, for `elenco --version`, the first log line of an invocation and the user agent.
package enum ElencoVersion {
  /// As in CHANGELOG.md (https://semver.org).
  package static let current = "0.1.0"
  /// When this version was last changed in a way that its man page shows.
  package static let date = "2026-11-28"

  /// The User-Agent header of every request (RFC 9110, section 10.1.5).
  package static let userAgent = "elenco/\(current)"
}
