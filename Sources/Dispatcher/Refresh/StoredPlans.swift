import Shared

/// The plans of a run that an earlier attempt of the same event has stored.
///
/// What a plan says about the base, and which kind of lookup `"lookup": "auto"` takes, depends on when it is made. The
/// stored plans count, because workers may be at work on them.
struct StoredPlans {
  private(set) var plans: [Int: ShardPlan] = [:]

  init() {}

  /// Reads the plans that exist.
  /// - Throws: `RunExists` if one of them has other films or settings.
  init(of run: RunPlan, objects: any ObjectStore) async throws {
    guard let first = run.shards.first else { return }
    let bucket = first.destination.bucket
    let keys = Set(try await objects.list(bucket: bucket, prefix: first.layout.plans).map(\.key))
    let existing = run.shards.filter { keys.contains($0.layout.plan(shard: $0.shard)) }
    let stored = try await BoundedFanOut.map(existing, limit: FanOut.callsMax) { plan -> ShardPlan? in
      let object = ObjectAddress(bucket: bucket, key: plan.layout.plan(shard: plan.shard))
      return try await objects.get(object).map { try Self.adopt($0, for: plan, of: run.event) }
    }
    for plan in stored.compactMap({ $0 }) { plans[plan.shard] = plan }
  }

  /// Any of the plans.
  var first: ShardPlan? { plans.min { $0.key < $1.key }?.value }

  /// Whether an event's plans depend on when they are made.
  static func areTimeDependent(_ event: DispatcherEvent) -> Bool {
    event.refresh == .changed || event.lookup == .auto
  }

  /// A stored plan in place of a new one.
  /// - Throws: `RunExists` if the two differ in something that does not depend on the time of planning.
  static func adopt(_ text: [UInt8], for plan: ShardPlan, of event: DispatcherEvent) throws -> ShardPlan {
    guard areTimeDependent(event), let stored = try? ShardPlan(stored: text, destination: plan.destination)
    else { throw RunExists(run: plan.run) }
    var (left, right) = (stored, plan)
    if event.refresh == .changed { (left.base, right.base) = (nil, nil) }
    if event.lookup == .auto { (left.lookup, right.lookup) = (.find, .find) }
    guard left == right else { throw RunExists(run: plan.run) }
    return stored
  }
}
