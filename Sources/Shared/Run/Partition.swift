/// The division of a list into shards whose sizes differ by one at most, the larger first, order kept.
package enum Partition {
  /// The ranges of `count` elements in `shards` parts; a part may be empty when there are more parts than elements.
  /// 59,004 in 60 are 24 of 984 and 36 of 983.
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

  /// How many parts of `size` hold `count`: 984 films in files of 100 are 10 files.
  package static func parts(of count: Int, size: Int) -> Int { (count + size - 1) / size }
}
