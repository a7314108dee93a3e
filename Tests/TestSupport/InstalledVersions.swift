import Foundation

/// The versions of the libraries that a build on this machine links, as pkg-config and the compiler tell them.
public enum InstalledVersions {
  /// In the form of `LinkedLibraries.versions`.
  public static func line() throws -> String {
    let packages = [
      ("libcurl", "libcurl"), ("OpenSSL", "libcrypto"), ("zlib", "zlib"), ("nghttp2", "libnghttp2"),
      ("expat", "expat"),
    ]
    let libraries = try packages.map { name, package in "\(name) \(try version(of: package))" }
    return (libraries + ["Swift \(try swift())"]).joined(separator: ", ")
  }

  /// - Parameter package: a name of pkg-config.
  public static func version(of package: String) throws -> String {
    try ChildProcess.run("/usr/bin/env", ["pkg-config", "--modversion", package])
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The compiler's major and minor version, such as 6.3 for "Swift version 6.3.1".
  private static func swift() throws -> String {
    let output = try ChildProcess.run("/usr/bin/env", ["swift", "--version"])
    guard let match = output.firstMatch(of: #/Swift version (\d+\.\d+)/#) else {
      throw ChildProcess.Failed(description: "swift --version prints no version: \(output)")
    }
    return String(match.1)
  }
}
