/// The system's clock.
import Glibc

enum Clock {
  /// Milliseconds since 1970.
  static func wallMilliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}
