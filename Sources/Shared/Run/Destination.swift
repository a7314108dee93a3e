/// Where a run writes its objects: a bucket and a prefix for every key.
package struct Destination: Codable, Equatable, Sendable {
  package let bucket: String
  /// Has no slash at either end. Can be empty.
  package let prefix: String

  package init(bucket: String, prefix: String) {
    self.bucket = bucket
    self.prefix = prefix
  }
}

/// The bucket and key of an object in S3.
package struct ObjectAddress: Codable, Hashable, Sendable, CustomStringConvertible {
  package let bucket: String
  package let key: String

  package init(bucket: String, key: String) {
    self.bucket = bucket
    self.key = key
  }

  package var description: String { "s3://\(bucket)/\(key)" }
}

/// S3's naming rules for buckets and keys
/// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and object-keys.html).
package enum S3Name {
  /// Whether the text has the length and the characters of a bucket name.
  package static func isBucket(_ name: String) -> Bool {
    let isAllowed = name.utf8.allSatisfy {
      (97...122).contains($0) || (48...57).contains($0) || $0 == 45 || $0 == 46
    }
    return isAllowed && (3...63).contains(name.utf8.count)
  }

  /// Whether the text is a valid key without control characters.
  package static func isKey(_ key: String) -> Bool {
    (1...1024).contains(key.utf8.count) && !key.utf8.contains { $0 < 0x20 || $0 == 0x7F }
  }

  /// Whether the text is a valid prefix: at most 768 bytes, which leaves 256 for the rest of the key.
  package static func isPrefix(_ prefix: String) -> Bool {
    prefix.isEmpty
      || (isKey(prefix) && prefix.utf8.count <= 768 && !prefix.hasPrefix("/") && !prefix.hasSuffix("/")
        && !prefix.contains("//"))
  }
}

extension EventFields {
  /// Reads the field `destination {bucket, prefix}`. A missing part takes its default.
  package mutating func destination(
    _ name: String, defaultBucket: String?, defaultPrefix: String
  ) throws(EventError) -> Destination {
    var fields = try object(name)
    let bucket = try fields?.string("bucket") ?? defaultBucket
    let prefix = try fields?.string("prefix") ?? defaultPrefix
    try fields?.finish()
    guard let bucket else {
      throw refusal(name, "must name a bucket because the function's ELENCO_BUCKET is not set")
    }
    guard S3Name.isBucket(bucket) else {
      throw refusal(name, "has an invalid bucket name, \"\(bucket.printable)\"")
    }
    guard S3Name.isPrefix(prefix) else {
      throw refusal(
        name,
        "has an invalid prefix, \"\(prefix.printable)\"; a prefix has at most 768 bytes, no control characters, no // "
          + "and no / at either end")
    }
    return Destination(bucket: bucket, prefix: prefix)
  }
}
