import Glibc

/// The life of a function's process: set up, then one invocation after the other.
package enum LambdaRuntime {
  /// Runs a function until Lambda ends the process. Called from a synchronous `main`.
  /// - Parameter makeHandler: sets the handler up; what it throws is reported as an error of the start.
  package static func run(
    _ makeHandler: @escaping @Sendable (EventLoop, [String: String], Log) async throws -> any LambdaHandler
  ) -> Never {
    let environment = ProcessEnvironment.all()
    let log = Log(environment: environment)
    guard let address = environment["AWS_LAMBDA_RUNTIME_API"] else {
      log.error(
        "AWS_LAMBDA_RUNTIME_API is not set. This program is a Lambda function's bootstrap: Lambda starts it.")
      exit(2)
    }
    do {
      try EventLoop.run { loop -> Void in
        let api = RuntimeAPI(client: HTTPClient(loop: loop), address: address)
        let handler: any LambdaHandler
        do { handler = try await makeHandler(loop, environment, log) } catch {
          try await api.reportInit(FailureReport(error))
          throw error
        }
        while true { try await answerNext(api: api, handler: handler, log: log) }
      }
    } catch {
      log.error("\(error)")
    }
    exit(1)
  }

  private static func answerNext(api: RuntimeAPI, handler: any LambdaHandler, log: Log) async throws {
    let invocation = try await api.next()
    // The X-Ray libraries of whatever runs below look for it here.
    if let traceID = invocation.traceID { setenv("_X_AMZN_TRACE_ID", traceID, 1) }
    do {
      let answer = try await handler.handle(invocation)
      try await api.respond(answer, to: invocation.requestID)
    } catch let error as RuntimeAPIError where !error.isTooLarge {
      throw error
    } catch {
      var log = log
      log.requestID = invocation.requestID
      log.error("\(error)")
      try await api.report(FailureReport(error), of: invocation.requestID)
    }
  }
}
