import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// Runs whose speed is not their own to choose. They mostly wait, and so run side by side.
  @Suite("Under a ceiling") struct CeilingTests {
    /// A run on its way, and how it is to end.
    private struct Run {
      let name: String
      let server: StandInServer
      let deployment: Deployment
      let selection: [String]
      let process: ChildProcess
      let output: String

      func finish() throws {
        let code = process.waitUntilExit()
        let text = try String(contentsOfFile: output, encoding: .utf8)
        #expect(code == 0, "\(name): \(text)")
        try deployment.expectWhole(selection)
        #expect(server.creditsAsked.values.allSatisfy { $0 == 1 }, "\(name)")
      }
    }

    private let stage: Stage

    init() throws { stage = try Stage() }

    private func start(
      _ name: String, films: Int, _ event: String, _ parameters: [String: String] = [:],
      server edit: (inout StandIn.Configuration) -> Void = { _ in }
    ) throws -> Run {
      let server = try stage.server(edit)
      let (deployment, selection) = try stage.deploy(
        name, server, films: films, ["FilmsPerFile": "10"].merging(parameters) { $1 })
      let output = stage.folder.path + "/" + name
      let process = try ChildProcess(
        LocalCloud.elenco(), ["run", "--function", deployment.dispatcher, "--event", event],
        environment: stage.cloud.environment, output: output)
      return Run(
        name: name, server: server, deployment: deployment, selection: selection, process: process,
        output: output)
    }

    @Test("every run ends complete, keeps to what it may, uses most of it, and is seldom refused")
    func ceilings() throws {
      // 1,200 films selected: the whole run's ceiling, shared by sixty.
      let shared = try start("shared", films: 5000, #"{"requestsPerSecond":200}"#)
      // The run believes in 200, and the server allows 50.
      let wrong = try start("wrong", films: 5000, #"{"requestsPerSecond":200,"shards":10}"#) {
        $0.limit(to: 50, per: .seconds(1))
      }
      // What the server allows is found: one limit for all, and one for each.
      let adaptive = #"{"requestsPerSecond":200,"rateScope":"adaptive","shards":4}"#
      let together = try start("together", films: 5000, adaptive) { $0.limit(to: 100, per: .seconds(1)) }
      let each = try start("each", films: 8000, adaptive) {
        $0.limit(to: 50, per: .seconds(1))
        $0.limitScope = .process
      }
      for run in [shared, wrong, together, each] {
        try run.finish()
        run.server.stop()
      }
      #expect(shared.server.fullestSecond <= 200 + 60 * 2)
      #expect(shared.server.servedPerSecond >= 0.85 * 200, "\(shared.server.servedPerSecond)")
      for run in [wrong, together, each] {
        #expect(run.server.refusedShare < 0.1, "\(run.name): \(run.server.refusedShare)")
      }
      #expect(together.server.servedPerSecond >= 0.8 * 100, "\(together.server.servedPerSecond)")
      #expect(each.server.servedPerSecond >= 0.8 * 4 * 50, "\(each.server.servedPerSecond)")
    }

    @Test("short of time, workers hand over: each film is asked for once, and little time is billed in vain")
    func clock() throws {
      let run = try start(
        "clock", films: 400, #"{"requestsPerSecond":12}"#, ["WorkerTimeout": "6", "Shards": "1"])
      try run.finish()
      run.server.stop()
      let report = try #require(try run.deployment.keys().first { $0.hasSuffix("reports/T0.json") })
      #expect(try run.deployment.json(report)["hop"] as? Int ?? 0 >= 2)
      #expect(run.server.fullestSecond <= 12 + 2)
      // One worker at a time: what is billed beyond the time in which requests were on their way is waste.
      let billed = try run.deployment.billedSeconds()
      let requests = run.server.requests().map(\.arrival).sorted()
      let useful = zip(requests, requests.dropFirst()).map { $1 - $0 }.filter { $0 < .milliseconds(500) }
        .reduce(.zero, +)
      #expect(billed * 0.85 < useful / .seconds(1), "\(billed) s billed, \(useful) useful")
    }
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
