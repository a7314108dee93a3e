import Testing

@testable import Elenco
@testable import Shared

@Suite("Run progress") struct RunProgressTests {
  @Test(
    "shard and file number are parsed from the keys of data files, and other keys are ignored",
    arguments: [
      ("p/2026/11/24/Atores-T17-3.json", [17, 3]), ("p/2026/11/24/Atores-T0-10.json", [0, 10]),
      ("p/2026/11/24/Atores-T1-2.jsonl", [1, 2]), ("p/2026/11/24/Atores-T1-2.json.gz", [1, 2]),
      ("p/2026/11/24/Atores-T1-2.jsonl.gz", [1, 2]), ("p/2026/11/24/Atores-T1-2.gz", nil),
      ("p/2026/11/24/Atores-T17-3.csv", nil), ("p/2026/11/24/Atores-T-3.json", nil),
      ("p/2026/11/24/Atores-T17.json", nil), ("p/2026/11/24/_SUCCESS", nil),
      ("p/2026/11/25/Atores-T1-1.json", nil),
      ("p/2026/11/24/Atores-T1-0.json", nil),
    ] as [(String, [Int]?)])
  func key(key: String, expected: [Int]?) {
    let file = RunProgress.DataFile(key: key, folder: "p/2026/11/24/")
    #expect(file.map { [$0.shard, $0.file] } == expected)
  }

  @Test(
    "numbers are grouped by thousands",
    arguments: [
      (0, "0"), (999, "999"), (1000, "1,000"), (59004, "59,004"), (1_234_567, "1,234,567"), (-1000, "-1,000"),
    ])
  func grouped(number: Int, text: String) { #expect(number.grouped == text) }

  @Test(
    "durations are shown in seconds, minutes or hours",
    arguments: [(0.2, "1 s"), (59.0, "59 s"), (200.0, "3 min 20 s"), (3900.0, "1 h 5 min")])
  func clock(seconds: Double, text: String) { #expect(ProgressDisplay.clock(seconds) == text) }
}
