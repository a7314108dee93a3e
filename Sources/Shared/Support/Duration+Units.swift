/// Durations in the units that C interfaces and reports take.
extension Duration {
  /// Rounded up, so that a limit is never shorter than it says; clamped to what `Int` holds.
  package var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let (product, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
    return overflow ? .max : product + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  package var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
