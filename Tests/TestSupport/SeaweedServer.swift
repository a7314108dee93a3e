import Foundation

/// SeaweedFS, a real S3 server that checks signatures strictly. It listens on 127.0.0.1 only and keeps its data in a
/// temporary folder.
public final class SeaweedServer: Sendable {
  public static let program = ChildProcess.find("weed")
  public static let accessKey = "AKIATEST"
  public static let secretKey = "secret/with+signs="

  public let port: Int
  private let folder: TemporaryFolder
  private let process: ChildProcess

  public var url: String { "http://127.0.0.1:\(port)" }

  /// Environment variables with the endpoint, credentials and region for AWS clients.
  public var environment: [String: String] {
    [
      "AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": Self.accessKey, "AWS_SECRET_ACCESS_KEY": Self.secretKey,
      "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1",
    ]
  }

  public init() throws {
    guard let program = Self.program else { throw ChildProcess.Failed(description: "weed is not installed") }
    folder = try TemporaryFolder()
    port = try Loopback.freePort()
    let identity = """
      {"identities":[{"name":"w","credentials":[{"accessKey":"\(Self.accessKey)","secretKey":"\(Self.secretKey)"}],
      "actions":["Admin","Read","Write","List","Tagging"]}]}
      """
    let ports = try ["master", "volume", "filer"].map { "-\($0).port=\(try Loopback.freePort())" }
    process = try ChildProcess(
      program,
      [
        "mini", "-dir=\(folder.path)", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false",
        "-s3.config=\(try folder.write("s3.json", identity))", "-s3.port=\(port)", "-webdav=false",
        "-admin.ui=false",
        "-s3.port.iceberg=0", "-s3.port.lance=0",
      ] + ports, output: folder.path + "/weed.log")
    try Loopback.waitForPort(port)
  }

  public func stop() { process.terminate() }
}
