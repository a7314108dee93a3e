import Glibc
import Shared

/// Shows the progress of a run on standard error: the shards as a strip and a bar on a terminal, otherwise a line every
/// few seconds.
struct ProgressDisplay {
  /// Time between two lines if standard error is not a terminal.
  private static let lineInterval: Duration = .seconds(5)

  private let start: ContinuousClock.Instant
  private var lastLine: ContinuousClock.Instant?
  private var wasOver = false
  private var area = TerminalArea()

  init(start: ContinuousClock.Instant) { self.start = start }

  /// Updates the strip and the bar, or prints a line if one is due or the run has just ended.
  mutating func show(_ progress: RunProgress, at now: ContinuousClock.Instant) {
    if Terminal.isInteractive {
      let (columns, rows) = Terminal.size(of: STDERR_FILENO)
      let lines = Self.lines(
        progress, elapsed: start.duration(to: now), columns: columns, rows: rows, style: Terminal.style)
      Terminal.draw(area.redraw(lines, columns: columns))
    } else if lastLine.map({ now >= $0 + Self.lineInterval }) ?? true || progress.isOver != wasOver {
      Terminal.note(Self.line(progress, elapsed: start.duration(to: now)))
      (lastLine, wasOver) = (now, progress.isOver)
    }
  }

  /// Leaves the strip and the bar as they are; what is printed next goes below them.
  mutating func end() { Terminal.draw(area.leave()) }

  /// The strip of shards and the bar, for a terminal of `columns` columns. If it has too few rows for the strip, the bar
  /// alone.
  static func lines(
    _ progress: RunProgress, elapsed: Duration, columns: Int, rows: Int, style: TerminalStyle
  ) -> [TerminalLine] {
    let strip = ShardStrip(states: progress.shardStates.map(ShardStrip.State.init), style: style)
      .lines(columns: columns)
    let bar = TerminalLine(bar(progress, elapsed: elapsed, columns: columns))
    return strip.count + 1 < rows ? strip + [bar] : [bar]
  }

  /// The progress as text: shards, files and films, the average rate, and the estimated time left.
  static func line(_ progress: RunProgress, elapsed: Duration) -> String {
    let rate = elapsed > .zero ? Double(progress.filmsDone) / elapsed.inSeconds : 0
    var parts = [
      "shards \(progress.shardsDone)/\(progress.shards)",
      "files \(progress.filesDone.grouped)/\(progress.files.grouped)",
      "films \(progress.filmsDone.grouped)/\(progress.films.grouped)",
      "\(Int(rate.rounded()).grouped) films/s",
    ]
    if rate > 0, progress.filmsDone < progress.films {
      parts.append("\(Self.clock(Double(progress.films - progress.filmsDone) / rate)) left")
    }
    if progress.shardsAwaitingRetry > 0 {
      parts.append("\(counted(progress.shardsAwaitingRetry, "shard")) stopped, waiting for Lambda's retry")
    }
    return parts.joined(separator: "  ")
  }

  /// The progress as a bar and text that fit in a terminal of `columns` columns.
  static func bar(_ progress: RunProgress, elapsed: Duration, columns: Int) -> String {
    let text = line(progress, elapsed: elapsed)
    let width = min(30, columns - text.count - 4)
    guard width >= 5 else { return String(text.prefix(max(0, columns - 1))) }
    let filled = progress.films == 0 ? 0 : width * progress.filmsDone / progress.films
    return
      "[\(String(repeating: "#", count: filled))\(String(repeating: ".", count: width - filled))] \(text)"
  }

  /// Formats a number of seconds, rounded up: `42 s`, `3 min 20 s`, `1 h 5 min`.
  static func clock(_ seconds: Double) -> String {
    let whole = Int(min(max(seconds, 0), 1e9).rounded(.up))
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
    return "\(whole / 3600) h \(whole % 3600 / 60) min"
  }
}

extension Int {
  /// The number in decimal, with a comma between groups of three digits: `1,234,567`.
  var grouped: String {
    let digits = String(magnitude)
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { text.append(",") }
      text.append(digit)
    }
    return self < 0 ? "-" + text : text
  }
}
