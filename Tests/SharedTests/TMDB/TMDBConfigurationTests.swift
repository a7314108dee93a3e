import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("TMDB configuration") struct TMDBConfigurationTests {
  /// Addresses that may get the token.
  static let accepted = [
    "https://api.themoviedb.org", "https://proxy.test:8443/tmdb", "https://10.0.0.1",
    "https://[2001:db8::1]:8443",
    "http://127.0.0.1", "http://127.0.0.1:8080", "http://127.9.8.255:1/path", "http://localhost:8080",
    "http://[::1]", "http://[::1]:8080/a/b",
  ]
  /// Addresses that the token would reach unencrypted.
  static let unencrypted = [
    "http://api.themoviedb.org", "http://10.0.0.1:8080", "http://128.0.0.1", "http://127.0.0.1.evil.test",
    "http://localhost.evil.test", "http://evil.test/127.0.0.1", "http://[2001:db8::1]", "http://127.0.0.1x",
    "http://0.0.0.0", "http://12.127.0.0.1", "http://[::1:2]",
  ]
  /// Texts that are not the URL of a host and a path.
  static let malformed = [
    "", "api.themoviedb.org", "ftp://127.0.0.1", "http://", "https://", "https:///x",
    "http://user:pw@127.0.0.1",
    "http://127.0.0.1@evil.test", "https://a?b=c", "https://a#b", "https://a b",
    "http://127.0.0.1\n.evil.test",
    "HTTP://evil.test",
  ]

  private static func configuration(_ url: String) throws -> TMDBConfiguration {
    try TMDBConfiguration(environment: ["TMDB_TOKEN": "token", "TMDB_BASE_URL": url])
  }

  @Test(
    "TMDB's address may use https, or http on this machine; one slash at its end is dropped",
    arguments: accepted)
  func isAccepted(url: String) throws {
    #expect(try Self.configuration(url).baseURL == url)
    #expect(try Self.configuration(url + "/").baseURL == url)
  }

  @Test(
    "plain http to another machine is refused, with a sentence that says why",
    arguments: unencrypted + ["http://127.1", "http://0177.0.0.1", "http://127.0.0.256"])
  func isUnencrypted(url: String) {
    let error = #expect(throws: ConfigurationError.self) { try Self.configuration(url) }
    #expect(error?.description.contains("must begin with https://, because the token") == true)
  }

  @Test("any other text is refused, without showing it", arguments: malformed.dropFirst())
  func isMalformed(url: String) {
    let error = #expect(throws: ConfigurationError.self) { try Self.configuration(url) }
    #expect(error?.description.contains("must be a URL such as https://api.themoviedb.org") == true)
    #expect(error?.description.contains("pw") == false)
  }

  /// CloudFormation matches a parameter's whole value.
  @Test("the template's pattern accepts and refuses the same addresses")
  func template() throws {
    let script = """
      import re, sys
      text = open(sys.argv[1]).read()
      block = text[text.index("\\n  TmdbBaseUrl:"):]
      pattern = re.compile(re.search(r"AllowedPattern: '(.*)'\\n", block).group(1))
      print("".join(str(int(bool(pattern.fullmatch(url)))) for url in sys.argv[2:]))
      """
    let urls = Self.accepted + Self.unencrypted + Self.malformed
    let found = try ChildProcess.run(
      "/usr/bin/env", ["python3", "-c", script, SharedData.package.path + "/infra/template.yaml"] + urls)
    let expected = urls.map { Self.accepted.contains($0) ? "1" : "0" }.joined() + "\n"
    #expect(found == expected)
  }
}
