import Glibc

/// Credentials and region for the command line: from the environment, else from a profile in the AWS CLI's files. What
/// these do not have as plain keys, the AWS CLI can find.
package struct CommandLineCredentials: Sendable, Equatable {
  package enum Keys: Sendable, Equatable {
    case given(Credentials)
    /// The AWS CLI finds them: those of a role, of SSO, of an external process, or of the machine.
    /// - Parameters:
    ///   - profile: nil for the AWS CLI's choice.
    ///   - reason: why there are no keys and how to supply some, in case the AWS CLI is not installed.
    case exported(profile: String?, reason: ConfigurationError)
  }

  package let keys: Keys
  package let region: String

  /// The most bytes that are read of a file. Real files are far smaller.
  private static let fileBytesMax = 1 << 20
  /// Settings with which a profile gets its credentials elsewhere. They take precedence over keys, as in the AWS CLI.
  private static let delegating = ["role_arn", "sso_session", "sso_start_url"]

  /// - Parameter read: returns a file's text, or nil if it cannot be read.
  /// - Throws: `ConfigurationError`, which says what is missing and how to supply it.
  package init(
    environment: [String: String], read: (String) -> String? = CommandLineCredentials.readFile
  ) throws(ConfigurationError) {
    func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    let profile = variable("AWS_PROFILE") ?? "default"
    let home = variable("HOME") ?? ""
    let keysFile = variable("AWS_SHARED_CREDENTIALS_FILE") ?? "\(home)/.aws/credentials"
    let settingsFile = variable("AWS_CONFIG_FILE") ?? "\(home)/.aws/config"
    let keys = ProfileFile(read(keysFile) ?? "")[profile]
    // In the config file, sections are named "profile NAME", except "default".
    let settings = ProfileFile(read(settingsFile) ?? "")[
      profile == "default" ? "default" : "profile \(profile)"]
    guard
      let region = variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? settings?["region"]
        ?? keys?["region"]
    else {
      throw ConfigurationError("no AWS region is set: set AWS_REGION, or region in \(settingsFile).")
    }
    self.region = region
    if let credentials = try Credentials(environment: environment) {
      self.keys = .given(credentials)
      return
    }
    let delegates = [keys, settings].contains { profile in
      Self.delegating.contains { profile?[$0] != nil }
    }
    // A process comes after the keys of the credentials file, and before those of the config file.
    let hasProcess = [keys, settings].contains { $0?["credential_process"] != nil }
    let files = hasProcess ? [keys] : [keys, settings]
    if !delegates, let credentials = files.lazy.compactMap({ $0.flatMap(Self.keys) }).first {
      self.keys = .given(credentials)
      return
    }
    let reason =
      keys == nil && settings == nil
      ? "no AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or add the profile \"\(profile)\" to "
        + "\(keysFile)."
      : "the profile \"\(profile)\" has no access keys of its own. For a role, SSO or an external process, install "
        + "version 2 of the AWS CLI, which elenco asks for credentials; or set AWS_ACCESS_KEY_ID and "
        + "AWS_SECRET_ACCESS_KEY."
    // With a name, the AWS CLI requires that the profile exists.
    self.keys = .exported(
      profile: variable("AWS_PROFILE"), reason: ConfigurationError(reason))
  }

  private static func keys(_ values: [String: String]) -> Credentials? {
    guard let id = values["aws_access_key_id"], let secret = values["aws_secret_access_key"] else {
      return nil
    }
    return Credentials(
      accessKeyID: id, secretAccessKey: Secret(secret),
      sessionToken: values["aws_session_token"].map { Secret($0) })
  }

  /// Reads a text file, up to `fileBytesMax` bytes; nil if it cannot be opened.
  package static func readFile(_ path: String) -> String? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: fileBytesMax)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

/// The sections of an AWS CLI file: `[name]`, followed by `key = value` lines. `#` and `;` start a comment line
/// (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html).
struct ProfileFile {
  private var sections: [String: [String: String]] = [:]

  init(_ text: String) {
    var section: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let trimmed = Self.trim(line)
      guard let first = trimmed.first, first != "#", first != ";" else { continue }
      if first == "[", let end = trimmed.firstIndex(of: "]") {
        let name = Self.trim(trimmed[trimmed.index(after: trimmed.startIndex)..<end])
        section = name
        sections[name, default: [:]] = sections[name] ?? [:]
      } else if let section, line.first?.isWhitespace == false, let equals = trimmed.firstIndex(of: "=") {
        // An indented line is part of a nested setting. Elenco uses none of those.
        sections[section]?[Self.trim(trimmed[..<equals])] = Self.trim(
          trimmed[trimmed.index(after: equals)...])
      }
    }
  }

  subscript(_ name: String) -> [String: String]? { sections[name] }

  private static func trim(_ text: some StringProtocol) -> String {
    let rest = text.drop(while: \.isWhitespace)
    guard let end = rest.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(rest[...end])
  }
}
