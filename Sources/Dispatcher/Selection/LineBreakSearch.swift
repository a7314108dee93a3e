/// Determines from the start of a text whether its lines end with LF (or CR LF) or, as on old Macs, with CR alone.
///
/// Lines end with CR if the text has a CR but no LF, or has its first LF only beyond the longest possible line. The
/// result does not depend on how the text is divided into chunks.
struct LineBreakSearch {
  static let lf: UInt8 = 0x0A
  static let cr: UInt8 = 0x0D
  /// The length of the longest line, including its line break.
  private static let windowBytes = RowSplitter.rowBytesMax + 1

  /// The chunks so far, which do not tell yet.
  private(set) var received: [UInt8] = []

  /// Returns the byte that ends the lines, or nil if the text so far does not tell. In that case the chunk is added to
  /// `received`.
  mutating func lineBreak(_ chunk: UnsafeRawBufferPointer) -> UInt8? {
    let window = UnsafeRawBufferPointer(rebasing: chunk.prefix(Self.windowBytes - received.count))
    if RowBytes.index(of: Self.lf, in: window, from: 0) != nil { return Self.lf }
    guard received.count + window.count < Self.windowBytes else {
      return window.contains(Self.cr) ? Self.cr : lineBreakAtEnd
    }
    received.append(contentsOf: chunk)
    return nil
  }

  /// The byte that ends the lines if no chunk follows.
  var lineBreakAtEnd: UInt8 { received.contains(Self.cr) ? Self.cr : Self.lf }
}
