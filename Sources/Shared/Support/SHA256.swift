import CCrypto

/// SHA-256 (FIPS 180-4) on libcrypto: fed piece by piece, or whole.
///
/// libcrypto fails here only when it has no memory or no SHA-256 at all, in which nothing can go on: that traps.
package struct SHA256: ~Copyable {
  /// A hash, without memory of its own.
  struct Digest {
    static let bytes = 32

    private var storage = SIMD32<UInt8>()

    fileprivate init(writtenBy write: (UnsafeMutablePointer<UInt8>?) -> Void) {
      withUnsafeMutableBytes(of: &storage) { write($0.baseAddress?.assumingMemoryBound(to: UInt8.self)) }
    }

    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
      Swift.withUnsafeBytes(of: storage, body)
    }
  }

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

  static func hash(_ bytes: [UInt8]) -> Digest {
    let hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }

  /// The hash in lowercase hexadecimal digits.
  package static func hex(of bytes: [UInt8]) -> String { Hex.string(hash(bytes)) }

  /// The hash so far in lowercase hexadecimal digits.
  package consuming func hex() -> String { Hex.string(finish()) }

  /// Hashes texts that begin alike: their beginning is hashed once.
  struct Midstate: ~Copyable {
    private let beginning: SHA256
    /// Of one text after the other.
    private let text = SHA256()

    init(after beginning: [UInt8] = []) {
      self.beginning = SHA256()
      self.beginning.update(beginning)
    }

    private init(_ beginning: consuming SHA256) { self.beginning = beginning }

    /// The hash of the beginning and `rest`.
    func hash(_ rest: UnsafeRawBufferPointer) -> Digest {
      text.resume(beginning)
      text.update(rest)
      return text.finish()
    }

    /// For texts that begin with this one's beginning and `more`.
    func advanced(by more: [UInt8]) -> Midstate {
      let longer = SHA256()
      longer.resume(beginning)
      longer.update(more)
      return Midstate(longer)
    }
  }

  /// Goes on where another stands.
  private func resume(_ other: borrowing SHA256) {
    Self.require(EVP_MD_CTX_copy_ex(context, other.context))
  }

  /// The hash of everything so far. What comes next begins with `resume`.
  private func finish() -> Digest {
    Digest { Self.require(EVP_DigestFinal_ex(context, $0, nil)) }
  }

  private static func require(_ code: Int32) {
    precondition(code == 1, "libcrypto failed to compute a SHA-256")
  }
}
