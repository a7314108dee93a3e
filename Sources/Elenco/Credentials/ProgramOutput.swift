import Glibc
import Shared

/// Runs a program to its end, with limits on its time and its output.
struct ProgramOutput {
  let exitStatus: Int32
  let output: [UInt8]
  /// Standard error, cut off at the limit.
  let errors: [UInt8]

  enum Failure: Error, Equatable {
    case notStarted(errno: Int32)
    case timedOut
    case tooMuchOutput
  }

  private static let pollInterval: Duration = .milliseconds(20)
  private static let errorBytesMax = 16 << 10

  /// Starts a program with this program's environment and no input, and reads what it prints until it exits. A program
  /// that exceeds a limit is killed. The loop goes on meanwhile.
  /// - Parameter path: of the executable.
  /// - Throws: `Failure`; `CancellationError`, after the program was killed.
  static func run(
    _ path: String, _ arguments: [String], timeout: Duration, bytesMax: Int, loop: EventLoop
  ) async throws -> ProgramOutput {
    let child = try Child(path, arguments)
    defer { child.close() }
    let deadline = ContinuousClock.now + timeout
    var (output, errors) = ([UInt8](), [UInt8]())
    while true {
      // What the program has written before it exited is in the pipes then. Pipes that others keep open are not waited for.
      let status = child.exitStatus()
      child.read(from: child.output, into: &output, max: bytesMax + 1)
      child.read(from: child.errors, into: &errors, max: errorBytesMax)
      guard output.count <= bytesMax else { throw Failure.tooMuchOutput }
      if let status { return ProgramOutput(exitStatus: status, output: output, errors: errors) }
      guard ContinuousClock.now < deadline else { throw Failure.timedOut }
      try await loop.sleep(for: pollInterval)
    }
  }

  /// A started program. `close` ends it if it has not exited.
  private final class Child {
    let output: Int32
    let errors: Int32
    private let id: pid_t
    private var status: Int32?

    init(_ path: String, _ arguments: [String]) throws {
      let outputs = try Self.pipe()
      let errors: [Int32]
      do { errors = try Self.pipe() } catch {
        for end in outputs { Glibc.close(end) }
        throw error
      }
      defer { for end in [outputs[1], errors[1]] { Glibc.close(end) } }
      var actions = posix_spawn_file_actions_t()
      posix_spawn_file_actions_init(&actions)
      defer { posix_spawn_file_actions_destroy(&actions) }
      posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_adddup2(&actions, outputs[1], STDOUT_FILENO)
      posix_spawn_file_actions_adddup2(&actions, errors[1], STDERR_FILENO)
      // This program ignores SIGPIPE, which a child would inherit.
      var attributes = posix_spawnattr_t()
      posix_spawnattr_init(&attributes)
      defer { posix_spawnattr_destroy(&attributes) }
      var signals = sigset_t()
      sigemptyset(&signals)
      sigaddset(&signals, SIGPIPE)
      posix_spawnattr_setsigdefault(&attributes, &signals)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF))
      var words = ([path] + arguments).map { strdup($0) } + [nil]
      defer { for word in words { free(word) } }
      var id: pid_t = 0
      let code = posix_spawn(&id, path, &actions, &attributes, &words, environ)
      guard code == 0 else {
        for end in [outputs[0], errors[0]] { Glibc.close(end) }
        throw Failure.notStarted(errno: code)
      }
      (self.id, output, self.errors) = (id, outputs[0], errors[0])
      for end in [output, self.errors] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    }

    /// The exit status, or 128 plus the number of the signal that ended the program; nil while it is running.
    func exitStatus() -> Int32? {
      var raw: Int32 = 0
      if status == nil, waitpid(id, &raw, WNOHANG) == id { status = Self.status(raw) }
      return status
    }

    /// Appends what is in a pipe. Bytes above the limit are read and dropped, so that the program does not wait.
    func read(from pipe: Int32, into bytes: inout [UInt8], max: Int) {
      var buffer = [UInt8](repeating: 0, count: 16 << 10)
      while true {
        let count = Glibc.read(pipe, &buffer, buffer.count)
        guard count > 0 else { return }
        bytes += buffer[..<count].prefix(max - bytes.count)
        if bytes.count == max { return }
      }
    }

    func close() {
      if status == nil {
        kill(id, SIGKILL)
        var raw: Int32 = 0
        while waitpid(id, &raw, 0) == -1 && errno == EINTR {}
      }
      for end in [output, errors] { Glibc.close(end) }
    }

    /// The reading and the writing end of a new pipe.
    private static func pipe() throws -> [Int32] {
      var ends: [Int32] = [-1, -1]
      guard Glibc.pipe(&ends) == 0 else { throw Failure.notStarted(errno: errno) }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return ends
    }

    private static func status(_ raw: Int32) -> Int32 {
      raw & 0x7F == 0 ? (raw >> 8) & 0xFF : 128 + (raw & 0x7F)
    }
  }
}
