import Foundation
import TestSupport
import Testing

@testable import StandIn

/// A run in progress with its own stack and stand-in, and the `elenco run` process that follows it.
struct StartedRun {
  let name: String
  let server: StandInServer
  let deployment: Deployment
  let selection: [String]
  /// Unix time in milliseconds, from before the first request.
  fileprivate let start: Int
  fileprivate let process: ChildProcess
  fileprivate let output: String

  /// Waits until `elenco run` ends, and returns its exit code and all it printed.
  func waitForFollower() throws -> (code: Int32, text: String) {
    let code = process.waitUntilExit()
    return (code, try String(contentsOfFile: output, encoding: .utf8))
  }

  /// Waits until the run ends, and expects that it is complete and requested each film's credits once.
  func finish() throws {
    let (code, text) = try waitForFollower()
    #expect(code == 0, "\(name): \(text)")
    try deployment.expectAllFilms(selection)
    let repeated = server.creditsRequests.filter { $0.value > 1 }
    #expect(repeated.isEmpty, "\(name): \(server.requests().filter { repeated[$0.path] != nil }) \(text)")
    server.stop()
  }

  /// Expects that at no time more requests had arrived than the ceiling allows since the start. A slow machine can only
  /// delay requests, so it cannot make this fail.
  func expectCeiling(_ perSecond: Double, burst: Int) {
    let arrivals = server.requests().map(\.wallMilliseconds).sorted()
    let excess = arrivals.enumerated().first { count, time in
      Double(count + 1 - burst) > perSecond * Double(time - start) / 1000
    }
    #expect(excess == nil, "\(name)")
  }
}

extension CloudFixture {
  /// Deploys a stack and starts a run on it.
  func startRun(
    _ name: String, films: Int, _ event: String, _ parameters: [String: String] = [:],
    server edit: (inout StandIn.Configuration) -> Void = { _ in }
  ) throws -> StartedRun {
    let server = try startServer(edit)
    let (deployment, selection) = try deploy(
      name, server, films: films, ["FilmsPerFile": "10"].merging(parameters) { $1 })
    let output = folder.path + "/" + name
    let start = Int(Date().timeIntervalSince1970 * 1000)
    let process = try ChildProcess(
      LocalCloud.elenco(), ["run", "--function", deployment.dispatcher, "--event", event],
      environment: cloud.environment, output: output)
    return StartedRun(
      name: name, server: server, deployment: deployment, selection: selection, start: start,
      process: process,
      output: output)
  }
}

extension Deployment {
  /// Returns the seconds that Lambda bills for the workers: the sum of the durations in their REPORT lines.
  func billedSeconds() throws -> Double {
    let text = try cloud.aws(
      "logs", "filter-log-events", "--log-group-name", "/aws/lambda/\(worker)", "--query",
      "events[?starts_with(message, 'REPORT')].message", "--output", "text")
    let durations = text.split(separator: "Duration: ").dropFirst().compactMap { part -> Double? in
      part.split(separator: " ").first.flatMap { Double($0) }
    }
    #expect(!durations.isEmpty)
    // Each line has "Duration: … ms" and "Billed Duration: … ms". The first is not rounded.
    return stride(from: 0, to: durations.count, by: 2).reduce(0) { $0 + durations[$1] } / 1000
  }
}
