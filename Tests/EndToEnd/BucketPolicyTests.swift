import Foundation
import TestSupport
import Testing

extension OnLocalCloud {
  /// MiniStack enforces the policy of a bucket, and takes a request for one over TLS if its X-Forwarded-Proto is https.
  @Suite("The policy of the stack's bucket") struct BucketPolicyTests {
    private let fixture: CloudFixture

    init() throws { fixture = try CloudFixture() }

    @Test("refuses every request over plain HTTP, none over TLS, and stays when the stack is deleted")
    func plainHTTP() throws {
      let cloud = fixture.cloud
      try ChildProcess.run(
        SharedData.package.path + "/infra/deploy", ["policy", "elenco-artifacts"],
        environment: cloud.environment)
      let bucket = try cloud.output("policy", "BucketName")
      let refused = Array(repeating: "AccessDenied", count: 5)
      #expect(try attempts(bucket, "http") == refused)
      #expect(try attempts(bucket, "https") == Array(repeating: "allowed", count: 5))

      try cloud.aws("cloudformation", "delete-stack", "--stack-name", "policy")
      try cloud.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", "policy")
      #expect(try attempts(bucket, "http") == refused)
    }

    /// Sends five requests for a bucket and returns what became of each: an error code, or "allowed".
    private func attempts(_ bucket: String, _ scheme: String) throws -> [String] {
      let script = """
        import boto3, botocore.exceptions, sys
        bucket, scheme = sys.argv[1:]
        s3 = boto3.client("s3")
        header = {"X-Forwarded-Proto": scheme}
        s3.meta.events.register("before-call.s3", lambda params, **_: params["headers"].update(header))
        for attempt in [
          lambda: s3.put_object(Bucket=bucket, Key="Raw/film.json", Body=b"{}"),
          lambda: s3.get_object(Bucket=bucket, Key="Raw/film.json"),
          lambda: s3.list_objects_v2(Bucket=bucket),
          lambda: s3.delete_object(Bucket=bucket, Key="Raw/film.json"),
          lambda: s3.get_bucket_policy(Bucket=bucket),
        ]:
          try:
            attempt()
            print("allowed")
          except botocore.exceptions.ClientError as error:
            print(error.response["Error"]["Code"])
        """
      let output = try ChildProcess.run(
        SharedData.package.path + "/.venv/bin/python", ["-c", script, bucket, scheme],
        environment: fixture.cloud.environment)
      return output.split(separator: "\n").map(String.init)
    }
  }
}
