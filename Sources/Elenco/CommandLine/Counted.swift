/// A count with its noun, in the singular for 1 and otherwise in the plural: `1 shard`, `2,000 films`.
/// - Parameter noun: the singular of a noun whose plural ends in "s".
func counted(_ number: Int, _ noun: String) -> String { "\(number.grouped) \(noun)\(number == 1 ? "" : "s")" }
