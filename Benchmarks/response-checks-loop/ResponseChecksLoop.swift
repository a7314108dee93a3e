import Foundation
import Shared

/// Checks and hashes responses as a worker does, without fetching or writing any: the minimum CPU time that a worker
/// needs in addition to fetching.
///
/// Takes the folder of the responses and the number of films as arguments, and prints the mean nanoseconds of CPU time
/// per film.
@main
struct ResponseChecksLoop {
  static func main() throws {
    guard CommandLine.arguments.count == 3, let count = Int(CommandLine.arguments[2]) else {
      preconditionFailure("usage: response-checks-bench FOLDER FILMS")
    }
    let folder = URL(filePath: CommandLine.arguments[1])
    let finds = try responses(in: folder.appending(path: "find"))
    let credits = try responses(in: folder.appending(path: "credits"))
    let hash = SHA256()
    let begin = clock()
    for film in 0..<count {
      try check(finds[film % finds.count])
      let response = credits[film % credits.count]
      try check(response)
      hash.update(response)
    }
    let seconds = Double(clock() - begin) / Double(CLOCKS_PER_SEC)
    let digest = hash.hex()
    precondition(digest.count == 64)
    print(seconds / Double(max(1, count)) * 1e9)
  }

  private static func responses(in folder: URL) throws -> [[UInt8]] {
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    precondition(!files.isEmpty, "no responses in \(folder.path)")
    return try files.map { [UInt8](try Data(contentsOf: $0)) }
  }

  private static func check(_ response: [UInt8]) throws {
    try response.withUnsafeBytes { try JSONScanner.check($0) }
  }
}
