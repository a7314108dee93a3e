/// A number that CloudWatch keeps as a metric, taken from a log line in its embedded metric format.
/// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)
///
/// The stack is the only dimension. Each value of a dimension is a metric of its own that is paid for by the month, so
/// run and shard, which are ever new, are properties of the line: CloudWatch Logs Insights finds them.
package struct Metric: Sendable, Equatable {
  package static let namespace = "Elenco"
  package static let dimension = "Stack"

  package enum Unit: String, Sendable {
    case count = "Count"
    case seconds = "Seconds"
  }

  package let name: String
  package let value: Double
  package let unit: Unit

  package static func count(_ name: String, _ value: Int) -> Metric {
    Metric(name: name, value: Double(value), unit: .count)
  }

  package static func seconds(_ name: String, _ value: Double) -> Metric {
    Metric(name: name, value: value, unit: .seconds)
  }

  /// The value of a line's `_aws`, which says what of the line are metrics. Names are plain ASCII words.
  static func directive(_ metrics: [Metric], at time: UnixTime) -> String {
    let list = metrics.map { #"{"Name":"\#($0.name)","Unit":"\#($0.unit.rawValue)"}"# }.joined(separator: ",")
    return
      #"{"Timestamp":\#(time.nanoseconds / 1_000_000),"CloudWatchMetrics":[{"Namespace":"\#(namespace)","#
      + #""Dimensions":[["\#(dimension)"]],"Metrics":[\#(list)]}]}"#
  }
}
