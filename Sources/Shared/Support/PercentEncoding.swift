/// Percent-encoding as AWS signatures require it: RFC 3986's unreserved characters are kept, and every other byte
/// becomes %XX with uppercase digits.
package enum PercentEncoding {
  private static let digits = Array("0123456789ABCDEF".utf8)

  /// Encodes a name or value, including any slashes.
  package static func encode(_ text: String) -> String { encode(text, keepsSlash: false) }

  /// Encodes an object key as a path: slashes are kept.
  package static func encodePath(_ key: String) -> String { encode(key, keepsSlash: true) }

  /// Decodes %XX sequences. A "%" without two hexadecimal digits after it is kept as it is.
  /// - Parameter plusIsSpace: whether to decode "+" as a space, as in HTML forms and S3 listings.
  package static func decode(_ text: String, plusIsSpace: Bool = false) -> String {
    let bytes = Array(text.utf8)
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = value(bytes[index + 1]),
        let low = value(bytes[index + 2])
      {
        decoded.append(high << 4 | low)
        index += 3
      } else {
        decoded.append(plusIsSpace && bytes[index] == UInt8(ascii: "+") ? UInt8(ascii: " ") : bytes[index])
        index += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }

  private static func encode(_ text: String, keepsSlash: Bool) -> String {
    func isKept(_ byte: UInt8) -> Bool { isUnreserved(byte) || (keepsSlash && byte == UInt8(ascii: "/")) }
    // Most texts need no encoding.
    if text.withBytes({ !$0.containsByte { !isKept($0) } }) { return text }
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      if isKept(byte) {
        encoded.append(byte)
      } else {
        encoded.append(UInt8(ascii: "%"))
        encoded.append(digits[Int(byte >> 4)])
        encoded.append(digits[Int(byte & 15)])
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  @inline(__always)
  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
    default: false
    }
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case 0x30...0x39: digit - 0x30
    case 0x41...0x46: digit - 0x37
    case 0x61...0x66: digit - 0x57
    default: nil
    }
  }
}
