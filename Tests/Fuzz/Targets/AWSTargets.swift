@testable import Elenco
@testable import Shared

extension FuzzTarget {
  /// S3's listings in XML, and what is derived from their keys and times.
  static let listings = FuzzTarget(name: "listings") { input in
    guard let page = try? S3Client.ListPage(parsing: input) else { return }
    guard
      let plan = try ShardPlan(
        stored: Array(planText.utf8), destination: Destination(bucket: "lake", prefix: "Raw"))
    else { return }
    let listing = RunListing(
      objects: page.objects.map { ($0.key, $0.modifiedAt) }, layout: plan.layout,
      now: UnixTime(seconds: 1_795_489_200), terms: .standard)
    try require(listing.leased.isSubset(of: listing.begun), "a lease that never began")
    for start in 0...2 {
      let free = Set(listing.free(from: start))
      try require(
        free == listing.planned.subtracting(listing.reported).subtracting(listing.leased), "free shards")
    }
    for object in page.objects {
      let name = object.key.split(separator: "/").last ?? ""
      if let file = RunProgress.DataFile(name: name) { try require(file.file >= 1, "file \(file.file)") }
      let decoded = PercentEncoding.decode(PercentEncoding.encode(object.key))
      try require(decoded == object.key, "the key changes when it is encoded")
    }
  }

  private static let planText = """
    {"date":"2026-11-24","destination":{"bucket":"lake","prefix":"Raw"},"films":[],"filmsPerFile":100,"genres":["Drama"],\
    "lookup":"find","rateScope":"run","requestsPerSecond":40,"run":"r","shard":0,"shards":60,"workers":60}
    """

  /// Error responses of S3, Lambda and Secrets Manager.
  static let awsErrors = FuzzTarget(name: "aws-errors") { input in
    let response = HTTPResponse(input: input)
    let error = AWSServiceError(response, call: "GET s3://lake/Raw/movies.csv", advice: "Try again.")
    try require(error.description.hasSuffix("Try again."), "a sentence without advice: \(error)")
    try require(!error.errorType.isEmpty, "an error without a type")
    try require(
      error.message.unicodeScalars.count <= 81, "a message of \(error.message.unicodeScalars.count)")
    _ = (error.isTransient, AWSServiceError.transientAdvice(response))
  }

  /// Times in ISO 8601, from events, leases and listings.
  static let dates = FuzzTarget(name: "dates") { input in
    guard let time = UnixTime(iso8601: String(decoding: input, as: UTF8.self)) else { return }
    let text = time.iso8601
    try require(UnixTime(iso8601: text) == time, "\(text) is read as another time")
    try require(text.utf8.starts(with: input.prefix(19)), "\(text) is another time")
    try require(text.hasPrefix(time.date), "\(time.date) is not the date of \(text)")
    let now = UnixTime(seconds: 1_795_489_200)
    try require(
      (now.duration(to: time) > .zero) == (now < time), "the duration to \(text) has the wrong sign")
    try require(time + .seconds(86_400) > time, "a day after \(text) is before it")
  }

  /// The Runtime API's response with the next invocation.
  static let invocations = FuzzTarget(name: "invocations") { input in
    let response = HTTPResponse(input: input)
    guard let invocation = try? Invocation(response) else { return }
    try require(response.status == 200, "an invocation with status \(response.status)")
    try require(invocation.event == response.body, "the event is not the body")
    let now = UnixTime(seconds: 1_795_489_200)
    let remaining = now.duration(to: invocation.deadline)
    try require((remaining > .zero) == (now < invocation.deadline), "the deadline is \(remaining) away")
    _ = invocation.deadline.iso8601
  }

  /// The AWS CLI's files of profiles: credentials, and config after the byte 1.
  static let profiles = FuzzTarget(name: "profiles") { input in
    let parts = input.split(separator: UInt8(ascii: "\u{1}"), maxSplits: 1, omittingEmptySubsequences: false)
    let texts = parts.map { String(decoding: $0, as: UTF8.self) }
    for profile in ["default", "work"] {
      let found = try? CommandLineCredentials(
        environment: ["HOME": "/home", "AWS_PROFILE": profile],
        read: { $0.hasSuffix("credentials") ? texts[0] : texts.last })
      guard let found else { continue }
      if case .given = found.keys {
        try require(!texts.allSatisfy { !$0.contains("aws_access_key_id") }, "keys from nowhere")
      }
      try require(found.region.first?.isWhitespace != true, "a region that starts with space")
    }
  }

  /// Lines of CloudWatch Logs. Lines of the input that begin with "2" are in a second stream.
  static let logLines = FuzzTarget(name: "log-lines") { input in
    guard let run = RunName("r") else { return }
    for shard in [nil, 0] {
      var log = RunLog(run: run, shard: shard)
      let events = input.split(separator: 0x0A).enumerated().map { index, bytes in
        let text = String(decoding: bytes, as: UTF8.self)
        return LogsClient.Event(
          stream: text.hasPrefix("2") ? "b" : "a", time: UnixTime(milliseconds: Int64(index / 2)),
          message: text.hasPrefix("2") ? String(text.dropFirst()) : text)
      }
      var lines: [LogLine] = []
      for end in [events.count / 2, events.count, events.count] {
        for stream in ["a", "b"] {
          log.add(events.prefix(end).filter { $0.stream == stream }, stream: stream, source: .worker)
        }
        lines += log.takeNew()
      }
      try require(log.count == events.count, "\(log.count) lines")
      // A line is in the log as often as it is printed, at least.
      let logged = Dictionary(events.map { (LogLine($0, source: .worker).text, 1) }) { $0 + $1 }
      let printed = Dictionary(lines.map { ($0.text, 1) }) { $0 + $1 }
      try require(printed.allSatisfy { $1 <= logged[$0, default: 0] }, "lines that are new twice")
      for line in lines {
        try require(line.run == nil || line.run == "r", "a line of another run")
        try require(
          line.text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7F...0x9F).contains($0.value) },
          "a control character")
        _ = try JSONText.encode(line)
      }
    }
  }

  /// What the AWS CLI prints as credentials.
  static let exportedCredentials = FuzzTarget(name: "exported-credentials") { input in
    do {
      let exported = try ExportedCredentials(parsing: input)
      let keys = exported.credentials
      let values =
        [keys.accessKeyID, keys.secretAccessKey.value] + (keys.sessionToken.map { [$0.value] } ?? [])
      for value in values {
        try require(
          !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "not a header's value")
      }
    } catch let error as ExportedCredentials.Invalid {
      let names = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]
      let reasons =
        [
          "it is not a JSON object", "its Version is not 1", "it has no AccessKeyId or no SecretAccessKey",
          "its Expiration is not a time",
        ] + names.map { "its \($0) is not a text of visible ASCII characters" }
      try require(reasons.contains(error.reason), "a reason that could show the input")
    }
  }
}
