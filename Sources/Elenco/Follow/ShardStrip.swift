import Shared

/// The states of a run's shards as a strip of cells with a legend, for a terminal.
struct ShardStrip {
  /// The most cells of a strip.
  static let cellsMax = 60

  /// Of several shards that share a cell, it shows the state that comes last here.
  enum State: Int, CaseIterable {
    case complete, waiting, working, lapsed, failed

    init(_ state: RunStatus.State) {
      self =
        switch state {
        case .complete: .complete
        case .waiting: .waiting
        case .running: .working
        case .dead: .lapsed
        case .failed, .stopped: .failed
        }
    }

    /// For the legend.
    var name: String {
      switch self {
      case .complete: "complete"
      case .waiting: "waiting"
      case .working: "at work"
      case .lapsed: "without a worker"
      case .failed: "failed or stopped"
      }
    }

    /// Each state has a sign of its own, so that no reader depends on colours.
    func sign(isUTF8: Bool) -> String {
      switch self {
      case .complete: isUTF8 ? "█" : "#"
      case .waiting: isUTF8 ? "·" : "."
      case .working: isUTF8 ? "▒" : ">"
      case .lapsed: "?"
      case .failed: "X"
      }
    }

    /// Green, dim, cyan, yellow, bold red.
    var color: String {
      switch self {
      case .complete: "32"
      case .waiting: "2"
      case .working: "36"
      case .lapsed: "33"
      case .failed: "1;31"
      }
    }
  }

  /// The states of shard 0 and on.
  let states: [State]
  let style: TerminalStyle

  /// The strip and the legend, for a terminal of `columns` columns. No line takes the last column, where some terminals
  /// wrap.
  func lines(columns: Int) -> [TerminalLine] {
    let width = columns - 1
    guard !states.isEmpty, width > 0 else { return [] }
    let cells = min(states.count, Self.cellsMax, width)
    var strip = TerminalLine()
    for range in Partition.ranges(of: states.count, shards: cells) {
      append(states[range].max { $0.rawValue < $1.rawValue } ?? .waiting, to: &strip)
    }
    return [strip] + legend(width: width, cells: cells)
  }

  private func append(_ state: State, to line: inout TerminalLine) {
    line.append(state.sign(isUTF8: style.isUTF8), color: style.hasColors ? state.color : nil)
  }

  /// The number of shards in each state, on as many lines as it needs.
  private func legend(width: Int, cells: Int) -> [TerminalLine] {
    var entries: [TerminalLine] = []
    for state in State.allCases {
      let count = states.count { $0 == state }
      guard count > 0 else { continue }
      var entry = TerminalLine()
      append(state, to: &entry)
      entry.append(" \(count.grouped) \(state.name)")
      entries.append(entry)
    }
    if cells < states.count {
      let (least, rest) = states.count.quotientAndRemainder(dividingBy: cells)
      let size = rest == 0 ? "\(least.grouped)" : "\(least.grouped) or \((least + 1).grouped)"
      entries.append(TerminalLine("(\(size) shards per sign)"))
    }
    var lines: [TerminalLine] = []
    for entry in entries {
      if let last = lines.last, last.columns + 2 + entry.columns <= width {
        lines[lines.count - 1].append("  ")
        lines[lines.count - 1].append(entry)
      } else if entry.columns <= width {
        lines.append(entry)
      }
    }
    return lines
  }
}
