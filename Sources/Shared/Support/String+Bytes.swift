extension String {
  /// Calls `body` with the text's bytes, to be read while the call lasts.
  @inline(__always)
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    // No String on Linux comes here; on systems with bridged ones, some do.
    var copy = self
    return copy.withUTF8(body)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether any byte is as asked for. All are looked at: without a way out of the loop, the compiler takes sixteen
  /// at once.
  @inline(__always)
  func hasByte(_ isWanted: (UInt8) -> Bool) -> Bool {
    var found: UInt8 = 0
    for byte in self { found |= isWanted(byte) ? 1 : 0 }
    return found != 0
  }
}
