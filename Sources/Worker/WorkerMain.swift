import Shared

/// The worker's bootstrap: Lambda starts it, and it answers one shard after the other.
@main
struct WorkerMain {
  static func main() {
    LambdaRuntime.run { loop, environment, log in
      try WorkerHandler(http: HTTPClient(loop: loop), environment: environment, log: log)
    }
  }
}
