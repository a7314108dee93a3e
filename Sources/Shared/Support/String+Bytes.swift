/// Fast access to the bytes of strings.
extension String {
  /// Calls `body` with the UTF-8 bytes of the string. The pointer is valid only during the call.
  @inline(__always)
  func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    // Never reached on Linux. Strings that are bridged from Objective-C, on other systems, have no contiguous storage.
    var copy = self
    return copy.withUTF8(body)
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Returns whether any byte matches `predicate`. It checks every byte: without an early exit from the loop, the
  /// compiler processes 16 bytes at a time.
  @inline(__always)
  func containsByte(where predicate: (UInt8) -> Bool) -> Bool {
    var found: UInt8 = 0
    for byte in self { found |= predicate(byte) ? 1 : 0 }
    return found != 0
  }
}
