import Foundation

/// Whether the long tests run, and how many seeds the simulations have.
public enum Soak {
  public static let isEnabled = ProcessInfo.processInfo.environment["ELENCO_SOAK"] != nil
  /// Why a long test is skipped.
  public static let skipped = "only `make soak` runs this"

  /// The seeds of a simulation: from 1 to `count` in `make test`, and to `soakCount` in `make soak`.
  public static func seeds(_ count: UInt64, soak soakCount: UInt64) -> ClosedRange<UInt64> {
    1...(isEnabled ? soakCount : count)
  }
}
