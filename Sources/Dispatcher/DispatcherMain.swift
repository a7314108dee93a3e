import Shared

/// Entry point of the dispatcher function. Lambda starts it as the function's bootstrap.
@main
struct DispatcherMain {
  static func main() {
    LambdaRuntime.run { loop, environment, log in
      try DispatcherHandler(http: HTTPClient(loop: loop), environment: environment, log: log)
    }
  }
}
