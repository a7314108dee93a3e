import Shared

/// Answers a worker's invocations: a shard's plan in, its report out.
struct WorkerHandler: LambdaHandler {
  let configuration: WorkerConfiguration
  let http: HTTPClient
  let services: AWSServices
  let tokens: TokenStore
  let log: Log

  init(http: HTTPClient, environment: [String: String], log: Log) throws {
    configuration = try WorkerConfiguration(environment: environment)
    self.http = http
    services = try AWSServices(http: http, environment: environment)
    tokens = TokenStore(source: configuration.token, secrets: services.secrets)
    self.log = log
  }

  func handle(_ invocation: Invocation) async throws -> [UInt8] {
    var log = log
    log.requestID = invocation.requestID
    let event = try WorkerEvent(
      parsing: invocation.event, defaultBucket: configuration.bucket, defaultPrefix: configuration.prefix)
    let plan = try await PlanStore(s3: services.s3).plan(of: event)
    let shift = Shift(worker: self, invocation: invocation, log: log)
    return try await shift.work(event, plan)
  }
}
