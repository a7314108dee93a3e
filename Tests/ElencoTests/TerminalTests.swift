import Foundation
import TestSupport
import Testing

@testable import Elenco

@Suite("Terminal output") struct TerminalTests {
  /// Path of the `elenco` executable, which the build places beside the tests.
  private static let command = Bundle.main.executableURL?.deletingLastPathComponent().appending(
    path: "elenco"
  )
  .path

  @Test(
    "a result that cannot be written whole is a failure with its reason",
    arguments: [["--help"], ["run", "--help"]])
  func full(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let errors = folder.path + "/errors"
    let process = try ChildProcess(try #require(Self.command), arguments, output: "/dev/full", errors: errors)
    #expect(process.waitUntilExit() == 1)
    #expect(
      try String(contentsOfFile: errors, encoding: .utf8)
        == "elenco: cannot write to standard output: No space left on device. The result is incomplete.\n")
  }

  @Test("a failed write throws the error code", arguments: [ENOSPC, EBADF])
  func refused(code: Int32) throws {
    let descriptor = code == ENOSPC ? open("/dev/full", O_WRONLY) : open("/dev/null", O_RDONLY)
    defer { close(descriptor) }
    #expect(throws: OutputError(code: code)) { try Terminal.result("done", to: descriptor) }
  }

  @Test("a result whose reader has exited is not a failure") func unread() throws {
    // The reader of the pipe exits before the command starts.
    let script = #"exec 4> >(:); wait $!; "$0" --help >&4; echo $?"#
    let result = try ChildProcess.result("/bin/bash", ["-c", script, try #require(Self.command)])
    #expect(result.output == "0\n" && result.errors == "")
  }

  @Test(
    "a command's help is printed in each usual way",
    arguments: [["status", "--help"], ["status", "-h"], ["help", "status"], ["--help", "status"]])
  func help(arguments: [String]) throws {
    let result = try ChildProcess.result(try #require(Self.command), arguments)
    #expect(result.code == 0 && result.output == HelpText.text(StatusCommand.spec) + "\n")
  }

  @Test("a result is printed whole") func whole() throws {
    let result = try ChildProcess.result(try #require(Self.command), ["--help"])
    #expect(result.code == 0 && result.output == ElencoMain.usage + "\n" && result.errors == "")
  }
}
