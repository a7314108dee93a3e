/// Decides which requests get a fault, by rules that are tried in order.
struct FaultScript {
  private struct Counted {
    let rule: FaultRule
    var matched = 0
    var applied = 0
  }

  private var rules: [Counted]

  init(_ rules: [FaultRule]) {
    self.rules = rules.map { Counted(rule: $0) }
  }

  /// The fault of the first rule that applies to this request. A rule counts the requests that match it and to which
  /// no earlier rule applied.
  mutating func next(for route: Route) -> FaultRule.Fault? {
    guard !rules.isEmpty else { return nil }
    let film = route.film
    for index in rules.indices {
      let rule = rules[index].rule
      if rule.film.map({ $0 != film }) ?? false { continue }
      if rule.route.map({ $0 != route.name }) ?? false { continue }
      rules[index].matched += 1
      guard rules[index].matched.isMultiple(of: rule.every) else { continue }
      if let times = rule.times, rules[index].applied >= times { continue }
      rules[index].applied += 1
      return rule.fault
    }
    return nil
  }
}
