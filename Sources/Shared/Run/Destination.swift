/// Where a run's objects go: a bucket, and a prefix that stands before every key.
package struct Destination: Codable, Equatable, Sendable {
  package let bucket: String
  /// Without a slash at either end. May be empty.
  package let prefix: String

  package init(bucket: String, prefix: String) {
    self.bucket = bucket
    self.prefix = prefix
  }
}

/// An object in S3.
package struct ObjectAddress: Codable, Equatable, Sendable, CustomStringConvertible {
  package let bucket: String
  package let key: String

  package init(bucket: String, key: String) {
    self.bucket = bucket
    self.key = key
  }

  package var description: String { "s3://\(bucket)/\(key)" }
}

/// The rules that S3 has for names
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and object-keys.html).
package enum S3Name {
  package static func isBucket(_ name: String) -> Bool {
    let isAllowed = name.utf8.allSatisfy {
      (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46
    }
    return isAllowed && (3...63).contains(name.utf8.count)
  }

  package static func isKey(_ key: String) -> Bool {
    (1...1024).contains(key.utf8.count) && !key.utf8.contains { $0 < 0x20 || $0 == 0x7F }
  }

  /// A prefix leaves room for what is put behind it.
  package static func isPrefix(_ prefix: String) -> Bool {
    prefix.isEmpty
      || (isKey(prefix) && prefix.utf8.count <= 768 && !prefix.hasPrefix("/") && !prefix.hasSuffix("/")
        && !prefix.contains("//"))
  }
}

extension EventFields {
  /// `destination {bucket, prefix}`: what is not given comes from `defaults`.
  package mutating func destination(
    _ name: String, defaultBucket: String?, defaultPrefix: String
  ) throws(EventError) -> Destination {
    var fields = try object(name)
    let bucket = try fields?.string("bucket") ?? defaultBucket
    let prefix = try fields?.string("prefix") ?? defaultPrefix
    try fields?.finish()
    guard let bucket else {
      throw refusal(name, "must name a bucket, since the function's ELENCO_BUCKET is not set")
    }
    guard S3Name.isBucket(bucket) else {
      throw refusal(name, "has no valid bucket name: \"\(bucket.printable)\"")
    }
    guard S3Name.isPrefix(prefix) else {
      throw refusal(
        name, "has no valid prefix, which neither begins nor ends with /: \"\(prefix.printable)\"")
    }
    return Destination(bucket: bucket, prefix: prefix)
  }
}
