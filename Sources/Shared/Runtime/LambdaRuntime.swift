import Glibc

/// The main loop of a function's process: sets up the handler, then handles one invocation after another.
package enum LambdaRuntime {
  /// Runs a function until Lambda ends the process. Call it from a synchronous `main`.
  /// - Parameter makeHandler: creates the handler. An error that it throws is reported to Lambda as an init error.
  package static func run(
    _ makeHandler: @escaping @Sendable (EventLoop, [String: String], Log) async throws -> any LambdaHandler
  ) -> Never {
    let environment = ProcessEnvironment.all()
    let log = Log(environment: environment)
    guard let address = environment["AWS_LAMBDA_RUNTIME_API"] else {
      log.error(
        "AWS_LAMBDA_RUNTIME_API is not set. This program is the bootstrap of a Lambda function: "
          + "deploy it to Lambda, which starts it.")
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
        while true { try await handleNext(api: api, handler: handler, log: log) }
      }
    } catch {
      log.error("\(error)")
    }
    exit(1)
  }

  private static func handleNext(api: RuntimeAPI, handler: any LambdaHandler, log: Log) async throws {
    let invocation = try await api.next()
    var log = log
    log.requestID = invocation.requestID
    log.info(
      "invocation started",
      ["version": .string(ElencoVersion.current), "libraries": .string(LinkedLibraries.versions)])
    // X-Ray libraries read the trace header from this variable.
    if let traceID = invocation.traceID { setenv("_X_AMZN_TRACE_ID", traceID, 1) }
    do {
      let response = try await handler.handle(invocation)
      try await api.respond(response, to: invocation.requestID)
    } catch let error as RuntimeAPIError where !error.isTooLarge {
      throw error
    } catch {
      log.error("\(error)")
      try await api.report(FailureReport(error), of: invocation.requestID)
    }
  }
}
