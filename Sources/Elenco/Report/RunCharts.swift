import Shared

/// The charts of a run: requests per second, films over time, response times, and the sizes of the files.
enum RunCharts {
  static func html(_ run: RunHistory) -> HTML {
    let sizes = sizes(run).map(\.html)
    guard run.hasSeries else {
      return """
        <p>The reports of this run have no record of what happened over time, because no request was sent, or because \
        the workers were of an earlier version.</p>
        \(sizes ?? "")
        """
    }
    return "\(rate(run).html)\(films(run).html)\(responseTimes(run).html)\(sizes ?? "")"
  }

  // MARK: - Over time

  static func rate(_ run: RunHistory) -> Chart {
    let bins = run.bins
    let sent = bins.sent.map { $0 / bins.binSeconds }
    let refused = bins.throttled.map { $0 / bins.binSeconds }
    let peak = sent.max() ?? 0
    let top = Quantity.niceCeiling(max(peak, (run.ceiling ?? 0) * 1.05))
    let total = run.shards.total { $0.series.buckets.total(\.sent) }
    let throttled = run.shards.total { $0.series.buckets.total(\.throttled) }
    let mean = Double(total) / max(1, run.scale.seconds)
    var facts = "\(counted(total, "request")) in \(Quantity.duration(run.scale.seconds)): "
    facts += "\(Quantity.rate(mean)) per second on average, \(Quantity.rate(peak)) at most"
    facts += run.ceiling.map { ", under a ceiling of \(Quantity.rate($0))." } ?? "; the run has no ceiling."
    let times = bins.throttled.indices.filter { bins.throttled[$0] > 0 }
    if let first = times.first, let last = times.last {
      facts += " TMDB refused \(counted(throttled, "request")) with status 429, "
      facts += period(run, from: bins.place(first), to: bins.place(last + 1))
    } else {
      facts += " TMDB refused none of them with status 429."
    }
    var curves = [
      Chart.Curve(
        style: "area", name: "requests per second", key: .area,
        path: Chart.steps(sent, top: top, isClosed: true))
    ]
    if throttled > 0 {
      curves.append(
        Chart.Curve(
          style: "refused", name: "of these, refused with 429", key: .bar,
          path: Chart.bars(refused, top: top, fill: 1)))
    }
    if let ceiling = run.ceiling {
      curves.append(
        Chart.Curve(
          style: "ceiling", name: "ceiling", key: .dashed,
          path: Chart.line([(0, ceiling), (TimeScale.width, ceiling)], top: top)))
    }
    var note = pauses(run)
    if total != run.requests {
      let difference = "The totals of the shards' reports are \(counted(run.requests, "request")). "
      note = difference + "The chart also has requests of workers that died. " + (note ?? "")
    }
    return chart(
      run, id: "rate", title: "Requests per second", facts: facts, unit: "per second", top: top,
      label: Quantity.rate, curves: curves, note: note)
  }

  static func films(_ run: RunHistory) -> Chart {
    let bins = run.bins
    var (total, points) = (0.0, [(x: 0.0, y: Double?(0))])
    for bin in 0..<bins.count {
      total += bins.films[bin]
      points.append((bins.place(bin + 1), total))
    }
    let expected = run.films.map { $0 - (run.refresh?.counts.kept ?? 0) }
    let top = Quantity.niceCeiling(max(2, total, Double(expected ?? 0)))
    var curves = [
      Chart.Curve(
        style: "line", name: "films with an outcome", key: .line, path: Chart.line(points, top: top))
    ]
    let fetched = run.filmsFetched
    var facts = "\(counted(fetched, "film")) got an outcome from TMDB"
    facts += expected.map { ", of \($0.grouped) to fetch," } ?? ""
    facts += " in \(Quantity.duration(run.scale.seconds))."
    if let forecast = run.forecast, let expected {
      let end = forecast.seconds / run.scale.secondsPerUnit
      curves.insert(
        Chart.Curve(
          style: "forecast", name: "forecast", key: .dashed,
          path: Chart.line([(0, 0), (min(end, 1e7), Double(expected))], top: top)), at: 0)
      facts += " The forecast for the whole run is \(Quantity.duration(forecast.seconds))."
    }
    return chart(
      run, id: "films", title: "Films over time", facts: facts, unit: "films", top: top,
      label: { $0 < 10 ? $0.plain : Int($0).grouped }, curves: curves, note: nil)
  }

  static func responseTimes(_ run: RunHistory) -> Chart {
    let bins = run.bins
    let mean = (0..<bins.count).map { bin -> Double? in
      bins.responses[bin] >= 0.01 ? bins.responseMilliseconds[bin] / bins.responses[bin] : nil
    }
    let slowest = bins.slowestMilliseconds
    let top = Quantity.niceCeiling(max(slowest.max() ?? 0, 1))
    let middle = { (bin: Int) in (bins.place(bin) + bins.place(bin + 1)) / 2 }
    let responses = run.shards.total { $0.series.buckets.total(\.responses) }
    let milliseconds = run.shards.total { $0.series.buckets.total(\.responseMilliseconds) }
    let longest = run.shards.flatMap { $0.series.buckets.map(\.slowestMilliseconds) }.max() ?? 0
    let average = Double(milliseconds) / Double(max(1, responses))
    let facts =
      "\(counted(responses, "response")), after \(Quantity.milliseconds(average)) on average and "
      + "\(Quantity.milliseconds(Double(longest))) at most."
    // A single bin is drawn as a level.
    let points =
      mean.count == 1
      ? [(0.0, mean[0]), (TimeScale.width, mean[0])] : mean.enumerated().map { (middle($0), $1) }
    return chart(
      run, id: "responses", title: "Response times", facts: facts, unit: "", top: top,
      label: Quantity.milliseconds,
      curves: [
        Chart.Curve(
          style: "range", name: "slowest response", key: .area,
          path: Chart.steps(slowest, top: top, isClosed: true)),
        Chart.Curve(
          style: "line", name: "mean", key: .line,
          path: Chart.line(points.map { (x: $0.0, y: $0.1) }, top: top)
        ),
      ], note: nil)
  }

  private static func chart(
    _ run: RunHistory, id: String, title: String, facts: String, unit: String, top: Double,
    label: @escaping (Double) -> String, curves: [Chart.Curve], note: String?
  ) -> Chart {
    Chart(
      id: id, title: title, facts: facts, unit: unit, top: top, label: label, ticks: run.scale.ticks(),
      cuts: run.scale.cuts, curves: curves, note: note)
  }

  private static func period(_ run: RunHistory, from: Double, to: Double) -> String {
    "between \(RunStory.time(run.scale.time(from), run)) and \(RunStory.time(run.scale.time(to), run)) UTC."
  }

  /// How often TMDB asked for pauses.
  private static func pauses(_ run: RunHistory) -> String? {
    let paused = run.shards.count { $0.pausedSeconds > 0 }
    guard paused > 0 else { return nil }
    let longest = run.shards.map(\.pausedSeconds).max() ?? 0
    return
      "TMDB asked \(counted(paused, "shard")) to wait, the longest for \(Quantity.duration(longest)) in all."
  }

  // MARK: - Files

  private static let sizeBins = 24

  /// Nil if the run has no file.
  static func sizes(_ run: RunHistory) -> Chart? {
    let sizes = run.files.map { max(0, $0.bytes) }.sorted()
    guard let smallest = sizes.first, let largest = sizes.last else { return nil }
    let width = Quantity.niceCeiling(Double(max(1, largest)) / Double(sizeBins))
    let bins = Int((Double(largest) / width).rounded(.down)) + 1
    var counts = [Double](repeating: 0, count: bins)
    for size in sizes { counts[min(bins - 1, Int(Double(size) / width))] += 1 }
    let top = Quantity.niceCeiling(max(2, counts.max() ?? 0))
    let median = sizes[sizes.count / 2]
    let facts =
      "\(counted(sizes.count, "data file")), \(Quantity.bytes(run.bytes)) in all: the smallest "
      + "\(Quantity.bytes(smallest)), the median \(Quantity.bytes(median)), the largest \(Quantity.bytes(largest))."
    let step = max(1, bins / 4)
    let ticks = stride(from: 0, through: bins - 1, by: step).map { bin in
      (place: TimeScale.width * Double(bin) / Double(bins), label: Quantity.bytes(Int(Double(bin) * width)))
    }
    return Chart(
      id: "sizes", title: "File sizes", facts: facts, unit: "files", top: top, label: { $0.plain },
      ticks: ticks,
      curves: [
        Chart.Curve(
          style: "area", name: "data files by size", key: .area, path: Chart.bars(counts, top: top))
      ])
  }
}
