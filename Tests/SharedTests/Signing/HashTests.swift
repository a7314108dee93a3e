import Testing

@testable import Shared

@Suite("Hashes and encodings") struct HashTests {
  // FIPS 180-4's examples (https://csrc.nist.gov/projects/cryptographic-standards-and-guidelines/example-values).
  @Test(
    "SHA-256 matches the published examples, hashed at once and byte by byte",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func sha256(text: String, expected: String) {
    #expect(SHA256.hex(of: Array(text.utf8)) == expected)
    let hash = SHA256()
    for byte in text.utf8 { hash.update([byte]) }
    #expect(hash.hex() == expected)
  }

  // RFC 4231, test cases 1, 2, 3 and 6.
  @Test(
    "HMAC-SHA-256 matches RFC 4231",
    arguments: [
      (
        [UInt8](repeating: 0x0B, count: 20), Array("Hi There".utf8),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), Array("what do ya want for nothing?".utf8),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xAA, count: 20), [UInt8](repeating: 0xDD, count: 50),
        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
      ),
      (
        [UInt8](repeating: 0xAA, count: 131),
        Array("Test Using Larger Than Block-Size Key - Hash Key First".utf8),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ])
  func hmac(key: [UInt8], message: [UInt8], expected: String) {
    let hmac = HMACKey(key)
    #expect(Hex.string(hmac.authenticate(message)) == expected)
    #expect(Hex.string(hmac.authenticate(message)) == expected)
    for split in 0...message.count {
      let prefixed = hmac.prefixed(by: Array(message[..<split]))
      #expect(Hex.string(prefixed.authenticate(Array(message[split...]))) == expected)
    }
  }

  @Test(
    "keys are percent-encoded byte by byte, and decoded again",
    arguments: [
      ("a b", "a%20b", "a%20b"), ("a+b=c@d:e~f", "a%2Bb%3Dc%40d%3Ae~f", "a%2Bb%3Dc%40d%3Ae~f"),
      ("é%/x", "%C3%A9%25%2Fx", "%C3%A9%25/x"), ("-_.~AZaz09", "-_.~AZaz09", "-_.~AZaz09"), ("", "", ""),
    ])
  func percentEncoding(text: String, value: String, path: String) {
    #expect(PercentEncoding.encode(text) == value)
    #expect(PercentEncoding.encodePath(text) == path)
    #expect(PercentEncoding.decode(value) == text)
  }

  @Test("an incomplete or invalid percent escape is left unchanged", arguments: ["%", "%2", "%zz", "100%"])
  func strayPercent(text: String) { #expect(PercentEncoding.decode(text) == text) }
}
