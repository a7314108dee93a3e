/// S3, as far as a run needs it. Objects are read and written whole or streamed; keys may hold any character.
package struct S3Client: ObjectStore {
  /// What a PUT asks of the object that is there.
  package enum Condition: Sendable, Equatable {
    case none
    /// There must be none (`If-None-Match: *`).
    case isNew
    /// It must be this one (`If-Match`).
    case isUnchanged(etag: String)
  }

  /// An object's headers.
  package struct ObjectInfo: Sendable, Equatable {
    package let bytes: Int
    package let etag: String
    /// `x-amz-meta-*`, names without that and in lower case.
    package let metadata: [String: String]

    package init(bytes: Int, etag: String, metadata: [String: String]) {
      self.bytes = bytes
      self.etag = etag
      self.metadata = metadata
    }
  }

  /// An object as a listing has it.
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

  /// Breaks of a stream without a byte between them before it is given up.
  private static let streamBreaksMax = 4

  private let client: AWSClient

  package init(_ client: AWSClient) { self.client = client }

  /// Reads an object whole, 64 MB at the most.
  package func read(_ object: ObjectAddress) async throws -> (bytes: [UInt8], etag: String)? {
    let response = try await client.send(call(.get, object))
    if isAbsent(response) { return nil }
    try check(response, "GET \(object)", "s3:GetObject", object)
    return (response.body, response.header("ETag") ?? "")
  }

  /// Hands an object's bytes over as they come, in constant memory. A connection that breaks is taken up where it
  /// broke, as long as the object has not changed meanwhile.
  /// - Returns: the object's size.
  /// - Throws: `AWSServiceError`, `HTTPError`, or what `consume` throws.
  package func stream(
    _ object: ObjectAddress, consume: @escaping (UnsafeRawBufferPointer) throws -> Void
  ) async throws -> Int {
    let found: ObjectInfo?
    do { found = try await head(object) } catch let error as AWSServiceError where !error.isPassing {
      found = nil
    }
    guard let info = found else {
      // The GET's answer says why, which a HEAD's cannot. Of an object that is there after all, a byte will do.
      var call = call(.get, object)
      call.headers.append(HTTPHeader("Range", "bytes=0-0"))
      try check(try await client.send(call), "GET \(object)", "s3:GetObject", object)
      throw HTTPError(.cutShort, target: "GET \(object)", detail: "it could not be looked at first")
    }
    var position = 0
    var breaks = 0
    while true {
      var call = call(.get, object)
      call.headers.append(HTTPHeader("If-Match", info.etag))
      if position > 0 { call.headers.append(HTTPHeader("Range", "bytes=\(position)-")) }
      let before = position
      do {
        let response = try await client.stream(call) { bytes in
          position += bytes.count
          try consume(bytes)
        }
        try check(response, "GET \(object)", "s3:GetObject", object)
        guard position == info.bytes else {
          throw HTTPError(.cutShort, target: call.name, detail: "\(position) of \(info.bytes) bytes came")
        }
        return position
      } catch let error as HTTPError where error.isTransient && position < info.bytes {
        breaks = position > before ? 1 : breaks + 1
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
    call.body = body
    call.payloadHash = sha256
    call.headers.append(HTTPHeader("Content-Type", contentType))
    call.headers += metadata.map { HTTPHeader("x-amz-meta-\($0.name)", $0.value) }
    switch condition {
    case .none: break
    case .isNew: call.headers.append(HTTPHeader("If-None-Match", "*"))
    case .isUnchanged(let etag): call.headers.append(HTTPHeader("If-Match", etag))
    }
    let response = try await client.send(call)
    if response.status == 412, condition != .none { return nil }
    try check(response, call.name, "s3:PutObject", object)
    return response.header("ETag") ?? ""
  }

  package func delete(_ object: ObjectAddress) async throws {
    let response = try await client.send(call(.delete, object))
    guard response.status != 204, !isAbsent(response) else { return }
    try check(response, "DELETE \(object)", "s3:DeleteObject", object)
  }

  /// Lists page by page; a page holds 1,000.
  package func list(bucket: String, prefix: String) async throws -> [Listed] {
    var objects: [Listed] = []
    var token: String?
    repeat {
      let page = try await listPage(bucket: bucket, prefix: prefix, token: token)
      objects += page.all("Contents").map(Listed.init)
      token = page.text(of: "IsTruncated") == "true" ? page.text(of: "NextContinuationToken") : nil
    } while token != nil
    return objects
  }

  private func listPage(bucket: String, prefix: String, token: String?) async throws -> XMLElement {
    let target = ObjectAddress(bucket: bucket, key: prefix)
    var call = call(.get, ObjectAddress(bucket: bucket, key: ""))
    call.name = "LIST \(target)"
    // In the order of their names, as the signature wants them.
    let fields = [
      ("continuation-token", token), ("encoding-type", "url"), ("list-type", "2"), ("prefix", prefix),
    ]
    call.query = fields.compactMap { name, value in value.map { "\(name)=\(PercentEncoding.encode($0))" } }
      .joined(separator: "&")
    let response = try await client.send(call)
    try check(response, call.name, "s3:ListBucket", target)
    guard let page = try? XMLElement(parsing: response.body) else {
      throw AWSServiceError(response, call: call.name, advice: "The answer is not the XML that S3 sends.")
    }
    return page
  }

  /// Buckets stand in the host, but for a local cloud's and for names with a dot, whose certificate would not match.
  private func call(_ method: HTTPRequest.Method, _ object: ObjectAddress) -> AWSClient.Call {
    let key = "/" + PercentEncoding.encodePath(object.key)
    let isInPath = client.endpoint.isOverridden || object.bucket.contains(".")
    return AWSClient.Call(
      method: method, path: isInPath ? "/\(object.bucket)\(key)" : key,
      authority: isInPath ? nil : "\(object.bucket).\(client.endpoint.authority)",
      name: "\(method.rawValue) \(object)")
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
      case (404, "NoSuchBucket"): "There is no bucket \(object.bucket): is its name right?"
      case (404, _): "There is no such object: is the key right?"
      case (403, "InvalidAccessKeyId"), (403, "SignatureDoesNotMatch"), (403, "RequestTimeTooSkewed"),
        (400, "ExpiredToken"):
        "Are the credentials valid and the clock right?"
      case (412, _): "The object was replaced while it was being read: start again."
      case (403, _) where action == "s3:GetObject":
        // S3 hides from who may not list whether there is an object (docs of GetObject, "Permissions").
        "There is no such object, or the credentials do not allow \(action) there or the use of the bucket's KMS key."
      case (403, _):
        "Do the credentials allow \(action) there, and the use of the bucket's KMS key if it has one?"
      case (301, _), (307, _), (400, "AuthorizationHeaderMalformed"):
        "The bucket is in another region (\(response.header("x-amz-bucket-region") ?? "which, S3 does not say")). Deploy "
          + "the stack there or name a bucket of this one; on the command line, set AWS_REGION."
      default: AWSServiceError.passingAdvice(response) ?? "S3 does not take the request as it is."
      }
    throw AWSServiceError(response, call: call, advice: advice)
  }
}

extension S3Client.Listed {
  fileprivate init(_ element: XMLElement) {
    // Asked for with encoding-type=url, since XML cannot hold every character that a key may.
    key = PercentEncoding.decode(element.text(of: "Key") ?? "", plusIsSpace: true)
    bytes = element.text(of: "Size").flatMap { Int($0) } ?? 0
    etag = element.text(of: "ETag") ?? ""
    modifiedAt = element.text(of: "LastModified").flatMap(UnixTime.init(iso8601:)) ?? UnixTime(seconds: 0)
  }
}
