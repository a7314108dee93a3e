import Testing

@testable import Shared

@Suite("Command-line credentials") struct CommandLineCredentialsTests {
  private static let files = [
    "/h/.aws/credentials": """
    # the default profile
    [default]
    aws_access_key_id = AKIADEFAULT
    aws_secret_access_key=default/secret+key=

    [night]
    aws_access_key_id=AKIANIGHT
    aws_secret_access_key=nightsecret
    aws_session_token=nighttoken
    """,
    "/h/.aws/config": """
    [default]
    region = eu-west-1
    s3 =
        region = nowhere
    [profile night]
    region=sa-east-1
    [profile role]
    role_arn = arn:aws:iam::1:role/x
    region = eu-central-1
    """,
  ]

  private func load(_ environment: [String: String]) throws -> CommandLineCredentials {
    try CommandLineCredentials(environment: environment.merging(["HOME": "/h"]) { $1 }) { Self.files[$0] }
  }

  @Test("environment variables take precedence over profiles")
  func environment() throws {
    let loaded = try load([
      "AWS_ACCESS_KEY_ID": "AKIA", "AWS_SECRET_ACCESS_KEY": "s", "AWS_REGION": "us-east-2",
    ])
    #expect(
      loaded.credentials == Credentials(accessKeyID: "AKIA", secretAccessKey: Secret("s"), sessionToken: nil))
    #expect(loaded.region == "us-east-2")
  }

  @Test("a profile provides keys, session token and region")
  func profile() throws {
    let standard = try load([:])
    #expect(standard.credentials.accessKeyID == "AKIADEFAULT")
    #expect(standard.credentials.secretAccessKey.value == "default/secret+key=")
    #expect(standard.region == "eu-west-1")
    let night = try load(["AWS_PROFILE": "night"])
    #expect(night.credentials.sessionToken?.value == "nighttoken")
    #expect(night.region == "sa-east-1")
  }

  @Test(
    "a missing setting is reported with a way to provide it",
    arguments: [
      (["AWS_PROFILE": "role"], "aws configure export-credentials --profile role"),
      (["AWS_PROFILE": "none"], "no AWS region is set"),
      (
        ["AWS_PROFILE": "none", "AWS_REGION": "us-east-1"],
        "add the profile \"none\" to /h/.aws/credentials"
      ),
      (["AWS_ACCESS_KEY_ID": "AKIA"], "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be set"),
    ])
  func missing(environment: [String: String], words: String) {
    let error = #expect(throws: ConfigurationError.self) { try load(environment) }
    #expect(error?.description.contains(words) == true, "\(error.map { $0.description } ?? "")")
  }

  @Test("printing or dumping credentials shows no secret")
  func hidden() {
    let credentials = Credentials(
      accessKeyID: "AKIA", secretAccessKey: Secret("hush"), sessionToken: Secret("hush"))
    var dumped = "\(credentials) \(String(reflecting: credentials))"
    dump(credentials, to: &dumped)
    #expect(dumped.contains("AKIA"))
    #expect(!dumped.contains("hush"))
  }
}
