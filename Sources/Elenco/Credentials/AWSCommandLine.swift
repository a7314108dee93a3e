import Glibc
import Shared

/// Gets credentials from the AWS CLI, which knows every kind of profile.
struct AWSCommandLine: Sendable {
  /// Long enough to type the code of an MFA device, for which the AWS CLI asks on the terminal.
  private static let timeout: Duration = .seconds(60)
  private static let bytesMax = 64 << 10

  /// The path of the executable.
  let path: String
  /// Nil for the AWS CLI's choice.
  let profile: String?

  /// Finds `aws` in the absolute folders of PATH.
  static func path(environment: [String: String]) -> String? {
    (environment["PATH"] ?? "").split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/aws" }
      .first { access($0, X_OK) == 0 }
  }

  private var arguments: [String] {
    ["configure", "export-credentials", "--format", "process"] + (profile.map { ["--profile", $0] } ?? [])
  }

  /// Runs `aws configure export-credentials` (version 2 of the AWS CLI).
  /// - Throws: `ExportFailed`, which contains nothing that the program has printed to standard output.
  func credentials(loop: EventLoop) async throws -> ExportedCredentials {
    let result: ProgramOutput
    do {
      result = try await ProgramOutput.run(
        path, arguments, timeout: Self.timeout, bytesMax: Self.bytesMax, loop: loop)
    } catch let failure as ProgramOutput.Failure {
      switch failure {
      case .notStarted(let code): throw error("cannot be started: \(String(cString: strerror(code)))")
      case .timedOut: throw error("did not end within \(Int(Self.timeout.inSeconds)) s and was stopped")
      case .tooMuchOutput: throw error("printed more than credentials take")
      }
    }
    guard result.exitStatus == 0 else {
      let reason = String(decoding: result.errors, as: UTF8.self)
      guard !reason.contains("nvalid choice") else {
        throw error(
          "is not supported by \(path.onOneLine), because it is not version 2 of the AWS CLI",
          advice: "Install version 2")
      }
      throw error(
        "failed with exit status \(result.exitStatus): \(Self.sentence(reason))")
    }
    do { return try ExportedCredentials(parsing: result.output) } catch {
      throw self.error("printed something other than credentials: \(error.reason)")
    }
  }

  private func error(_ problem: String, advice: String? = nil) -> ExportFailed {
    let check = (["aws", "sts", "get-caller-identity"] + (profile.map { ["--profile", $0] } ?? []))
      .joined(separator: " ")
    return ExportFailed(
      command: (["aws"] + arguments).joined(separator: " "), problem: problem,
      advice: advice ?? "Repair the profile until this command works: \(check)")
  }

  /// A program's error output as one line.
  private static func sentence(_ text: String) -> String {
    let words = text.split { $0.isWhitespace }.joined(separator: " ").onOneLine
    return words.isEmpty ? "it says nothing" : String(words.prefix(1_000))
  }
}

/// The AWS CLI did not supply credentials.
struct ExportFailed: Error, CustomStringConvertible {
  let command: String
  let problem: String
  let advice: String

  var description: String {
    "no AWS credentials: \(command.onOneLine) \(problem)\(problem.hasSuffix(".") ? "" : ".") \(advice.onOneLine)\n"
      + "Without the AWS CLI: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN for a role."
  }
}
