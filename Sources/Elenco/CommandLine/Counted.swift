/// A count with its noun, in the singular for 1 and otherwise in the plural: `1 shard`, `2,000 films`.
/// - Parameters:
///   - noun: the singular.
///   - plural: nil for a noun whose plural ends in "s".
func counted(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(number.grouped) \(number == 1 ? noun : plural ?? noun + "s")"
}
