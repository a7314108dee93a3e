import Shared

/// Numbers with their units, as the report page shows them.
enum Quantity {
  /// `42 s`, `12 min 5 s`, `3 h 20 min`, `6 d 2 h`
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e12 else { return "unknown" }
    guard seconds >= 0.05 else { return "0 s" }
    if seconds < 59.95 { return "\(seconds < 10 ? seconds.tenths : Int(seconds.rounded()).grouped) s" }
    let whole = Int(seconds.rounded())
    let units = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")]
    guard let first = units.firstIndex(where: { whole >= $0.0 }) else { return "0 s" }
    var parts = ["\((whole / units[first].0).grouped) \(units[first].1)"]
    if first + 1 < units.count {
      let rest = whole % units[first].0 / units[first + 1].0
      if rest > 0 { parts.append("\(rest) \(units[first + 1].1)") }
    }
    return parts.joined(separator: " ")
  }

  static func milliseconds(_ milliseconds: Double) -> String {
    milliseconds < 10_000
      ? "\(Int(max(0, milliseconds).rounded()).grouped) ms" : duration(milliseconds / 1000)
  }

  /// In decimal units: `812 B`, `1.2 kB`, `345 MB`
  static func bytes(_ bytes: Int) -> String {
    var (value, unit) = (Double(bytes), "B")
    for larger in ["kB", "MB", "GB", "TB"] where value >= 1000 { (value, unit) = (value / 1000, larger) }
    if unit == "B" { return "\(bytes.grouped) B" }
    let tenths = (value * 10).rounded() / 10
    let isWhole = value >= 100 || tenths == tenths.rounded()
    return "\(isWhole ? Int(tenths.rounded()).grouped : tenths.tenths) \(unit)"
  }

  /// A rate, with one digit after the point below 10.
  static func rate(_ perSecond: Double) -> String {
    perSecond < 10 ? perSecond.tenths : Int(min(perSecond, 1e12).rounded()).grouped
  }

  /// The least of 1, 2, 3, 4, 5, 6 and 8 times a power of ten that is not below a number.
  static func niceCeiling(_ number: Double) -> Double {
    guard number > 0, number < 1e15 else { return 1 }
    var power = 1.0
    while power * 10 <= number { power *= 10 }
    while power > number { power /= 10 }
    return [1, 2, 3, 4, 5, 6, 8, 10].map { $0 * power }.first { $0 >= number * 0.999_999 } ?? number
  }
}
