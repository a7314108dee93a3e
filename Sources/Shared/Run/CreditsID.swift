/// Reads the TMDB id of a film from its credits response.
package enum CreditsID {
  /// The largest id that plans and indexes can hold.
  package static let largest = 9_999_999_999

  /// The response's top-level `id`. The response was checked when it was fetched, so reading stops at the id, which is the
  /// first member that TMDB sends.
  /// - Parameter response: an object, which may have other members before the id.
  /// - Returns: nil if there is no id from 1 to `largest`.
  package static func read(_ response: UnsafeRawBufferPointer) -> Int? {
    guard var members = try? JSONObjectScanner(response) else { return nil }
    while let key = try? members.nextKey() {
      guard let value = try? members.skipValue() else { return nil }
      guard members.isKey(key, "id") else { continue }
      let id = Int(String(decoding: response[value], as: UTF8.self))
      return id.flatMap { (1...largest).contains($0) ? $0 : nil }
    }
    return nil
  }

  package static func read(_ response: [UInt8]) -> Int? { response.withUnsafeBytes { read($0) } }
}
