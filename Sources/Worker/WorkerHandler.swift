import Shared

/// Answers a worker's invocations: a shard's plan in, its report out.
struct WorkerHandler: LambdaHandler {
  private let configuration: WorkerConfiguration
  private let means: WorkerMeans
  private let log: Log

  init(http: HTTPClient, environment: [String: String], log: Log) throws {
    let configuration = try WorkerConfiguration(environment: environment)
    let services = try AWSServices(http: http, environment: environment)
    let tokens = TokenStore(source: configuration.token, secrets: services.secrets)
    self.configuration = configuration
    self.log = log
    means = WorkerMeans(
      objects: services.s3,
      films: {
        TMDBClient(http: http, baseURL: configuration.tmdbBaseURL, token: try await tokens.token())
      },
      forgetToken: { tokens.forget() },
      invoke: { call, invocation in
        try await services.lambda.invokeAsync(
          invocation.functionARN, event: try JSONText.encode(call), traceID: invocation.traceID)
      },
      surroundings: http.loop, lease: configuration.lease)
  }

  func handle(_ invocation: Invocation) async throws -> [UInt8] {
    var log = log
    log.requestID = invocation.requestID
    let event = try WorkerEvent(
      parsing: invocation.event, defaultBucket: configuration.bucket, defaultPrefix: configuration.prefix)
    let plan = try await PlanStore(objects: means.objects).plan(of: event)
    return try await Shift(means: means, invocation: invocation, log: log).work(event, plan)
  }
}
