import TestSupport
import Testing

@testable import Dispatcher

@Suite("Film set")
struct FilmSetTests {
  @Test("inserting films, close together or far apart, gives the same results as a Set of numbers")
  func likeASet() {
    var random = SeededRandom(seed: 7)
    var films = FilmSet()
    var numbers: Set<UInt64> = []
    for _ in 0..<20_000 {
      let far = UInt64.random(in: 0..<(1 << 40) - 1, using: &random)
      for film in [far, far + 1, UInt64.random(in: 0..<5_000, using: &random)] {
        let isNew = films.insert(film)
        #expect(isNew == numbers.insert(film).inserted)
      }
    }
    #expect(films.count == numbers.count)
  }

  @Test("0 and the first and last numbers of words and pages are distinct films")
  func edges() {
    var films = FilmSet()
    let edges: [UInt64] = [0, 1, 63, 64, 127, 128, 255, 256, 511, 512, 1 << 40 - 2, 1 << 40 - 1]
    #expect(edges.map { films.insert($0) }.allSatisfy { $0 })
    #expect(!edges.map { films.insert($0) }.contains(true))
    #expect(films.count == edges.count)
  }

  @Test(
    "films in ascending, descending and random order are each new once, for any hash seed",
    arguments: [0, 1, 0x9E37_79B9_7F4A_7C15, UInt64.max])
  func orders(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    // About as dense as the films among IMDb's ids: about six share a page, and the table grows nine times.
    let ascending = (0..<150_000).map { 1 << 34 | UInt64($0 * 40 + Int.random(in: 0..<40, using: &random)) }
    for order in [ascending, ascending.reversed(), ascending.shuffled(using: &random)] {
      var films = FilmSet(seed: seed)
      var numbers: Set<UInt64> = []
      let wrong = order.count { film in
        let repeated = order[Int.random(in: 0..<order.count, using: &random)]
        return films.insert(film) != numbers.insert(film).inserted
          || films.insert(repeated) != numbers.insert(repeated).inserted
      }
      #expect(wrong == 0)
      #expect(films.count == numbers.count)
    }
  }
}
