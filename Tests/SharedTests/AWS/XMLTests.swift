import Testing

@testable import Shared

@Suite("AWS responses and endpoints") struct XMLTests {
  @Test("child elements and texts are read, with entities resolved")
  func elements() throws {
    let xml = try XMLElement(
      parsing: Array("<?xml version=\"1.0\"?><A xmlns=\"x\"><B>a&amp;b</B><B/><C> é </C></A>".utf8))
    #expect(xml.name == "A")
    #expect(xml.all("B").map(\.text) == ["a&b", ""])
    #expect(xml.text(of: "C") == " é ")
    #expect(xml.text(of: "D") == nil)
  }

  @Test(
    "malformed XML is refused", arguments: ["", "<A>", "<A></B>", "x", "<A/><B/>", "<A>&undefined;</A>"])
  func malformed(text: String) {
    #expect(throws: XMLElement.Malformed.self) { try XMLElement(parsing: Array(text.utf8)) }
  }

  @Test("elements nested far deeper than those of S3 are ignored without a crash")
  func deep() throws {
    let depth = 10_000
    let text = String(repeating: "<A>", count: depth) + String(repeating: "</A>", count: depth)
    #expect(try XMLElement(parsing: Array(text.utf8)).name == "A")
  }

  @Test(
    "the code and message of an error are read from XML and from JSON",
    arguments: [
      ("<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>", [], "NoSuchKey", "gone"),
      (
        #"{"__type":"com.amazonaws#ResourceNotFoundException","Message":"x"}"#, [],
        "ResourceNotFoundException", "x"
      ),
      (
        #"{"message":"slow"}"#, [HTTPHeader("X-Amzn-ErrorType", "TooManyRequestsException:http://x")],
        "TooManyRequestsException", "slow"
      ),
      ("<html>", [], "", ""), ("", [], "", ""),
    ] as [(String, [HTTPHeader], String, String)])
  func errors(body: String, headers: [HTTPHeader], code: String, message: String) {
    let error = AWSErrorBody(HTTPResponse(status: 400, headers: headers, body: Array(body.utf8)))
    #expect((error.code, error.message) == (code, message))
  }

  @Test("endpoints are those of AWS unless an environment variable overrides them")
  func endpoints() throws {
    func endpoint(
      _ service: AWSEndpoint.Service, _ environment: [String: String], region: String = "eu-west-1"
    ) throws -> String {
      let endpoint = try AWSEndpoint(service, region: region, environment: environment)
      return "\(endpoint.scheme)://\(endpoint.authority)\(endpoint.isOverridden ? " overridden" : "")"
    }
    #expect(try endpoint(.s3, [:]) == "https://s3.eu-west-1.amazonaws.com")
    #expect(try endpoint(.lambda, [:], region: "cn-north-1") == "https://lambda.cn-north-1.amazonaws.com.cn")
    let both = ["AWS_ENDPOINT_URL": "http://127.0.0.1:4566/", "AWS_ENDPOINT_URL_S3": "https://s3.local:443"]
    #expect(try endpoint(.s3, both) == "https://s3.local overridden")
    #expect(try endpoint(.secretsManager, both) == "http://127.0.0.1:4566 overridden")
    #expect(throws: ConfigurationError.self) { try endpoint(.s3, ["AWS_ENDPOINT_URL": "localhost:1"]) }
    #expect(throws: ConfigurationError.self) { try endpoint(.s3, ["AWS_ENDPOINT_URL": "http://a/b"]) }
    let error = #expect(throws: ConfigurationError.self) {
      try endpoint(.s3, ["AWS_ENDPOINT_URL": "http://user:s3cret@host:1"])
    }
    #expect(error?.description.contains("s3cret") == false)
  }
}
