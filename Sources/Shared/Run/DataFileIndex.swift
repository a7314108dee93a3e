/// Which films a data file holds.
package enum DataFileIndex {
  /// The file's keys, which are IMDb ids, in their order. The whole file is checked on the way.
  /// - Throws: `JSONError` when it is not one JSON object.
  package static func filmIDs(in bytes: UnsafeRawBufferPointer) throws(JSONError) -> [String] {
    var ids: [String] = []
    var members = try JSONObjectScanner(bytes)
    while let key = try members.nextKey() {
      ids.append(JSONString.decode(UnsafeRawBufferPointer(rebasing: bytes[key])))
      _ = try members.skipValue()
    }
    return ids
  }

  /// The films' answers, byte for byte as they were put in.
  /// - Throws: `JSONError` when the bytes are not one JSON object.
  package static func answers(in bytes: UnsafeRawBufferPointer) throws(JSONError) -> [String: [UInt8]] {
    var answers: [String: [UInt8]] = [:]
    var members = try JSONObjectScanner(bytes)
    while let key = try members.nextKey() {
      let id = JSONString.decode(UnsafeRawBufferPointer(rebasing: bytes[key]))
      answers[id] = Array(bytes[try members.takeSurrounded()])
    }
    return answers
  }
}
