/// Conversions of durations to the units that C interfaces and reports use.
extension Duration {
  /// The duration in milliseconds, rounded up so that a limit is never shortened, and clamped to the range of `Int`.
  package var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
    return overflow ? .max : product + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  /// The duration in seconds, fraction included.
  package var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
