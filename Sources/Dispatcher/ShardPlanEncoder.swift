import Shared

/// Encodes a shard's plan as JSON, with exactly the bytes that `JSONText` would write.
///
/// `JSONText` takes almost a microsecond per element, and neither an IMDb id nor a number contains anything to escape.
/// Therefore it encodes the plan without the arrays that have an element per film, and these are inserted afterwards.
enum ShardPlanEncoder {
  static func encode(_ plan: ShardPlan) throws -> [UInt8] {
    var planWithoutFilms = plan
    planWithoutFilms.films = []
    planWithoutFilms.base = plan.base.map {
      ShardBase(run: $0.run, encoding: $0.encoding, files: $0.files, counts: $0.counts, films: [])
    }
    var text = try JSONText.encode(planWithoutFilms)
    if let base = plan.base {
      for (member, numbers) in [
        ("tmdbIDs", base.tmdbIDs), ("keptIn", base.keptIn), ("fetchedOn", base.fetchedOn),
      ] {
        guard let inserted = inserting(numbers, into: member, of: text, append) else {
          return try JSONText.encode(plan)
        }
        text = inserted
      }
    }
    return try inserting(plan.films, into: "films", of: text, append) ?? JSONText.encode(plan)
  }

  /// Inserts elements into an empty array.
  /// - Returns: nil if the text has no array of that name.
  private static func inserting<Element>(
    _ elements: [Element], into member: String, of text: [UInt8], _ append: (Element, inout [UInt8]) -> Void
  ) -> [UInt8]? {
    let start = Array("\"\(member)\":[".utf8)
    // This matches nowhere else, because the quotes would be escaped inside a string.
    guard let position = text.indices.first(where: { text[$0...].starts(with: start) }) else { return nil }
    let insertion = position + start.count
    var encoded = Array(text[..<insertion])
    encoded.reserveCapacity(text.count + 16 * elements.count)
    for (index, element) in elements.enumerated() {
      if index > 0 { encoded.append(UInt8(ascii: ",")) }
      append(element, &encoded)
    }
    return encoded + text[insertion...]
  }

  private static func append(_ film: String, _ text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    text.append(contentsOf: film.utf8)
    text.append(UInt8(ascii: "\""))
  }

  private static func append(_ number: Int, _ text: inout [UInt8]) {
    text.append(contentsOf: String(number).utf8)
  }
}
