import Foundation
import TestSupport
import Testing

@testable import Elenco
@testable import Shared

/// The commands that read a run, on one of 1,000 shards in an S3 that Python serves.
@Suite("Commands on a large run", .enabled(if: PythonProgram.isInstalled, "\(PythonProgram.missing)"))
struct LargeRunTests {
  private struct Result: Decodable {
    let status: Int32
    let output: String
    let errors: String
    let peakMemoryBytes: Int
  }

  private static let command =
    Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "elenco").path ?? "elenco"

  @Test("status, runs and report use less than 200 MB, and find the run without its name")
  func memory() throws {
    let run = try SyntheticRun("wide", seed: RandomSeed.value % 1_000_000)
    let input = String(decoding: try JSONEncoder().encode(run.objects), as: UTF8.self)
    let folder = try TemporaryFolder()
    let page = folder.path + "/pages/report.html"
    for (arguments, status) in [(["status"], 1), (["runs"], 0), (["report", "--out", page], 0)] {
      let location = ["--bucket", run.objects.bucket, "--prefix", run.objects.prefix]
      let text = try PythonProgram.run(
        "run_with_objects.py", [Self.command] + arguments + location, text: input)
      let result = try JSONDecoder().decode(Result.self, from: Data(text.utf8))
      #expect(result.status == Int32(status), "\(arguments): \(result.errors)")
      #expect((result.output + result.errors).contains(run.objects.run), "\(arguments)")
      #expect(result.peakMemoryBytes < 200_000_000, "\(arguments)")
    }
    let written = try String(contentsOfFile: page, encoding: .utf8)
    let errors: [String] = try PythonProgram.run(
      "check_report.py", input: SyntheticRun.Page(page: written, run: run.objects))
    #expect(errors == [])
    #expect(written.utf8.count < 2_000_000)
  }
}
