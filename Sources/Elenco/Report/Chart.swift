import Shared

/// A picture of numbers over the page's time axis, or over another one. It is an SVG that is as wide as the page: places
/// are percentages, and only the curves are stretched. Its text alternative is the sentence below it.
struct Chart {
  /// Name of the chart in the page's element ids.
  let id: String
  let title: String
  /// One or two sentences with the main facts.
  let facts: String
  /// What the vertical axis counts, with its unit.
  let unit: String
  /// The top of the vertical axis.
  let top: Double
  let label: (Double) -> String
  /// Places between 0 and `TimeScale.width`.
  let ticks: [(place: Double, label: String)]
  var cuts: [(place: Double, seconds: Double)] = []
  /// Paths in a box of `TimeScale.width` by `boxHeight`, in the order of drawing.
  let curves: [Curve]
  var note: String?

  struct Curve {
    /// A class of the page's style.
    let style: String
    let name: String
    /// Nil leaves the curve out of the legend.
    let key: Key?
    let path: String
  }

  /// How the legend shows a curve.
  enum Key: String { case line, dashed, area, bar }

  static let boxHeight = 100.0
  /// In pixels.
  private static let (above, height, below) = (18.0, 150.0, 22.0)

  var html: HTML {
    """
    <figure class="chart" id="\(id)"><h3>\(title)</h3>
    <ul class="legend">\(curves.compactMap(legend))</ul>
    <svg class="picture" width="100%" height="\(Self.above + Self.height + Self.below)" role="img" \
    aria-labelledby="\(id)-facts">
    \(grid)<svg x="0" y="\(Self.above)" width="100%" height="\(Self.height)" \
    viewBox="0 0 \(TimeScale.width) \(Self.boxHeight)" preserveAspectRatio="none">\(curves.map(drawn))</svg>
    \(values)\(axis)</svg>
    <figcaption><p id="\(id)-facts">\(facts)</p>\(noteHTML)</figcaption></figure>

    """
  }

  private var noteHTML: HTML { note.map { "<p class=\"note\">\($0)</p>" } ?? "" }

  private func legend(_ curve: Curve) -> HTML? {
    curve.key.map {
      "<li><svg class=\"key\" width=\"22\" height=\"12\" aria-hidden=\"true\">\(keyShape($0, curve.style))</svg>\(curve.name)</li>"
    }
  }

  private func keyShape(_ key: Key, _ style: String) -> HTML {
    switch key {
    case .line, .dashed: "<path class=\"\(style)\" d=\"M0 6H22\"/>"
    case .area: "<path class=\"\(style)\" d=\"M0 2H22V12H0Z\"/>"
    case .bar: "<path class=\"\(style)\" d=\"M9 2H13V12H9Z\"/>"
    }
  }

  private func drawn(_ curve: Curve) -> HTML { "<path class=\"\(curve.style)\" d=\"\(curve.path)\"/>" }

  /// The values of the vertical axis that have a line: the top and its half.
  private var lines: [Double] { [top, top / 2] }

  private func y(_ value: Double) -> Double { Self.above + Self.height * (1 - value / top) }

  private var grid: HTML {
    "\(lines.map { "<line class=\"grid\" x1=\"0\" x2=\"100%\" y1=\"\(y($0))\" y2=\"\(y($0))\"/>" as HTML })"
  }

  /// Labels above their lines at the left, where they are as legible on a phone as on a large screen.
  private var values: HTML {
    let units = lines.enumerated().map { position, value in
      let text = label(value) + (position == 0 ? " \(unit)" : "")
      return "<text class=\"value\" x=\"2\" y=\"\(y(value) - 4)\">\(text)</text>" as HTML
    }
    return "\(units)"
  }

  private var axis: HTML {
    let base = Self.above + Self.height
    return """
      <line class="base" x1="0" x2="100%" y1="\(base)" y2="\(base)"/>\
      \(TimeAxis.marks(ticks, cuts, top: Self.above, base: base))
      """
  }

  // MARK: - Paths

  /// The height in the box of a value.
  static func boxY(_ value: Double, top: Double) -> Double {
    boxHeight * (1 - min(max(value / top, 0), 1))
  }

  /// Steps through one value per bin, over the whole width.
  static func steps(_ values: [Double], top: Double, isClosed: Bool) -> String {
    var path = isClosed ? "M0 \(HTML.decimal(boxHeight))" : ""
    var last: String?
    for (bin, value) in values.enumerated() {
      let height = HTML.decimal(boxY(value, top: top))
      guard height != last else { continue }
      let x = HTML.decimal(TimeScale.width * Double(bin) / Double(values.count))
      path += last == nil ? (isClosed ? "V\(height)" : "M0 \(height)") : "H\(x)V\(height)"
      last = height
    }
    path += "H\(HTML.decimal(TimeScale.width))"
    return isClosed ? path + "V\(HTML.decimal(boxHeight))Z" : path
  }

  /// A line through points, with gaps where there is no value.
  static func line(_ points: [(x: Double, y: Double?)], top: Double) -> String {
    var (path, isDown) = ("", false)
    for point in points {
      guard let value = point.y else {
        isDown = false
        continue
      }
      path += "\(isDown ? "L" : "M")\(HTML.decimal(point.x)) \(HTML.decimal(boxY(value, top: top)))"
      isDown = true
    }
    return path
  }

  /// A bar per value, with a small distance between them.
  static func bars(_ values: [Double], top: Double, fill: Double = 0.8) -> String {
    let width = TimeScale.width / Double(max(1, values.count))
    var path = ""
    for (position, value) in values.enumerated() where value > 0 {
      let left = (Double(position) + (1 - fill) / 2) * width
      // A value that is small beside the others stays visible.
      let height = min(boxY(value, top: top), boxHeight - 2)
      path += "M\(HTML.decimal(left)) \(HTML.decimal(boxHeight))V\(HTML.decimal(height))"
      path += "h\(HTML.decimal(width * fill))V\(HTML.decimal(boxHeight))z"
    }
    return path
  }
}

/// The labels of a time axis.
enum TimeAxis {
  /// - Parameters:
  ///   - top: of the lines that mark what is cut out, in pixels.
  ///   - base: the axis's line, in pixels. The labels are below it.
  static func marks(
    _ ticks: [(place: Double, label: String)], _ cuts: [(place: Double, seconds: Double)], top: Double,
    base: Double
  ) -> HTML {
    let labels = ticks.map { tick -> HTML in
      let anchor = tick.place < 40 ? "start" : tick.place > TimeScale.width - 60 ? "end" : "middle"
      let x = percent(tick.place)
      return """
        <line class="tick" x1="\(x)" x2="\(x)" y1="\(base)" y2="\(base + 4)"/>\
        <text class="tick" x="\(x)" y="\(base + 17)" text-anchor="\(anchor)">\(tick.label)</text>
        """
    }
    let marks = cuts.map { cut -> HTML in
      let x = percent(cut.place)
      return """
        <line class="cut" x1="\(x)" x2="\(x)" y1="\(top)" y2="\(base)"><title>\
        \("\(Quantity.duration(cut.seconds)) without a worker, not shown")</title></line>
        """
    }
    return "\(labels)\(marks)"
  }

  static func percent(_ place: Double) -> String { HTML.decimal(place / TimeScale.width * 100) + "%" }
}
