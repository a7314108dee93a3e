/// TMDB's response to a request for changes: `{"results":[{"id":123,"adult":false},…],"page":1,"total_pages":46,…}`.
package struct ChangesResponse: Equatable, Sendable {
  /// TMDB ids in the order of the page. An id can appear more than once; entries whose id is null are left out.
  package let films: [Int]
  package let totalPages: Int
  package let totalEntries: Int

  /// The most entries that are accepted on a page. TMDB sends 100.
  static let entriesMax = 10_000
  private static let totalMax = 1 << 40

  /// - Parameter page: the requested page.
  /// - Throws: `ResponseError` if the body is not that page of the list, or if a required member is repeated.
  init(_ body: UnsafeRawBufferPointer, page: Int) throws(ResponseError) {
    var members = Members()
    do {
      var scanner = try JSONObjectScanner(body)
      while let key = try scanner.nextKey() {
        let value = try scanner.skipValue()
        for (index, name) in Members.names.enumerated() where scanner.isKey(key, name) {
          members.add(value, at: index)
        }
      }
    } catch { throw ResponseError(error, in: body) }
    let results = try members.value(0, in: body)
    guard try members.integer(1, in: body) == page else {
      throw .member(problem: "another \"page\" than the requested one")
    }
    totalPages = try members.integer(2, in: body)
    totalEntries = try members.integer(3, in: body)
    films = try Self.ids(in: results)
  }

  /// The required members of the object.
  private struct Members {
    static let names: [StaticString] = ["results", "page", "total_pages", "total_results"]
    private var ranges = [Range<Int>?](repeating: nil, count: Self.names.count)
    private var repeated: Int?

    mutating func add(_ value: Range<Int>, at index: Int) {
      if ranges[index] != nil { repeated = index }
      ranges[index] = value
    }

    func value(_ index: Int, in body: UnsafeRawBufferPointer) throws(ResponseError) -> UnsafeRawBufferPointer
    {
      guard repeated != index else { throw .member(problem: "\"\(Self.names[index])\" more than once") }
      guard let range = ranges[index] else { throw .member(problem: "no \"\(Self.names[index])\"") }
      return UnsafeRawBufferPointer(rebasing: body[range])
    }

    func integer(_ index: Int, in body: UnsafeRawBufferPointer) throws(ResponseError) -> Int {
      guard let number = Shared.integer(try value(index, in: body)), (0...totalMax).contains(number) else {
        throw .member(problem: "a \"\(Self.names[index])\" that is not a number of pages or entries")
      }
      return number
    }
  }

  /// - Parameter array: a value whose syntax has been checked.
  private static func ids(in array: UnsafeRawBufferPointer) throws(ResponseError) -> [Int] {
    guard array.first == UInt8(ascii: "[") else {
      throw .member(problem: "\"results\" that are not an array")
    }
    let elements = UnsafeRawBufferPointer(rebasing: array.dropFirst())
    var scanner = JSONScanner(elements)
    var ids: [Int] = []
    var entries = 0
    scanner.skipSpace()
    guard !scanner.take(UInt8(ascii: "]")) else { return ids }
    repeat {
      scanner.skipSpace()
      let start = scanner.position
      do { try scanner.skipValue() } catch { throw ResponseError(error, in: array) }
      let entry = UnsafeRawBufferPointer(rebasing: elements[start..<scanner.position])
      if let id = try id(of: entry) { ids.append(id) }
      entries += 1
      guard entries <= entriesMax else { throw .member(problem: "more than \(entriesMax) \"results\"") }
      scanner.skipSpace()
    } while scanner.take(UInt8(ascii: ","))
    return ids
  }

  /// An entry's id; nil if it is null, as TMDB's sometimes is (https://github.com/jellyfin/TMDbLib/issues/296).
  private static func id(of entry: UnsafeRawBufferPointer) throws(ResponseError) -> Int? {
    var found: Range<Int>?
    var count = 0
    guard entry.first == UInt8(ascii: "{") else { throw .member(problem: "a result that is not an object") }
    do {
      var members = try JSONObjectScanner(entry)
      while let key = try members.nextKey() {
        let value = try members.skipValue()
        guard members.isKey(key, "id") else { continue }
        (found, count) = (value, count + 1)
      }
    } catch { throw ResponseError(error, in: entry) }
    guard count == 1, let found else { throw .member(problem: "a result with \(count) ids") }
    let value = UnsafeRawBufferPointer(rebasing: entry[found])
    if value.elementsEqual("null".utf8) { return nil }
    guard let id = integer(value), id > 0 else {
      throw .member(problem: "a result with an id that is not TMDB's")
    }
    return id
  }
}
