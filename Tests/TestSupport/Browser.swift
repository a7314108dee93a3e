import Foundation

/// Debian's Chromium, which programs of Tests/Python drive.
public enum Browser {
  public static let isInstalled =
    PythonProgram.isInstalled && FileManager.default.isExecutableFile(atPath: "/usr/bin/chromium")

  /// The reason shown when a test is skipped because the browser cannot be installed.
  public static let missing = "Chromium or Python is missing; `make test` installs both"
}
