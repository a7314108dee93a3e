/// Formats a SHA-256 digest as lowercase hexadecimal digits.
enum Hex {
  static func string(_ digest: SHA256.Digest) -> String {
    String(unsafeUninitializedCapacity: 2 * SHA256.Digest.bytes) { write(digest, to: $0) }
  }

  static func append(_ digest: SHA256.Digest, to text: inout TextBuffer) {
    text.append(upTo: 2 * SHA256.Digest.bytes) { write(digest, to: $0) }
  }

  /// - Returns: the number of digits written.
  private static func write(_ digest: SHA256.Digest, to digits: UnsafeMutableBufferPointer<UInt8>) -> Int {
    digest.withUnsafeBytes { bytes in
      for (index, byte) in bytes.enumerated() {
        digits[2 * index] = digit(byte >> 4)
        digits[2 * index + 1] = digit(byte & 15)
      }
      return 2 * bytes.count
    }
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }
}
