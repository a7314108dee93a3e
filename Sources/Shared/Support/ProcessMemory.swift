import Glibc

/// How much memory this process has used.
package enum ProcessMemory {
  /// The largest resident size so far, in bytes.
  package static var peakBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    // Linux counts it in KiB.
    return usage.ru_maxrss * 1024
  }
}
