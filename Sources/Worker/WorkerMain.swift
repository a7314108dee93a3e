import Shared

/// Entry point of the worker function. Lambda starts it as `bootstrap`; it then handles one invocation after another.
@main
struct WorkerMain {
  static func main() {
    LambdaRuntime.run { loop, environment, log in
      try WorkerHandler(http: HTTPClient(loop: loop), environment: environment, log: log)
    }
  }
}
