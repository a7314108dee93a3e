/// Reads the films of a data file.
package enum DataFileIndex {
  /// The file's keys, which are IMDb ids, in the order of the file. Checks the syntax of the whole file.
  /// - Throws: `JSONError` if the bytes are not one JSON object.
  package static func filmIDs(in bytes: UnsafeRawBufferPointer) throws(JSONError) -> [String] {
    var ids: [String] = []
    var members = try JSONObjectScanner(bytes)
    while let key = try members.nextKey() {
      ids.append(JSONString.decode(UnsafeRawBufferPointer(rebasing: bytes[key])))
      _ = try members.skipValue()
    }
    return ids
  }

  /// TMDB's responses by IMDb id, byte for byte as they were stored.
  /// - Throws: `JSONError` when the bytes are not one JSON object.
  package static func responses(in bytes: UnsafeRawBufferPointer) throws(JSONError) -> [String: [UInt8]] {
    var responses: [String: [UInt8]] = [:]
    var members = try JSONObjectScanner(bytes)
    while let key = try members.nextKey() {
      let id = JSONString.decode(UnsafeRawBufferPointer(rebasing: bytes[key]))
      responses[id] = Array(bytes[try members.skipValueWithSpace()])
    }
    return responses
  }
}
