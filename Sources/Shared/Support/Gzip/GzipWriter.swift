import CZlib

/// Compresses bytes to a gzip stream (RFC 1952), with a fixed amount of memory besides the compressed bytes.
///
/// The same pieces always give the same stream, as long as zlib is the same: its header has no time stamp and no file
/// name, and its operating system field is always "unknown".
///
/// zlib fails here only if it is out of memory. Nothing can continue then, so a failure traps.
package struct GzipWriter: ~Copyable {
  /// zlib's compression level. docs/performance.md has the measurement that it was chosen by: from 4 to 5 the size
  /// falls by 6 % for up to a fifth more CPU time; each level above 5 saves 2 to 3 % for 25 to 45 % more.
  package static let level: Int32 = 5
  /// zlib's window size argument: 15 for a window of 32 KB, plus 16 for gzip.
  private static let gzipWindow: Int32 = 15 + 16
  /// zlib's default, which takes 256 KB of memory together with the window.
  private static let memoryLevel: Int32 = 8
  /// RFC 1952, 2.3.1: 255 is "unknown". zlib's own value depends on the system that it was built for.
  private static let unknownSystem: Int32 = 255
  private static let pieceBytes = 64 << 10

  private let stream: UnsafeMutablePointer<z_stream>
  /// zlib reads it when it writes the stream's header.
  private let header: UnsafeMutablePointer<gz_header>
  private let buffer: UnsafeMutableRawBufferPointer
  private var pieces: [[UInt8]] = []

  package init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    header = .allocate(capacity: 1)
    header.initialize(to: gz_header())
    header.pointee.os = Self.unknownSystem
    buffer = .allocate(byteCount: Self.pieceBytes, alignment: 16)
    let code = deflateInit2_(
      stream, Self.level, Z_DEFLATED, Self.gzipWindow, Self.memoryLevel, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
      Int32(MemoryLayout<z_stream>.size))
    precondition(code == Z_OK, "zlib could not be initialized (code \(code))")
    deflateSetHeader(stream, header)
    emptyBuffer()
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
    header.deallocate()
    buffer.deallocate()
  }

  /// Compresses more bytes.
  package mutating func append(_ bytes: ArraySlice<UInt8>) { bytes.withUnsafeBytes { append($0) } }

  private mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
    // Safety: zlib only reads from next_in, although its type is mutable.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(bytes.count)
    while stream.pointee.avail_in > 0 { compress(Z_NO_FLUSH) }
  }

  /// Ends the stream. Append nothing afterwards.
  /// - Returns: the stream in pieces of up to 64 KB.
  package mutating func finish() -> [[UInt8]] {
    while compress(Z_FINISH) != Z_STREAM_END {}
    if let rest = filled { pieces.append(rest) }
    return pieces
  }

  @discardableResult
  private mutating func compress(_ flush: Int32) -> Int32 {
    let code = deflate(stream, flush)
    precondition(code == Z_OK || code == Z_STREAM_END, "zlib could not compress (code \(code))")
    if stream.pointee.avail_out == 0, let piece = filled {
      pieces.append(piece)
      emptyBuffer()
    }
    return code
  }

  /// A copy of the compressed bytes in the buffer; nil if there are none.
  private var filled: [UInt8]? {
    let count = Self.pieceBytes - Int(stream.pointee.avail_out)
    return count > 0 ? Array(buffer[..<count]) : nil
  }

  private func emptyBuffer() {
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(Self.pieceBytes)
  }
}
