import Foundation
import TestSupport
import Testing

@testable import StandIn

/// A run on its way, on a stack and with a stand-in of its own, followed by `elenco run`.
struct StartedRun {
  let name: String
  let server: StandInServer
  let deployment: Deployment
  let selection: [String]
  /// Milliseconds since 1970, before anything was sent.
  fileprivate let start: Int
  fileprivate let process: ChildProcess
  fileprivate let output: String

  /// Waits for the end, which is to be a complete run that asked for each film's credits once.
  func finish() throws {
    let code = process.waitUntilExit()
    let text = try String(contentsOfFile: output, encoding: .utf8)
    #expect(code == 0, "\(name): \(text)")
    try deployment.expectWhole(selection)
    #expect(server.creditsAsked.values.allSatisfy { $0 == 1 }, "\(name)")
    server.stop()
  }

  /// At no time had more requests come than the ceiling lets go from the start to then. However late a machine lets
  /// them arrive, that only makes them fewer.
  func expectCeiling(_ perSecond: Double, burst: Int) {
    let arrivals = server.requests().map(\.wallMilliseconds).sorted()
    let beyond = arrivals.enumerated().first { count, time in
      Double(count + 1 - burst) > perSecond * Double(time - start) / 1000
    }
    #expect(beyond == nil, "\(name)")
  }
}

extension Stage {
  /// Deploys a stack and starts a run on it.
  func start(
    _ name: String, films: Int, _ event: String, _ parameters: [String: String] = [:],
    server edit: (inout StandIn.Configuration) -> Void = { _ in }
  ) throws -> StartedRun {
    let server = try server(edit)
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
  /// What Lambda bills for the workers: the durations of its REPORT lines.
  func billedSeconds() throws -> Double {
    let text = try cloud.aws(
      "logs", "filter-log-events", "--log-group-name", "/aws/lambda/\(worker)", "--query",
      "events[?starts_with(message, 'REPORT')].message", "--output", "text")
    let durations = text.split(separator: "Duration: ").dropFirst().compactMap { part -> Double? in
      part.split(separator: " ").first.flatMap { Double($0) }
    }
    #expect(!durations.isEmpty)
    // Each line holds "Duration: … ms" and "Billed Duration: … ms"; the first is exact.
    return stride(from: 0, to: durations.count, by: 2).reduce(0) { $0 + durations[$1] } / 1000
  }
}
