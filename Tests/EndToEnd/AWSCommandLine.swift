import Foundation
import Synchronization
import TestSupport

/// The AWS CLI, running in one process for many commands: starting it takes a second of processor time.
final class AWSCommandLine: Sendable {
  private struct Connection: ~Copyable {
    let process: Process
    let commands: FileHandle
    let answers: FileHandle
    /// Bytes that were read after the last answer.
    var rest = Data()
  }

  private struct Answer: Decodable {
    let code: Int32
    let output, errors: String
  }

  private let connection: Mutex<Connection>

  /// - Parameter environment: the endpoint, the credentials and the region of all commands.
  init(environment: [String: String]) throws {
    let process = Process()
    let (commands, answers) = (Pipe(), Pipe())
    process.executableURL = URL(filePath: SharedData.package.path + "/.venv/bin/python")
    process.arguments = [SharedData.package.path + "/Tests/Python/aws_commands.py"]
    process.environment = environment
    process.standardInput = commands
    process.standardOutput = answers
    try process.run()
    connection = Mutex(
      Connection(
        process: process, commands: commands.fileHandleForWriting, answers: answers.fileHandleForReading))
  }

  /// Runs a command, and waits until it has ended.
  func run(_ arguments: [String]) throws -> ChildProcess.Result {
    try connection.withLock { connection in
      var line = try JSONEncoder().encode(arguments)
      line.append(UInt8(ascii: "\n"))
      try connection.commands.write(contentsOf: line)
      while true {
        if let end = connection.rest.firstIndex(of: UInt8(ascii: "\n")) {
          let answer = try JSONDecoder().decode(Answer.self, from: connection.rest[..<end])
          connection.rest = Data(connection.rest[(end + 1)...])
          return ChildProcess.Result(code: answer.code, output: answer.output, errors: answer.errors)
        }
        // read(upToCount:) would wait until it has all bytes.
        let bytes = connection.answers.availableData
        guard !bytes.isEmpty else {
          throw ChildProcess.Failed(description: "the AWS CLI ended during aws \(arguments)")
        }
        connection.rest += bytes
      }
    }
  }

  /// Ends the process, which has no state.
  func stop() {
    connection.withLock { connection in
      kill(connection.process.processIdentifier, SIGKILL)
      connection.process.waitUntilExit()
    }
  }
}
