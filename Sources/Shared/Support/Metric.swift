/// A metric that CloudWatch extracts from a log line in the embedded metric format.
/// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html)
///
/// The stack is the only dimension. CloudWatch bills each distinct dimension value as a separate metric per month. Run
/// and shard have new values all the time, so they are properties of the line: CloudWatch Logs Insights can query
/// those.
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

  /// The value of a log line's `_aws` field, which declares which fields of the line are metrics.
  ///
  /// Metric names are not escaped: they must be plain ASCII words.
  static func directive(_ metrics: [Metric], at time: UnixTime) -> String {
    let list = metrics.map { #"{"Name":"\#($0.name)","Unit":"\#($0.unit.rawValue)"}"# }.joined(separator: ",")
    return
      #"{"Timestamp":\#(time.nanoseconds / 1_000_000),"CloudWatchMetrics":[{"Namespace":"\#(namespace)","#
      + #""Dimensions":[["\#(dimension)"]],"Metrics":[\#(list)]}]}"#
  }
}
