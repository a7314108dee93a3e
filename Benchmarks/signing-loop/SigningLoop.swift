@testable import Shared

/// Signs one request repeatedly, for `make bench`.
///
/// Takes the number of signatures as its argument, and prints the mean nanoseconds per signature.
@main
struct SigningLoop {
  static func main() {
    let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1
    let credentials = Credentials(
      accessKeyID: "AKIABENCH", secretAccessKey: Secret("bench"), sessionToken: nil)
    let signer = Signer(credentials: credentials, region: "us-east-1", service: "lambda")
    let call = AWSClient.Call(
      method: .post, path: "/2015-03-31/functions/elenco-worker/invocations",
      headers: [
        HTTPHeader("X-Amz-Invocation-Type", "Event"), HTTPHeader("Content-Type", "application/json"),
      ], name: "Invoke")
    var headers = 0
    let duration = ContinuousClock().measure {
      for _ in 0..<count {
        headers += signer.sign(call, authority: "lambda.us-east-1.amazonaws.com", at: .now()).count
      }
    }
    precondition(headers > 0 || count == 0)
    print(duration / max(1, count) / .nanoseconds(1))
  }
}
