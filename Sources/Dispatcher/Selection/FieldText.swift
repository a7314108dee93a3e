/// Reads fields as text: without white space around them, in UTF-8 or else in Latin-1.

extension UInt8 {
  /// Whether the byte is ASCII white space: a space, a tab or a kind of line break.
  @inline(__always)
  fileprivate var isWhiteSpace: Bool { self == 0x20 || self &- 0x09 < 5 }
}

extension UnsafeRawBufferPointer {
  /// The bytes without ASCII white space at either end.
  @inline(__always)
  var trimmed: UnsafeRawBufferPointer {
    guard !isEmpty, self[0].isWhiteSpace || self[count - 1].isWhiteSpace else { return self }
    return withoutWhiteSpace
  }

  @inline(never)
  private var withoutWhiteSpace: UnsafeRawBufferPointer {
    var (start, end) = (0, count)
    while start < end, self[start].isWhiteSpace { start += 1 }
    while end > start, self[end - 1].isWhiteSpace { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: self[start..<end])
  }
}

extension String {
  /// Decodes UTF-8 or, if the bytes are not valid UTF-8, Latin-1: the usual encoding of older files.
  init(textBytes bytes: UnsafeRawBufferPointer) {
    self =
      String(validating: bytes, as: UTF8.self)
      ?? String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
  }

  /// The text without white space at either end.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }),
      let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
