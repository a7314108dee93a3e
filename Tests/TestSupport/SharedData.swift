import Foundation

/// The recorded data that tests read where it is: beside the checkout, in `shared/data`.
public enum SharedData {
  /// The package's root.
  public static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The folder; nil where it is not there. `ELENCO_SHARED_DATA` names another place.
  public static let folder: URL? = {
    let named = ProcessInfo.processInfo.environment["ELENCO_SHARED_DATA"].map { URL(filePath: $0) }
    let folder = named ?? package.appending(path: "../shared/data").standardizedFileURL
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()

  /// Says why a test is left out.
  public static let missing: String = "the recorded data is not beside the checkout (../shared/data)"

  public static func has(_ path: String) -> Bool {
    folder.map { FileManager.default.fileExists(atPath: $0.appending(path: path).path) } ?? false
  }
}
