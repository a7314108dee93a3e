import Foundation
import TestSupport
import Testing

/// The console as a person uses it: in Chromium, on S3 objects in SeaweedFS.
@Suite("The console in a browser") struct ConsoleBrowserTests {
  private static let python = SharedData.package.path + "/.venv/bin/python"
  /// The program that was built with the tests.
  private static let elenco = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "elenco").path

  @Test(
    "a run is followed to its end, replayed and cancelled; other sites' pages are refused; both pages are accessible",
    .enabled(if: Browser.isInstalled && SeaweedServer.program != nil, "\(Browser.missing)"),
    .timeLimit(.minutes(10)))
  func browse() throws {
    let seaweed = try SeaweedServer()
    defer { seaweed.stop() }
    let environment = ProcessInfo.processInfo.environment.merging(seaweed.environment) { $1 }
    let program = SharedData.package.path + "/Tests/Python/browse_console.py"
    let output = try ChildProcess.run(Self.python, [program, Self.elenco], environment: environment)
    #expect(try JSONDecoder().decode([String].self, from: Data(output.utf8)) == [])
  }
}
