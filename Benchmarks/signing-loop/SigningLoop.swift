@testable import Shared

/// Signs one request many times over, as `make bench` asks: the count in, nanoseconds of each signature out.
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
    let taken = ContinuousClock().measure {
      for _ in 0..<count {
        headers += signer.sign(call, authority: "lambda.us-east-1.amazonaws.com", at: .now()).count
      }
    }
    precondition(headers > 0 || count == 0)
    print(taken / max(1, count) / .nanoseconds(1))
  }
}
