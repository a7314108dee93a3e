/// Says which request fails and how, by rules that are asked in their order.
struct FaultScript {
  private struct Counted {
    let rule: FaultRule
    var matched = 0
    var acted = 0
  }

  private var rules: [Counted]

  init(_ rules: [FaultRule]) {
    self.rules = rules.map { Counted(rule: $0) }
  }

  /// The failure of the first rule that acts on this request. A rule counts the requests that reach it: those
  /// that match and that no rule before it acted on.
  mutating func next(for route: Route) -> FaultRule.Failure? {
    guard !rules.isEmpty else { return nil }
    let film = route.film
    for index in rules.indices {
      let rule = rules[index].rule
      if rule.route.map({ $0 != route.name }) ?? false { continue }
      if rule.film.map({ $0 != film }) ?? false { continue }
      rules[index].matched += 1
      let beyond = rules[index].matched - rule.after
      guard beyond > 0, beyond.isMultiple(of: rule.every) else { continue }
      if let times = rule.times, rules[index].acted >= times { continue }
      rules[index].acted += 1
      return rule.failure
    }
    return nil
  }
}
