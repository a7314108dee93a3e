import Shared

/// The dispatcher's bootstrap: Lambda starts it, and it plans one run after the other.
@main
struct DispatcherMain {
  static func main() {
    LambdaRuntime.run { loop, environment, log in
      try DispatcherHandler(http: HTTPClient(loop: loop), environment: environment, log: log)
    }
  }
}
