import Shared

/// A shard's plan as JSON, byte for byte as `JSONText` writes it.
///
/// The encoder takes most of a microsecond for a film, and an IMDb id has nothing to escape: so it gets the plan
/// without its films, and the ids are put in as they are.
enum ShardPlanEncoder {
  static func encode(_ plan: ShardPlan) throws -> [UInt8] {
    var bare = plan
    bare.films = []
    let text = try JSONText.encode(bare)
    let member = Array("\"films\":[".utf8)
    // Found nowhere else: inside a string its quotes would be escaped.
    guard let start = text.indices.first(where: { text[$0...].starts(with: member) }) else {
      return try JSONText.encode(plan)
    }
    let place = start + member.count
    var whole = Array(text[..<place])
    whole.reserveCapacity(text.count + 16 * plan.films.count)
    for (index, film) in plan.films.enumerated() {
      whole.append(contentsOf: index == 0 ? "\"".utf8 : ",\"".utf8)
      whole.append(contentsOf: film.utf8)
      whole.append(UInt8(ascii: "\""))
    }
    return whole + text[place...]
  }
}
