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
    [night-tool]
    aws_access_key_id=AKIANIGHTTOOL
    aws_secret_access_key=nightsecret
    [self]
    aws_access_key_id=AKIASELF
    aws_secret_access_key=selfsecret
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
    [profile self]
    role_arn = arn:aws:iam::1:role/x
    source_profile = self
    region = eu-central-1
    [profile process]
    credential_process = /bin/tool
    region = eu-central-1
    [profile tool]
    credential_process = /bin/tool
    aws_access_key_id=AKIATOOL
    aws_secret_access_key=toolsecret
    region = eu-central-1
    [profile night-tool]
    credential_process = /bin/tool
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
      try keys(loaded) == Credentials(accessKeyID: "AKIA", secretAccessKey: Secret("s"), sessionToken: nil))
    #expect(loaded.region == "us-east-2")
  }

  @Test("a profile provides keys, session token and region")
  func profile() throws {
    let standard = try load([:])
    #expect(try keys(standard).accessKeyID == "AKIADEFAULT")
    #expect(try keys(standard).secretAccessKey.value == "default/secret+key=")
    #expect(standard.region == "eu-west-1")
    let night = try load(["AWS_PROFILE": "night"])
    #expect(try keys(night).sessionToken?.value == "nighttoken")
    #expect(night.region == "sa-east-1")
    // Keys of the credentials file come before a process.
    #expect(try keys(try load(["AWS_PROFILE": "night-tool"])).accessKeyID == "AKIANIGHTTOOL")
  }

  private func keys(_ loaded: CommandLineCredentials) throws -> Credentials {
    guard case .given(let credentials) = loaded.keys else {
      throw ConfigurationError("there are no keys")
    }
    return credentials
  }

  @Test(
    "a missing setting is reported with a way to provide it",
    arguments: [
      (["AWS_PROFILE": "none"], "no AWS region is set"),
      (["AWS_ACCESS_KEY_ID": "AKIA"], "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must both be set"),
    ])
  func missing(environment: [String: String], words: String) {
    let error = #expect(throws: ConfigurationError.self) { try load(environment) }
    #expect(error?.description.contains(words) == true, "\(error.map { $0.description } ?? "")")
  }

  @Test(
    "where a profile has no keys of its own, or a role or SSO beside them, the AWS CLI is to find credentials",
    arguments: [
      (["AWS_PROFILE": "role"], "role", "the profile \"role\" has no access keys of its own"),
      (["AWS_PROFILE": "self"], "self", "install version 2 of the AWS CLI"),
      (["AWS_PROFILE": "process"], "process", "install version 2 of the AWS CLI"),
      (["AWS_PROFILE": "tool"], "tool", "install version 2 of the AWS CLI"),
      (
        ["AWS_PROFILE": "none", "AWS_REGION": "us-east-1"], "none",
        "add the profile \"none\" to /h/.aws/credentials"
      ),
      (["HOME": "/other", "AWS_REGION": "us-east-1"], nil, "add the profile \"default\" to"),
    ] as [([String: String], String?, String)])
  func exported(environment: [String: String], profile: String?, words: String) throws {
    let loaded = try CommandLineCredentials(environment: ["HOME": "/h"].merging(environment) { $1 }) {
      Self.files[$0]
    }
    guard case .exported(let name, let reason) = loaded.keys else {
      Issue.record("\(loaded)")
      return
    }
    #expect(name == profile && reason.description.contains(words), "\(reason)")
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
