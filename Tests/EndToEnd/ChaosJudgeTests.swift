import Foundation
import TestSupport
import Testing

@testable import StandIn

extension OnLocalCloud {
  @Suite("The judge of the chaos runs") struct ChaosJudgeTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test(
      "it finds nothing wrong with a complete run's folder, and finds each fault that is put into a copy of it"
    )
    func judge() throws {
      let server = try fixture.startServer()
      defer { server.stop() }
      let (deployment, _) = try fixture.deploy("judge", server, films: 300)
      let port = try #require(URL(string: server.baseURL)?.port)
      for (format, compression) in [
        ("object", "none"), ("object", "gzip"), ("lines", "none"), ("lines", "gzip"),
      ] {
        let prefix = "\(deployment.prefix)/\(format)-\(compression)"
        let result = try deployment.run(
          """
          {"run":"sound","destination":{"prefix":"\(prefix)"},"shards":3,"filmsPerFile":7,
          "format":"\(format)","compression":"\(compression)"}
          """)
        #expect(result.code == 0, "\(result.errors)")
        let faults = try ChildProcess.run(
          SharedData.package.path + "/.venv/bin/python",
          [
            SharedData.package.path + "/Tests/Chaos/check_judge.py", deployment.bucket, prefix, "sound",
            fixture.folder.path + "/movies.csv", "\(port)", "3", "7", format, compression,
          ], environment: fixture.cloud.environment)
        #expect(faults == "\n", "\(format), \(compression): \(faults)")
      }
    }
  }
}
