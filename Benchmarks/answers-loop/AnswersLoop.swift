import Foundation
import Shared

/// Checks and hashes films' answers as a worker does, and neither fetches nor writes any: the least that a client with
/// a worker's duties takes beside fetching. The folder of answers and a count of films in, nanoseconds of CPU time for
/// each out.
@main
struct AnswersLoop {
  static func main() throws {
    guard CommandLine.arguments.count == 3, let count = Int(CommandLine.arguments[2]) else {
      preconditionFailure("wanted: a folder and a count")
    }
    let folder = URL(filePath: CommandLine.arguments[1])
    let finds = try answers(in: folder.appending(path: "find"))
    let credits = try answers(in: folder.appending(path: "credits"))
    let hash = SHA256()
    let begin = clock()
    for film in 0..<count {
      try check(finds[film % finds.count])
      let answer = credits[film % credits.count]
      try check(answer)
      hash.update(answer)
    }
    let taken = Double(clock() - begin) / Double(CLOCKS_PER_SEC)
    let digest = hash.hex()
    precondition(digest.count == 64)
    print(taken / Double(max(1, count)) * 1e9)
  }

  private static func answers(in folder: URL) throws -> [[UInt8]] {
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    precondition(!files.isEmpty, "no answers in \(folder.path)")
    return try files.map { [UInt8](try Data(contentsOf: $0)) }
  }

  private static func check(_ answer: [UInt8]) throws {
    try answer.withUnsafeBytes { try JSONScanner.check($0) }
  }
}
