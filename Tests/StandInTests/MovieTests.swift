/// The generated movies.csv, counted by awk.
import Foundation
import Testing

@testable import StandIn

@Suite("Movies") struct MovieTests {
  private static func file(_ films: Int) -> [UInt8] {
    var writer = MovieWriter(.scaled(to: films))
    var bytes = Array(MovieWriter.header.utf8)
    while writer.appendFilm(to: &bytes) {}
    return bytes
  }

  @Test("the full counts are those of the real file") func full() {
    #expect(MovieCounts.full.filmsByRows.reduce(0, +) == 244_543)
    #expect(MovieCounts.full.rows == 1_045_116)
    #expect(MovieCounts.full.selected == 59_004)
    #expect(MovieCounts.full.selected + MovieCounts.full.mixed == 135_728)
    #expect(MovieCounts.scaled(to: 244_543) == .full)
  }

  @Test("awk counts the planned films, rows and genres", arguments: [1, 2, 3, 100, 5000])
  func counts(films: Int) throws {
    let counts = MovieCounts.scaled(to: films)
    let bytes = MovieTests.file(films)
    let lines = try awk(
      #"""
      NR > 1 {
        if (NF != 15) bad++
        if ($1 !~ /^tt[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]?$/) bad++
        if ($1 != id) {
          if (id != "" && $1 "" <= id "") bad++
          if (id != "" && (rows < 1 || rows > 10)) bad++
          id = $1; rows = 0; films++; genre[$6]++
          if ($6 ~ /(^|,)(Drama|Romance)(,|$)/) either++
          if ($2 ~ /"/) quoted++
          count = split($6, names, ",")
          if (count > 3) bad++
          for (i = 2; i <= count; i++) if (names[i - 1] >= names[i]) bad++
        } else if ($6 != last) bad++
        last = $6; rows++; all++
      }
      END { print films+0, all+0, genre["Drama"]+0, genre["Romance"]+0, genre["Drama,Romance"]+0, either+0,
        quoted+0, bad+0 }
      """#, bytes)
    let expected = [
      films, counts.rows, counts.drama, counts.romance, counts.dramaRomance,
      counts.selected + counts.mixed, min(films, 2), 0,
    ]
    #expect(lines == expected.map(String.init).joined(separator: " ") + "\n")
  }

  @Test("with a tenth of the films, every count is a tenth") func scaled() {
    let counts = MovieCounts.scaled(to: 24_454)
    #expect(counts.drama == 4775)
    #expect(counts.romance == 257)
    #expect(counts.dramaRomance == 867)
    #expect((104_000...105_000).contains(counts.rows))
    #expect(counts.filmsByRows.reduce(0, +) == 24_454)
  }

  @Test("the bytes are the same every time, lines end with LF, and rows are as long as in the real file")
  func same() {
    let bytes = MovieTests.file(3000)
    #expect(bytes == MovieTests.file(3000))
    #expect(bytes.first == UInt8(ascii: "i"))
    #expect(bytes.last == UInt8(ascii: "\n"))
    #expect(!bytes.contains(UInt8(ascii: "\r")))
    #expect(String(validating: bytes, as: UTF8.self) != nil)
    #expect((160...170).contains(bytes.count / MovieCounts.scaled(to: 3000).rows))
  }

  @Test("the header is exactly that of the real file") func header() {
    #expect(
      MovieWriter.header
        == "id|tituloPincipal|tituloOriginal|anoLancamento|tempoMinutos|genero|notaMedia|numeroVotos|generoArtista|personagem|nomeArtista|anoNascimento|anoFalecimento|profissao|titulosMaisConhecidos\n"
    )
  }

  private func awk(_ program: String, _ bytes: [UInt8]) throws -> String {
    let file = FileManager.default.temporaryDirectory.appending(path: "movies-\(UUID().uuidString).csv")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(bytes).write(to: file)
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["LC_ALL=C", "awk", "-F|", program, file.path]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    return text
  }
}
