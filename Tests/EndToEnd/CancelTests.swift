import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite("Cancelling a run") struct CancelTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test(
      "a cancelled run stops and says so everywhere, and a replay completes it without fetching a film twice")
    func cancelAndReplay() throws {
      let run = try fixture.startRun(
        "cancel", films: 800, #"{"run":"weekly","requestsPerSecond":20}"#,
        ["Shards": "4", "FilmsPerFile": "5", "LeaseSeconds": "3"])
      let (deployment, server) = (run.deployment, run.server)
      defer { server.stop() }
      try CloudFixture.waitUntil("the run has written two files") {
        try deployment.keys().count { $0.contains("/Atores-T") } >= 2
      }
      let cancelled = try deployment.elenco("cancel", "weekly", "--lease-seconds", "3", "--json")
      #expect(cancelled.code == 0, "\(cancelled.errors)")
      let output = try #require(
        try JSONSerialization.jsonObject(with: Data(cancelled.output.utf8)) as? [String: Any])
      let time = try #require(output["cancelledAt"] as? String)
      #expect(output["run"] as? String == "weekly" && output["shards"] as? Int == 4)
      // `elenco run` has stopped following.
      let (code, followed) = try run.waitForFollower()
      #expect(code == 1 && followed.contains("was cancelled at \(time)"), "\(followed)")

      let manifest = try deployment.json("\(deployment.prefix)/_runs/weekly/manifest.json")
      #expect(manifest["cancelledAt"] as? String == time && manifest["isComplete"] as? Bool == false)
      let status = try deployment.elenco("status", "weekly")
      #expect(
        status.code == 1 && status.output.contains("cancelled at \(time)")
          && status.output.contains("elenco replay weekly --incomplete"), "\(status.output)")
      let verify = try deployment.elenco("verify", "weekly")
      #expect(verify.code == 1 && verify.errors.contains("was cancelled at \(time)"), "\(verify.errors)")

      // Neither a duplicate of the dispatcher's event nor a plain invocation of a worker continues the run.
      let (etags, requests) = (try deployment.etags(), server.requests().count)
      let again = try deployment.invoke(deployment.dispatcher, #"{"run":"weekly","requestsPerSecond":20}"#)
      #expect(again["errorType"] as? String == "RunCancelled", "\(again)")
      let plain = try deployment.invoke(deployment.worker, #"{"run":"weekly","shard":0}"#)
      #expect(plain["state"] as? String == "cancelled", "\(plain)")
      let message = try #require(plain["message"] as? String)
      #expect(message.contains(#""resume":"\#(time)""#), "\(message)")
      #expect(try deployment.etags() == etags && server.requests().count == requests)
      // A second time, it is already cancelled.
      #expect(try deployment.elenco("cancel", "weekly").code == 0)

      let replay = try deployment.elenco("replay", "weekly", "--incomplete")
      #expect(replay.code == 0, "\(replay.errors)")
      let success =
        try #require(try deployment.keys().first { $0.contains("/Atores-T") })
        .split(separator: "/").dropLast().joined(separator: "/") + "/_SUCCESS"
      try deployment.wait(for: success)
      #expect(try deployment.elenco("verify", "weekly").code == 0)
      #expect(try deployment.elenco("status", "weekly").code == 0)
      try deployment.expectAllFilms(run.selection)
      let kept = etags.split(separator: "\n")
      let now = Set(try deployment.etags().split(separator: "\n"))
      #expect(kept.allSatisfy(now.contains), "files that were written before are kept")

      let ended = try deployment.elenco("cancel", "weekly")
      #expect(ended.code == 1 && ended.errors.contains("because it has ended"), "\(ended.errors)")
      let unknown = try deployment.elenco("cancel", "nightly")
      #expect(unknown.code == 1 && unknown.errors.contains("run nightly does not exist"), "\(unknown.errors)")
    }
  }
}
