import Foundation
import TestSupport
import Testing

@testable import StandIn

/// What a test on the local cloud plays on: a folder, TMDB's stand-ins, stacks and their workers.
struct Stage {
  let folder: TemporaryFolder
  let cloud: LocalCloud

  /// - Throws: outside a suite of `OnLocalCloud`.
  init() throws {
    folder = try TemporaryFolder()
    cloud = try #require(LocalCloud.current)
  }

  /// A stand-in that takes the token "token" and remembers what it was asked.
  func server(_ edit: (inout StandIn.Configuration) throws -> Void = { _ in }) throws -> StandInServer {
    var configuration = StandIn.Configuration()
    configuration.token = "token"
    configuration.keepsRequests = true
    try edit(&configuration)
    return try StandInServer(configuration)
  }

  /// A stack that asks `server` for the films of a small movies.csv, without a ceiling if no other is said.
  func deploy(
    _ stack: String, _ server: StandInServer, films: Int, token: String = "token",
    _ parameters: [String: String] = [:]
  ) throws -> (Deployment, selection: [String]) {
    let movies = try LocalCloud.movies(films: films, in: folder)
    let own = ["TmdbBaseUrl": server.baseURL, "RequestsPerSecond": "0"].merging(parameters) { $1 }
    return (
      try cloud.deploy(stack, movies: movies, token: token, parameters: own),
      try LocalCloud.selection(of: movies)
    )
  }

  /// Looks again and again, for three minutes at the most.
  static func until(_ event: String, _ hasCome: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(180)
    while try !hasCome() {
      try #require(ContinuousClock.now < end, "in three minutes it was not so that \(event)")
      usleep(10_000)
    }
  }

  /// The processes of a stack's workers.
  func workers(of deployment: Deployment) throws -> Set<pid_t> {
    let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
    return Set(
      processes.filter { process in
        let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ") ?? Data()
        return environment.split(separator: 0).contains(
          Data("AWS_LAMBDA_FUNCTION_NAME=\(deployment.worker)".utf8))
      })
  }
}

extension StandInServer {
  /// How often each film's credits were asked for, and not refused.
  var creditsAsked: [String: Int] {
    let credits = requests().filter { $0.path.hasSuffix("/credits") && $0.status != 429 }
    return Dictionary(credits.map { ($0.path, 1) }) { $0 + $1 }
  }

  /// The most requests that came within one second.
  var fullestSecond: Int {
    let times = requests().map(\.arrival).sorted()
    var (first, most) = (0, 0)
    for last in times.indices {
      while times[last] - times[first] >= .seconds(1) { first += 1 }
      most = max(most, last - first + 1)
    }
    return most
  }

  /// Requests that were not refused, for each second between the first and the last.
  var servedPerSecond: Double {
    let served = requests().filter { $0.status != 429 }.map(\.arrival).sorted()
    guard let first = served.first, let last = served.last, last > first else { return 0 }
    return Double(served.count) / ((last - first) / .seconds(1))
  }

  /// The part of the requests that was refused.
  var refusedShare: Double {
    let all = requests()
    return Double(all.count { $0.status == 429 }) / Double(max(1, all.count))
  }
}

extension Deployment {
  /// The data files hold the selection less what TMDB does not have, each film once, in order, byte for byte.
  func expectWhole(_ selection: [String]) throws {
    let films = try DataFiles.union(try dataFiles())
    let expected = selection.filter { Catalogue.credits(imdbID: $0) != nil }
    // Not the arrays in #expect: it would print thousands of ids.
    let firstOff = zip(films.map(\.id), expected).first { $0 != $1 }.map { "\($0) stands for \($1)" }
    #expect(firstOff == nil && films.count == expected.count, "\(films.count) of \(expected.count) films")
    let different = films.filter { Catalogue.credits(imdbID: $0.id).map { Data($0) } != $0.answer }
    #expect(different.isEmpty)
  }
}
