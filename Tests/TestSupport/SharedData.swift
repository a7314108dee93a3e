import Foundation

/// Recorded test data, stored beside the checkout in `../shared/data`.
public enum SharedData {
  /// The root folder of the package.
  public static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The data folder; nil if it does not exist. `ELENCO_SHARED_DATA` overrides its path.
  public static let folder: URL? = {
    let customFolder = ProcessInfo.processInfo.environment["ELENCO_SHARED_DATA"].map { URL(filePath: $0) }
    let folder = customFolder ?? package.appending(path: "../shared/data").standardizedFileURL
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  /// The reason shown when a test is skipped because the data is missing.
  public static let missing: String =
    "the recorded data is missing (expected beside the checkout, in ../shared/data)"

  /// Whether the data folder has a file or folder at this path.
  public static func has(_ path: String) -> Bool {
    folder.map { FileManager.default.fileExists(atPath: $0.appending(path: path).path) } ?? false
  }
}
