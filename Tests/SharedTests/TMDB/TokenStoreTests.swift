import Foundation
import TestSupport
import Testing

@testable import Shared

@Suite("Token") struct TokenStoreTests {
  /// Reads the token from a secret with this text, through the API of Secrets Manager.
  private static func token(_ text: String) throws -> String {
    let body = try JSONSerialization.data(withJSONObject: ["SecretString": text])
    let server = try ScriptedServer(.json(String(decoding: body, as: UTF8.self)))
    defer { server.stop() }
    let environment = [
      "AWS_ENDPOINT_URL": server.url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "key",
      "AWS_SECRET_ACCESS_KEY": "secret",
    ]
    return try EventLoop.run { loop in
      let secrets = try AWSServices(http: HTTPClient(loop: loop), environment: environment).secrets
      return try await TokenStore(source: .secret("name"), secrets: secrets).token().value
    }
  }

  @Test(
    "a secret holds the token as plain text, or as the value of one key as the console stores it",
    arguments: [
      "eyJ.a-b_c.d", " eyJ.a-b_c.d\n", #"{"token":"eyJ.a-b_c.d"}"#, #"{"TMDB_TOKEN":"eyJ.a-b_c.d"}"#,
      "\n{ \"anything\" : \" eyJ.a-b_c.d \" }\n", #"{"note":"x","token":"eyJ.a-b_c.d"}"#,
      #"{"t":"\u0065yJ.a-b_c.d"}"#,
    ])
  func taken(text: String) throws { #expect(try Self.token(text) == "eyJ.a-b_c.d") }

  @Test(
    "a secret from which no token can be taken is refused without showing it",
    arguments: [
      #"{"a":"hush","b":"hush"}"#, #"{"a":7}"#, #"{"token":null,"a":"hush"}"#, "{}", #"{"token":"hush"#,
      #"{"token":"hush hush"}"#, "hush hush", #"{"token":{"token":"hush"}}"#,
    ])
  func unusable(text: String) {
    let error = #expect(throws: TokenMissing.self) { try Self.token(text) }
    #expect(error == .unusable(.secret("name")))
    #expect(error?.description.contains("hush") == false)
    #expect(error?.description.contains("the value of one key named token") == true)
  }

  @Test("an empty secret is named as empty", arguments: ["", " \n", #"{"token":""}"#, #"{"token":" "}"#])
  func empty(text: String) { #expect(throws: TokenMissing.empty(.secret("name"))) { try Self.token(text) } }
}
