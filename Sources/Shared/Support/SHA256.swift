import CCrypto
import FoundationEssentials

/// SHA-256 (FIPS 180-4) computed by libcrypto, of a whole text or piece by piece.
///
/// libcrypto fails here only if it is out of memory or lacks SHA-256. Nothing can continue then, so a failure traps.
package struct SHA256: ~Copyable {
  /// A SHA-256 digest, stored inline without heap memory.
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

  /// Fetched once, because with OpenSSL 3 a lookup by name costs more than hashing a short text.
  ///
  /// Safety of `nonisolated(unsafe)`: it is never changed or freed, and libcrypto allows threads to share it.
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

  /// Adds bytes to the hashed text.
  package func update(_ bytes: UnsafeRawBufferPointer) {
    Self.require(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count))
  }

  package func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

  package func update(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { update($0) } }

  static func hash(_ bytes: [UInt8]) -> Digest {
    let hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }

  /// Returns the digest of `bytes` as lowercase hexadecimal digits.
  package static func hex(of bytes: [UInt8]) -> String { Hex.string(hash(bytes)) }

  /// Returns the digest of `bytes` in base64.
  package static func base64(of bytes: [UInt8]) -> String {
    hash(bytes).withUnsafeBytes { Data($0).base64EncodedString() }
  }

  /// Ends the hash and returns its digest as lowercase hexadecimal digits.
  package consuming func hex() -> String { Hex.string(finish()) }

  /// Hashes texts that share a prefix, which is hashed only once.
  struct Midstate: ~Copyable {
    private let prefix: SHA256
    /// Reused for each text.
    private let text = SHA256()

    init(after prefix: [UInt8] = []) {
      self.prefix = SHA256()
      self.prefix.update(prefix)
    }

    private init(_ prefix: consuming SHA256) { self.prefix = prefix }

    /// Returns the digest of the prefix followed by `rest`.
    func hash(_ rest: UnsafeRawBufferPointer) -> Digest {
      text.copyState(of: prefix)
      text.update(rest)
      return text.finish()
    }

    /// Returns a midstate whose prefix is this one's followed by `more`.
    func advanced(by more: [UInt8]) -> Midstate {
      let longer = SHA256()
      longer.copyState(of: prefix)
      longer.update(more)
      return Midstate(longer)
    }
  }

  /// Replaces this hash's state with a copy of another's.
  private func copyState(of other: borrowing SHA256) {
    Self.require(EVP_MD_CTX_copy_ex(context, other.context))
  }

  /// Returns the digest of everything hashed so far. Call `copyState(of:)` before you hash anything else.
  private func finish() -> Digest {
    Digest { Self.require(EVP_DigestFinal_ex(context, $0, nil)) }
  }

  private static func require(_ code: Int32) {
    precondition(code == 1, "libcrypto failed to compute a SHA-256")
  }
}
