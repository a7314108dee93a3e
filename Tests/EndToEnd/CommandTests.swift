import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  /// The commands that look at runs.
  @Suite("Commands that look at runs") struct CommandTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test("runs, status, follow and film find the runs, the latest one, and each film's bytes") func look()
      throws
    {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, selection) = try fixture.deploy(
        "commands", server, films: 400, ["Shards": "3", "FilmsPerFile": "10", "Format": "lines"])
      let empty = try deployment.elenco("runs")
      #expect(empty.code == 0 && empty.output.hasPrefix("no runs in s3://"))
      let none = try deployment.elenco("status")
      #expect(none.code == 1 && none.errors.contains("there is no run at"), "\(none.errors)")
      for name in ["first", "second"] { #expect(try deployment.run(#"{"run":"\#(name)"}"#).code == 0) }

      let listed = try deployment.elenco("runs", "--json")
      let list = try #require(
        try JSONSerialization.jsonObject(with: Data(listed.output.utf8)) as? [String: Any])
      let runs = try #require(list["runs"] as? [[String: Any]])
      #expect(runs.map { $0["run"] as? String } == ["second", "first"])
      #expect(runs.map { $0["state"] as? String } == ["complete", "replaced"])
      let present = selection.filter { Catalogue.credits(imdbID: $0) != nil }
      #expect(runs.allSatisfy { $0["filmsWritten"] as? Int == present.count })
      let newest = try deployment.elenco("runs", "--limit", "1")
      #expect(newest.output.contains("second") && newest.output.contains("1 older run not shown"))

      #expect(try deployment.elenco("status").output.hasPrefix("run second of"))
      let followed = try deployment.elenco("follow")
      #expect(
        followed.code == 0 && followed.output.contains("run        second: complete"), "\(followed.output)")

      // Where the film is, the AWS CLI finds the same line.
      let film = try #require(present.last)
      let found = try deployment.elenco("film", film)
      #expect(found.code == 0)
      #expect(
        found.output == String(decoding: try #require(Catalogue.credits(imdbID: film)), as: UTF8.self) + "\n")
      let placed = try deployment.elenco("film", film, "--json")
      let place = try #require(
        try JSONSerialization.jsonObject(with: Data(placed.output.utf8)) as? [String: Any])
      let lines = try deployment.object(try #require(place["key"] as? String)).split(separator: 10)
      let line = lines[try #require(place["line"] as? Int) - 1]
      #expect(line.starts(with: Data(#"{"imdb_id":"\#(film)","#.utf8)))

      let absent = try #require(selection.first { Catalogue.credits(imdbID: $0) == nil })
      let missing = try deployment.elenco("film", absent)
      #expect(missing.code == 1 && missing.output == "" && missing.errors.contains("absent from TMDB"))
      let other = try deployment.elenco("film", "tt9999999", "--run", "first")
      #expect(
        other.code == 1 && other.errors.contains("run first did not select tt9999999"), "\(other.errors)")
      // The folder's files are the second run's.
      let replaced = try deployment.elenco("film", film, "--run", "first")
      #expect(
        replaced.code == 1 && replaced.output == "" && replaced.errors.contains("Run first was replaced"),
        "\(replaced.errors)")
    }
  }
}
