import TestSupport
import Testing

@testable import Dispatcher

@Suite("Films that were seen")
struct FilmSetTests {
  @Test("are new once, near one another or far apart, as a set of numbers has it")
  func likeASet() {
    var random = SeededRandom(seed: 7)
    var films = FilmSet()
    var numbers: Set<UInt64> = []
    for _ in 0..<20_000 {
      let far = UInt64.random(in: 0..<(1 << 44), using: &random)
      for film in [far, far &+ 1, UInt64.random(in: 0..<5_000, using: &random)] {
        let isNew = films.insert(film)
        #expect(isNew == numbers.insert(film).inserted)
      }
    }
    #expect(films.count == numbers.count)
  }

  @Test("0, and the ends of words and pages, are places of their own")
  func edges() {
    var films = FilmSet()
    let edges: [UInt64] = [0, 1, 63, 64, 127, 128, 255, 256, 511, 512, UInt64.max - 1, UInt64.max]
    #expect(edges.map { films.insert($0) }.allSatisfy { $0 })
    #expect(!edges.map { films.insert($0) }.contains(true))
    #expect(films.count == edges.count)
  }
}
