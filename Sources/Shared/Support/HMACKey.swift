/// HMAC-SHA-256 (RFC 2104) with one key, which is processed once and can then authenticate any number of messages.
struct HMACKey: ~Copyable {
  private let inner: SHA256.Midstate
  private let outer: SHA256.Midstate

  init(_ key: [UInt8]) {
    var block = key.count > SHA256.blockBytes ? SHA256.hash(key).withUnsafeBytes { Array($0) } : key
    block += [UInt8](repeating: 0, count: SHA256.blockBytes - block.count)
    inner = SHA256.Midstate(after: block.map { $0 ^ 0x36 })
    outer = SHA256.Midstate(after: block.map { $0 ^ 0x5C })
  }

  init(_ key: SHA256.Digest) { self.init(key.withUnsafeBytes { Array($0) }) }

  private init(inner: consuming SHA256.Midstate, outer: consuming SHA256.Midstate) {
    self.inner = inner
    self.outer = outer
  }

  /// The authentication code of a message.
  func authenticate(_ message: UnsafeRawBufferPointer) -> SHA256.Digest {
    inner.hash(message).withUnsafeBytes { outer.hash($0) }
  }

  func authenticate(_ message: [UInt8]) -> SHA256.Digest { message.withUnsafeBytes { authenticate($0) } }

  /// Returns a key for messages that start with `prefix`. Pass it only the rest of each message: the prefix has already
  /// been hashed.
  func prefixed(by prefix: [UInt8]) -> HMACKey {
    HMACKey(inner: inner.advanced(by: prefix), outer: outer.advanced(by: []))
  }
}
