import Foundation
import TestSupport
import Testing

@testable import StandIn

/// The environment of a test on the local cloud: a temporary folder, and operations that start TMDB stand-ins, deploy
/// stacks and find their workers.
struct CloudFixture {
  let folder: TemporaryFolder
  let cloud: LocalCloud

  /// - Throws: if the test is not in a suite of `OnLocalCloud`.
  init() throws {
    folder = try TemporaryFolder()
    cloud = try #require(LocalCloud.current)
  }

  /// Starts a stand-in that accepts the token "token" and records its requests.
  func startServer(_ edit: (inout StandIn.Configuration) throws -> Void = { _ in }) throws -> StandInServer {
    var configuration = StandIn.Configuration()
    configuration.token = "token"
    configuration.keepsRequests = true
    try edit(&configuration)
    return try StandInServer(configuration)
  }

  /// Deploys a stack that fetches the films of a generated movies.csv from `server`.
  ///
  /// The rate has no ceiling unless `parameters` sets one. Returns the stack and the ids that it selects.
  func deploy(
    _ stack: String, _ server: StandInServer, films: Int, token: String = "token",
    byScripts: Bool = false, _ parameters: [String: String] = [:]
  ) throws -> (Deployment, selection: [String]) {
    let movies = try LocalCloud.movies(films: films, in: folder)
    let settings = ["TmdbBaseUrl": server.baseURL, "RequestsPerSecond": "0"].merging(parameters) { $1 }
    return (
      try cloud.deploy(stack, movies: movies, token: token, parameters: settings, byScripts: byScripts),
      try LocalCloud.selection(of: movies)
    )
  }

  /// Polls a condition every 50 ms, and throws if it is still false after three minutes.
  static func waitUntil(_ description: String, _ condition: () throws -> Bool) throws {
    let end = ContinuousClock.now + .seconds(180)
    while try !condition() {
      try #require(ContinuousClock.now < end, "timed out after three minutes, waiting until \(description)")
      usleep(50_000)
    }
  }

  /// Returns the process ids of a stack's workers.
  func workers(of deployment: Deployment) throws -> Set<pid_t> {
    let processes = try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { pid_t($0) }
    return Set(
      processes.filter { process in
        let environment = FileManager.default.contents(atPath: "/proc/\(process)/environ") ?? Data()
        return environment.split(separator: 0).contains(
          Data("AWS_LAMBDA_FUNCTION_NAME=\(deployment.worker)".utf8))
      })
  }

  /// Whether a worker has received its event. It then has a connection to S3 beside the one to the Runtime API and
  /// libcurl's own pair of sockets. MiniStack does not retry an event if the process is killed before it asks for one.
  func hasEvent(_ worker: pid_t) -> Bool {
    let folder = "/proc/\(worker)/fd"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let targets = names.compactMap {
      try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
    }
    return targets.count { $0.hasPrefix("socket:") } >= 4
  }
}

extension StandInServer {
  /// The number of requests for each film's credits, by path, excluding throttled ones.
  var creditsRequests: [String: Int] {
    let credits = requests().filter { $0.path.hasSuffix("/credits") && $0.status != 429 }
    return Dictionary(credits.map { ($0.path, 1) }) { $0 + $1 }
  }

  /// The largest number of requests that arrived within one second.
  var maxRequestsInOneSecond: Int {
    let times = requests().map(\.arrival).sorted()
    var (first, largest) = (0, 0)
    for last in times.indices {
      while times[last] - times[first] >= .seconds(1) { first += 1 }
      largest = max(largest, last - first + 1)
    }
    return largest
  }

  /// The mean number of unthrottled requests per second, between the first and the last.
  var servedPerSecond: Double {
    let served = requests().filter { $0.status != 429 }.map(\.arrival).sorted()
    guard let first = served.first, let last = served.last, last > first else { return 0 }
    return Double(served.count) / ((last - first) / .seconds(1))
  }

  /// The share of the requests that were throttled, 0 to 1.
  var throttledShare: Double {
    let all = requests()
    return Double(all.count { $0.status == 429 }) / Double(max(1, all.count))
  }
}

extension Deployment {
  /// Expects that the data files contain the selected films except absent ones: each once, in order, byte for byte.
  func expectAllFilms(_ selection: [String]) throws {
    let films = try DataFiles.union(try dataFiles())
    let expected = selection.filter { Catalogue.credits(imdbID: $0) != nil }
    // #expect does not compare the arrays themselves, because it would print thousands of ids.
    let difference = zip(films.map(\.id), expected).first { $0 != $1 }.map { "\($0) instead of \($1)" }
    #expect(difference == nil && films.count == expected.count, "\(films.count) of \(expected.count) films")
    let different = films.filter { Catalogue.credits(imdbID: $0.id).map { Data($0) } != $0.response }
    #expect(different.isEmpty)
  }
}
