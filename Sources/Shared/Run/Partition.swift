/// Divides a list into consecutive shards whose sizes differ by one at most, the larger ones first.
package enum Partition {
  /// The ranges of `shards` parts of `count` elements. Some parts are empty if there are more parts than elements.
  /// For example, 59,004 elements in 60 parts give 24 parts of 984 and 36 of 983.
  package static func ranges(of count: Int, shards: Int) -> [Range<Int>] {
    guard shards > 0, count >= 0 else { return [] }
    let (size, larger) = count.quotientAndRemainder(dividingBy: shards)
    var start = 0
    return (0..<shards).map { shard in
      let end = start + size + (shard < larger ? 1 : 0)
      defer { start = end }
      return start..<end
    }
  }

  /// The number of parts of up to `size` elements for `count` elements: 984 films in files of 100 need 10 files.
  package static func parts(of count: Int, size: Int) -> Int { (count + size - 1) / size }
}
