import Foundation
import Synchronization

/// A child process of a test, terminated at the latest when the value is deinitialized.
///
/// Uses posix_spawn for two things that Foundation's Process does not provide: an unblocked signal mask and exit codes
/// that include the signal.
public final class ChildProcess: Sendable {
  public let processID: pid_t
  private let status = Mutex<Int32?>(nil)

  public struct Failed: Error, CustomStringConvertible {
    public let description: String

    public init(description: String) { self.description = description }
  }

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - program: the path of the executable.
  ///   - environment: replaces the test's environment; nil inherits it.
  ///   - input: the file for standard input.
  ///   - output: the file for standard output; it is truncated.
  ///   - errors: the file for standard error; nil sends it to `output`.
  public init(
    _ program: String, _ arguments: [String], environment: [String: String]? = nil,
    input: String = "/dev/null",
    output: String = "/dev/null", errors: String? = nil
  ) throws {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if let errors {
      posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    } else {
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
    }
    // Swift Testing's threads block signals, and a child process would inherit their signal mask.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let variables = (environment ?? ProcessInfo.processInfo.environment).map { "\($0.key)=\($0.value)" }
    var child: pid_t = 0
    let code = Self.withCStrings([program] + arguments) { words in
      Self.withCStrings(variables) { posix_spawn(&child, program, &actions, &attributes, words, $0) }
    }
    guard code == 0 else { throw Failed(description: "\(program): \(String(cString: strerror(code)))") }
    processID = child
  }

  deinit { terminate() }

  /// Sends a signal, unless the process has already been waited for: its id could belong to another process by then.
  public func send(_ signal: Int32) {
    status.withLock { if $0 == nil { kill(processID, signal) } }
  }

  /// Sends SIGTERM and waits until the process exits.
  public func terminate() {
    send(SIGTERM)
    _ = waitUntilExit()
  }

  /// Waits until the process exits.
  /// - Returns: the exit code; 128 plus the signal number if a signal killed the process.
  public func waitUntilExit() -> Int32 {
    status.withLock { status in
      if let status { return status }
      var raw: Int32 = 0
      while waitpid(processID, &raw, 0) == -1 && errno == EINTR {}
      let code = raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
      status = code
      return code
    }
  }

  /// The exit code and the output of a finished program.
  public struct Result: Sendable {
    public let code: Int32
    public let output: String
    public let errors: String

    public init(code: Int32, output: String, errors: String) {
      (self.code, self.output, self.errors) = (code, output, errors)
    }

    /// The standard output.
    /// - Throws: `Failed` with both outputs if the exit code is not 0.
    public func outputOfSuccess(of command: [String]) throws -> String {
      guard code == 0 else {
        let words = command.joined(separator: " ")
        throw Failed(description: "\(words) exited with code \(code): \(errors)\(output)")
      }
      return output
    }
  }

  /// Runs a program until it exits, with any exit code.
  public static func result(
    _ program: String, _ arguments: [String], environment: [String: String]? = nil, input: String = ""
  ) throws -> Result {
    let folder = try TemporaryFolder()
    let (output, errors) = (folder.path + "/output", folder.path + "/errors")
    let process = try ChildProcess(
      program, arguments, environment: environment, input: try folder.write("input", input), output: output,
      errors: errors)
    let code = process.waitUntilExit()
    return Result(
      code: code, output: try String(contentsOfFile: output, encoding: .utf8),
      errors: try String(contentsOfFile: errors, encoding: .utf8))
  }

  /// Runs a program and requires exit code 0.
  /// - Returns: its standard output.
  /// - Throws: `Failed` with its standard error and standard output if the exit code is not 0.
  @discardableResult
  public static func run(
    _ program: String, _ arguments: [String], environment: [String: String]? = nil, input: String = ""
  ) throws -> String {
    try result(program, arguments, environment: environment, input: input)
      .outputOfSuccess(of: [program] + arguments)
  }

  /// The path of a program in the checkout's `.venv`, on the PATH or in /usr/sbin; nil if it is not installed.
  public static func find(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let folders =
      [SharedData.package.path + "/.venv/bin"] + path.split(separator: ":").map(String.init) + ["/usr/sbin"]
    return folders.map { $0 + "/" + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private static func withCStrings<Value>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value
  ) -> Value {
    let pointers = strings.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    return body(pointers)
  }
}
