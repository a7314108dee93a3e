import Shared

/// Handles one worker invocation: reads the event, loads the shard's plan, and returns the shard's report.
struct WorkerHandler: LambdaHandler {
  private let configuration: WorkerConfiguration
  private let dependencies: WorkerDependencies
  private let log: Log

  init(http: HTTPClient, environment: [String: String], log: Log) throws {
    let configuration = try WorkerConfiguration(environment: environment)
    let services = try AWSServices(http: http, environment: environment)
    let tokens = TokenStore(source: configuration.tmdb.token, secrets: services.secrets)
    self.configuration = configuration
    self.log = log
    dependencies = WorkerDependencies(
      objects: services.s3,
      openTMDB: {
        TMDBClient(http: http, baseURL: configuration.tmdb.baseURL, token: try await tokens.token())
      },
      forgetToken: { tokens.forget() },
      invoke: { event, invocation in
        try await services.lambda.invokeAsync(
          invocation.functionARN, event: try JSONText.encode(event), traceID: invocation.traceID)
      },
      clock: http.loop, randomness: http.loop, lease: configuration.lease)
  }

  func handle(_ invocation: Invocation) async throws -> [UInt8] {
    var log = log
    log.requestID = invocation.requestID
    let event = try WorkerEvent(
      parsing: invocation.event, defaultBucket: configuration.bucket, defaultPrefix: configuration.prefix)
    let plan = try await PlanStore(objects: dependencies.objects).plan(of: event)
    return try await WorkerInvocation(dependencies: dependencies, invocation: invocation, log: log)
      .run(event, plan)
  }
}
