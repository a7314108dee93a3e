/// A client for the S3 operations that a run needs. Keys may contain any character.
package struct S3Client: ObjectStore {
  /// What a PUT requires of the existing object.
  package enum Condition: Sendable, Equatable {
    case none
    /// The object must not exist yet (`If-None-Match: *`).
    case isNew
    /// The object must still have this ETag (`If-Match`).
    case isUnchanged(etag: String)
  }

  /// Size, ETag and metadata of an object, as a HEAD returns them.
  package struct ObjectInfo: Sendable, Equatable {
    package let bytes: Int
    package let etag: String
    /// The `x-amz-meta-*` headers, their names in lower case and without that prefix.
    package let metadata: [String: String]

    package init(bytes: Int, etag: String, metadata: [String: String]) {
      self.bytes = bytes
      self.etag = etag
      self.metadata = metadata
    }
  }

  /// An object in a listing.
  package struct Listed: Sendable, Equatable {
    package let key: String
    package let bytes: Int
    package let etag: String
    package let modifiedAt: UnixTime

    package init(key: String, bytes: Int, etag: String, modifiedAt: UnixTime) {
      self.key = key
      self.bytes = bytes
      self.etag = etag
      self.modifiedAt = modifiedAt
    }
  }

  /// A stream fails when its connection breaks this many times without a byte in between.
  private static let streamBreaksMax = 4

  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// Reads a whole object of at most 64 MB. Nil if it does not exist.
  package func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)? {
    let response = try await client.send(call(.get, object))
    if isAbsent(response) { return nil }
    try check(response, "GET \(object)", "s3:GetObject", object)
    return (response.body, response.header("ETag") ?? "")
  }

  /// Passes an object's bytes to `consume` as they arrive, in constant memory. After a broken connection the stream
  /// resumes at the first missing byte, provided that the object has not changed.
  /// - Returns: the object's size in bytes.
  /// - Throws: `AWSServiceError`, `HTTPError`, or the error that `consume` throws.
  package func stream(
    _ object: ObjectAddress, consume: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> Int {
    let found: ObjectInfo?
    do { found = try await head(object) } catch let error as AWSServiceError where !error.isTransient {
      found = nil
    }
    guard let info = found else {
      // A failed HEAD has no body, but a failed GET has one that gives the reason. One byte is requested in case the
      // GET succeeds.
      var call = call(.get, object)
      call.headers.append(HTTPHeader("Range", "bytes=0-0"))
      try check(try await client.send(call), "GET \(object)", "s3:GetObject", object)
      throw HTTPError(.cutShort, target: "GET \(object)", detail: "the preceding HEAD request failed")
    }
    var position = 0
    var breaks = 0
    while true {
      var call = call(.get, object)
      call.headers.append(HTTPHeader("If-Match", info.etag))
      if position > 0 { call.headers.append(HTTPHeader("Range", "bytes=\(position)-")) }
      let startPosition = position
      do {
        let response = try await client.stream(call) { bytes in
          position += bytes.count
          try consume(bytes)
        }
        try check(response, "GET \(object)", "s3:GetObject", object)
        guard position == info.bytes else {
          throw HTTPError(.cutShort, target: call.name, detail: "received \(position) of \(info.bytes) bytes")
        }
        return position
      } catch let error as HTTPError where error.isTransient && position < info.bytes {
        breaks = position > startPosition ? 1 : breaks + 1
        guard breaks < Self.streamBreaksMax else { throw error }
      }
    }
  }

  package func head(_ object: ObjectAddress) async throws -> ObjectInfo? {
    let response = try await client.send(call(.head, object))
    if response.status == 404 { return nil }
    try check(response, "HEAD \(object)", "s3:GetObject", object)
    let prefix = "x-amz-meta-"
    let metadata = response.headers.compactMap { header -> (String, String)? in
      let name = header.name.lowercased()
      return name.hasPrefix(prefix) ? (String(name.dropFirst(prefix.count)), header.value) : nil
    }
    return ObjectInfo(
      bytes: response.header("Content-Length").flatMap { Int($0) } ?? 0, etag: response.header("ETag") ?? "",
      metadata: Dictionary(metadata) { first, _ in first })
  }

  package func put(
    _ object: ObjectAddress, _ body: HTTPBody, sha256: String, contentType: String,
    metadata: [(name: String, value: String)], condition: Condition
  ) async throws -> String? {
    var call = call(.put, object)
    call.requiredHeader = "ETag"
    call.body = body
    call.payloadHash = sha256
    call.headers.append(HTTPHeader("Content-Type", contentType))
    call.headers += metadata.map { HTTPHeader("x-amz-meta-\($0.name)", $0.value) }
    switch condition {
    case .none: break
    case .isNew: call.headers.append(HTTPHeader("If-None-Match", "*"))
    case .isUnchanged(let etag):
      // libcurl does not send a header without a value, so the PUT would have no condition.
      guard !etag.isEmpty else {
        throw Self.missingETag(HTTPResponse(status: 200, headers: [], body: []), "GET \(object)")
      }
      call.headers.append(HTTPHeader("If-Match", etag))
    }
    let response = try await client.send(call)
    // S3 responds 404 to If-Match if the object does not exist.
    if condition != .none, response.status == 412 || isAbsent(response) { return nil }
    try check(response, call.name, "s3:PutObject", object)
    guard let etag = response.header("ETag"), !etag.isEmpty else {
      throw Self.missingETag(response, call.name)
    }
    return etag
  }

  package func copy(_ source: ObjectAddress, to target: ObjectAddress) async throws -> Bool {
    var call = call(.put, target)
    call.name = "COPY \(source) to \(target)"
    call.headers.append(
      HTTPHeader("x-amz-copy-source", "\(source.bucket)/\(PercentEncoding.encodePath(source.key))"))
    // Without this, copying an object that has tags would need two more permissions.
    call.headers.append(HTTPHeader("x-amz-tagging-directive", "REPLACE"))
    let response = try await client.send(call)
    if isAbsent(response) { return false }
    try check(response, call.name, "s3:PutObject and s3:GetObject", target)
    // S3 can find an error after it has sent the status (CopyObject documentation).
    let result = try? XMLElement(parsing: response.body)
    guard let etag = result?.text(of: "ETag"), !etag.isEmpty else {
      throw Self.missingETag(response, call.name)
    }
    return true
  }

  package func delete(_ object: ObjectAddress, ifUnchanged etag: String?) async throws -> Bool {
    var call = call(.delete, object)
    if let etag { call.headers.append(HTTPHeader("If-Match", etag)) }
    let response = try await client.send(call)
    if etag != nil, response.status == 412 { return false }
    guard response.status != 204, !isAbsent(response) else { return true }
    try check(response, "DELETE \(object)", "s3:DeleteObject", object)
    return true
  }

  /// Lists every object whose key starts with `prefix`, with one request per 1,000 objects.
  package func list(bucket: String, prefix: String) async throws -> [Listed] {
    var objects: [Listed] = []
    var token: String?
    repeat {
      let page = try await listPage(bucket: bucket, prefix: prefix, token: token)
      objects += page.objects
      token = page.nextToken
    } while token != nil
    return objects
  }

  /// Lists the folders directly below `prefix`: the beginnings of all keys up to the next slash, which is included. One
  /// request per 1,000 folders and objects there, however many objects the folders have.
  package func folders(bucket: String, prefix: String) async throws -> [String] {
    var folders: [String] = []
    var token: String?
    repeat {
      let page = try await listPage(bucket: bucket, prefix: prefix, token: token, delimiter: "/")
      folders += page.folders
      token = page.nextToken
    } while token != nil
    return folders
  }

  private func listPage(
    bucket: String, prefix: String, token: String?, delimiter: String? = nil
  ) async throws -> ListPage {
    let target = ObjectAddress(bucket: bucket, key: prefix)
    var call = call(.get, ObjectAddress(bucket: bucket, key: ""))
    call.name = "LIST \(target)"
    // Sorted by name, as the signature requires.
    let fields = [
      ("continuation-token", token), ("delimiter", delimiter), ("encoding-type", "url"), ("list-type", "2"),
      ("prefix", prefix),
    ]
    call.query = fields.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
      .joined(separator: "&")
    let response = try await client.send(call)
    try check(response, call.name, "s3:ListBucket", target)
    guard let page = try? ListPage(parsing: response.body) else {
      throw AWSServiceError(
        response, call: call.name, advice: "The response is not S3's XML. Is the endpoint an S3 server?")
    }
    return page
  }

  /// Addresses the bucket by host name. Two cases address it by path: an endpoint that the environment sets, and a
  /// bucket name with a dot, whose host name S3's wildcard certificate would not match.
  private func call(_ method: HTTPRequest.Method, _ object: ObjectAddress) -> AWSClient.Call {
    let key = "/" + PercentEncoding.encodePath(object.key)
    let isPathStyle = client.endpoint.isOverridden || object.bucket.contains(".")
    return AWSClient.Call(
      method: method, path: isPathStyle ? "/\(object.bucket)\(key)" : key,
      authority: isPathStyle ? nil : "\(object.bucket).\(client.endpoint.authority)",
      name: "\(method.rawValue) \(object)")
  }

  /// The error for a response without an ETag. S3 sends one with every object that it has read or written.
  private static func missingETag(_ response: HTTPResponse, _ call: String) -> AWSServiceError {
    AWSServiceError(
      response, call: call, missing: "ETag",
      advice:
        "It does not come from S3, so an object may not be written. Is the endpoint an S3 server, and does no "
        + "proxy change its responses?")
  }

  private func isAbsent(_ response: HTTPResponse) -> Bool {
    response.status == 404 && AWSErrorBody(response).code != "NoSuchBucket"
  }

  private func check(
    _ response: HTTPResponse, _ call: String, _ action: String, _ object: ObjectAddress
  ) throws {
    guard response.status != 200, response.status != 206 else { return }
    let advice =
      switch (response.status, AWSErrorBody(response).code) {
      case (404, "NoSuchBucket"): "The bucket \(object.bucket) does not exist. Is its name right?"
      case (404, _): "The object does not exist. Is the key right?"
      case (403, "InvalidAccessKeyId"), (403, "SignatureDoesNotMatch"), (403, "RequestTimeTooSkewed"),
        (400, "ExpiredToken"):
        "Are the credentials valid, and is the system clock right?"
      case (412, _): "The object was replaced while it was being read. Start again."
      case (403, _) where action == "s3:GetObject":
        // Without s3:ListBucket, S3 sends 403 for a missing object too (GetObject documentation, "Permissions").
        "The object does not exist, or the credentials do not allow \(action) there or use of the bucket's KMS key."
      case (403, _):
        "Do the credentials allow \(action) there, and use of the bucket's KMS key if it has one?"
      case (301, _), (307, _), (400, "AuthorizationHeaderMalformed"):
        "The bucket is in another region (\(response.header("x-amz-bucket-region") ?? "S3 does not say which")). "
          + "Deploy the stack in that region, or use a bucket in this one. On the command line, set AWS_REGION."
      default: AWSServiceError.transientAdvice(response) ?? "S3 rejected the request."
      }
    throw AWSServiceError(response, call: call, advice: advice)
  }
}

extension S3Client {
  /// A page of a listing.
  struct ListPage {
    let objects: [Listed]
    let folders: [String]
    /// Requests the next page; nil if this is the last one.
    let nextToken: String?

    /// - Throws: `XMLElement.Malformed` if the bytes are not XML.
    init(parsing bytes: [UInt8]) throws {
      let page = try XMLElement(parsing: bytes)
      objects = page.all("Contents").map(Listed.init)
      folders = page.all("CommonPrefixes").compactMap { $0.text(of: "Prefix") }
        .map { PercentEncoding.decode($0, plusIsSpace: true) }
      nextToken = page.text(of: "IsTruncated") == "true" ? page.text(of: "NextContinuationToken") : nil
    }
  }
}

extension S3Client.Listed {
  fileprivate init(_ element: XMLElement) {
    // Percent-encoded because of encoding-type=url: XML cannot represent every character that a key can contain.
    key = PercentEncoding.decode(element.text(of: "Key") ?? "", plusIsSpace: true)
    bytes = element.text(of: "Size").flatMap { Int($0) } ?? 0
    etag = element.text(of: "ETag") ?? ""
    modifiedAt = element.text(of: "LastModified").flatMap(UnixTime.init(iso8601:)) ?? UnixTime(seconds: 0)
  }
}
