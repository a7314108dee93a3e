import Foundation
import Shared
import TestSupport
import Testing

@testable import Worker

@Suite("Shard progress") struct ShardProgressTests {
  private static func files(_ sizes: [Int]) -> [Checkpoint.Missing] {
    var start = 0
    return sizes.enumerated().map { index, size in
      defer { start += size }
      let films = (start..<start + size).map { "tt\(1_000_000 + $0)" }
      return Checkpoint.Missing(number: index + 1, films: films[...], isPartial: false)
    }
  }

  @Test(
    "every film is started once and every file is returned once, whatever the order of the responses",
    arguments: 1...20)
  func order(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let sizes = (0..<Int.random(in: 1...12, using: &random)).map { _ in Int.random(in: 1...9, using: &random)
    }
    let files = Self.files(sizes)
    var progress = ShardProgress(files: files, absent: [], filmsPerFile: 9, inFlightMax: 8)
    var (inFlight, started, fullFiles) = ([ShardProgress.Film](), [String](), [FetchedFile]())
    while true {
      while let film = progress.nextFilm() {
        inFlight.append(film)
        started.append(film.id)
      }
      #expect(inFlight.count <= 8)
      guard !inFlight.isEmpty else { break }
      let film = inFlight.remove(at: Int.random(in: 0..<inFlight.count, using: &random))
      progress.finish(film, .credits(Array(film.id.utf8)))
      while let file = progress.takeFull() {
        fullFiles.append(file)
        progress.markWritten(file.position)
      }
    }
    #expect(started == files.flatMap { Array($0.films) }, "seed \(seed)")
    #expect(Set(fullFiles.map(\.number)) == Set(1...sizes.count) && fullFiles.count == sizes.count)
    for file in fullFiles {
      #expect(file.films.map(\.id) == Array(files[file.number - 1].films))
      #expect(file.films.allSatisfy { $0.outcome == .credits(Array($0.id.utf8)) })
    }
    #expect(progress.isFinished)
    let partial = progress.takePartial()
    #expect(partial.isEmpty)
  }

  @Test("a film that does not finish blocks the others only at the end of the window")
  func window() throws {
    var progress = ShardProgress(
      files: Self.files(Array(repeating: 10, count: 50)), absent: [], filmsPerFile: 10, inFlightMax: 4)
    let first = progress.nextFilm()
    let slow = try #require(first)
    var started = 1
    while let film = progress.nextFilm() {
      started += 1
      progress.finish(film, .absent)
      while let file = progress.takeFull() { progress.markWritten(file.position) }
    }
    #expect(started == 10 + 4)
    progress.finish(slow, .absent)
    while let file = progress.takeFull() { progress.markWritten(file.position) }
    let next = progress.nextFilm()
    #expect(next != nil)
  }

  @Test(
    "when time runs out, an unfinished file is returned with its outcomes so far, and its other films as postponed"
  )
  func partial() throws {
    var progress = ShardProgress(files: Self.files([3, 2]), absent: [], filmsPerFile: 3, inFlightMax: 3)
    let films = (0..<3).compactMap { _ in progress.nextFilm() }
    progress.finish(films[1], .credits([1]))
    progress.finish(films[0], .postponed)
    progress.finish(films[2], .absent)
    let partial = progress.takePartial()
    #expect(partial.map(\.number) == [1])
    #expect(partial.first?.films.map(\.outcome) == [.postponed, .credits([1]), .absent])
    #expect(partial.first?.postponed == 1)
    #expect(!progress.isFinished)
  }

  @Test("a partial file is loaded before its films are started, and only its missing films are started")
  func resumed() throws {
    let whole = Self.files([3, 1])
    let files = [Checkpoint.Missing(number: 1, films: whole[0].films, isPartial: true), whole[1]]
    var progress = ShardProgress(files: files, absent: ["tt1000002"], filmsPerFile: 3, inFlightMax: 9)
    let beforeLoading = progress.nextFilm()
    let toLoad = [progress.fileToLoad(), progress.fileToLoad()]
    progress.load(KnownFilms(responses: ["tt1000001": [7]]), into: 0)
    let ids = (0..<3).map { _ in progress.nextFilm()?.id }
    #expect(beforeLoading == nil)
    #expect(toLoad == [0, nil])
    #expect(ids == ["tt1000000", "tt1000003", nil])
  }

  @Test(
    "a last file whose films are all known to be absent ends the shard, however long it is",
    arguments: [(3, 2), (20, 16), (65, 64), (100, 64)])
  func knownTail(absent: Int, inFlightMax: Int) {
    let files = Self.files([100, absent])
    var progress = ShardProgress(
      files: files, absent: Set(files[1].films), filmsPerFile: 100, inFlightMax: inFlightMax)
    var written = 0
    while !progress.isFinished, written < 10 {
      while let film = progress.nextFilm() { progress.finish(film, .credits([])) }
      while let file = progress.takeFull() {
        progress.markWritten(file.position)
        written += 1
      }
    }
    let more = progress.nextFilm()
    #expect(more == nil)
    #expect(written == 2)
  }

  @Test("a file whose films are all known to be absent is written without starting a film")
  func known() {
    var progress = ShardProgress(
      files: Self.files([2]), absent: ["tt1000000", "tt1000001"], filmsPerFile: 2, inFlightMax: 9)
    let film = progress.nextFilm()
    #expect(film == nil)
    let file = progress.takeFull()
    #expect(file?.absent == ["tt1000000", "tt1000001"])
    progress.markWritten(0)
    #expect(progress.isFinished)
  }
}
