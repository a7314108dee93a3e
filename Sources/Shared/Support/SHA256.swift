import CCrypto

/// SHA-256 (FIPS 180-4) on libcrypto: fed piece by piece, or whole.
///
/// libcrypto fails here only when it has no memory or no SHA-256 at all, in which nothing can go on: that traps.
package struct SHA256: ~Copyable {
  static let digestBytes = 32
  static let blockBytes = 64

  /// Fetched once: with OpenSSL 3 a look-up by name costs more than the hash of a short text.
  ///
  /// Safety of `nonisolated(unsafe)`: never changed or freed after it is made; libcrypto shares it between threads.
  private nonisolated(unsafe) static let algorithm: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil)

  private let context: OpaquePointer

  package init() {
    guard let algorithm = Self.algorithm, let context = EVP_MD_CTX_new() else {
      preconditionFailure("libcrypto has no SHA-256")
    }
    self.context = context
    Self.require(EVP_DigestInit_ex2(context, algorithm, nil))
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    Self.require(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  /// The hash of everything so far.
  package consuming func finalize() -> [UInt8] { finishAndReset() }

  /// The hash of everything so far; what comes next is a new text's.
  func finishAndReset() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Self.digestBytes) { buffer, count in
      var written: UInt32 = 0
      Self.require(EVP_DigestFinal_ex(context, buffer.baseAddress, &written))
      Self.require(EVP_DigestInit_ex2(context, nil, nil))
      count = Int(written)
    }
  }

  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    let hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }

  /// The hash in lowercase hexadecimal digits.
  package static func hex(of bytes: [UInt8]) -> String { Hex.string(hash(bytes)) }

  /// The hash so far in lowercase hexadecimal digits.
  package consuming func hex() -> String { Hex.string(finalize()) }

  private static func require(_ code: Int32) {
    precondition(code == 1, "libcrypto failed to compute a SHA-256")
  }
}

/// HMAC-SHA-256 (RFC 2104) under one key, however often it is used.
struct HMACKey: ~Copyable {
  private let inner: [UInt8]
  private let outer: [UInt8]
  private let hash = SHA256()

  init(_ key: [UInt8]) {
    var block = key.count > SHA256.blockBytes ? SHA256.hash(key) : key
    block += [UInt8](repeating: 0, count: SHA256.blockBytes - block.count)
    inner = block.map { $0 ^ 0x36 }
    outer = block.map { $0 ^ 0x5C }
  }

  func authenticate(_ message: [UInt8]) -> [UInt8] {
    hash.update(inner)
    hash.update(message)
    let digest = hash.finishAndReset()
    hash.update(outer)
    hash.update(digest)
    return hash.finishAndReset()
  }
}
