import CZlib

/// Decompresses a gzip stream (RFC 1952) through a buffer of fixed size. The output of concatenated members is joined.
/// Zeros after the last member, with which some devices and programs fill up a block, are ignored as gzip does.
package struct GzipStream<Failure: Error>: ~Copyable {
  /// Maximum number of decompressed bytes passed to the consumer at a time.
  private static var bufferBytes: Int { 256 << 10 }
  /// zlib's window size argument: 15 for a window of 32 KB, plus 16 to accept gzip and no other format.
  private static var gzipWindow: Int32 { 15 + 16 }

  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer: UnsafeMutableRawBufferPointer
  private let corrupt: (String) -> Failure
  private var isBetweenMembers = true
  /// Whether a zero has followed a member, so that nothing but zeros may follow.
  private var isPadding = false
  private var members = 0

  /// Returns whether the bytes start with the gzip magic number.
  package static func isGzip(_ start: some Collection<UInt8>) -> Bool { start.starts(with: [0x1F, 0x8B]) }

  /// - Parameter corrupt: makes the error for data that cannot be decompressed, from the reason.
  package init(corrupt: @escaping (String) -> Failure) throws(Failure) {
    self.corrupt = corrupt
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    buffer = .allocate(byteCount: Self.bufferBytes, alignment: 16)
    let code = inflateInit2_(stream, Self.gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw corrupt("zlib could not be initialized (code \(code))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    buffer.deallocate()
  }

  /// Decompresses a chunk and passes the output to `consumer` piece by piece.
  package mutating func consume(
    _ chunk: UnsafeRawBufferPointer, consumer: (UnsafeRawBufferPointer) throws(Failure) -> Void
  ) throws(Failure) {
    guard let base = chunk.baseAddress, !chunk.isEmpty else { return }
    // Safety: zlib only reads from next_in, although its type is mutable.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(chunk.count)
    while true {
      if isBetweenMembers {
        guard stream.pointee.avail_in > 0, try !skipPadding() else { return }
        inflateReset(stream)
        isBetweenMembers = false
        members += 1
      }
      stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(Self.bufferBytes)
      let code = inflate(stream, Z_NO_FLUSH)
      let count = Self.bufferBytes - Int(stream.pointee.avail_out)
      try consumer(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      switch code {
      case Z_STREAM_END: isBetweenMembers = true
      case Z_OK, Z_BUF_ERROR: if stream.pointee.avail_in == 0, stream.pointee.avail_out > 0 { return }
      default: throw corrupt(reason(code))
      }
    }
  }

  /// Ends the input.
  /// - Throws: the `corrupt` error if the input is truncated or empty.
  package func finish() throws(Failure) {
    guard isBetweenMembers, members > 0 else { throw corrupt("the data is truncated") }
  }

  /// Skips the rest of the chunk if it is padding.
  /// - Returns: whether it is.
  private mutating func skipPadding() throws(Failure) -> Bool {
    let rest = UnsafeRawBufferPointer(start: stream.pointee.next_in, count: Int(stream.pointee.avail_in))
    isPadding = isPadding || (members > 0 && rest.first == 0)
    guard isPadding else { return false }
    guard rest.allSatisfy({ $0 == 0 }) else { throw corrupt(Self.otherData) }
    return true
  }

  private static var otherData: String { "other data follows the compressed data" }

  private func reason(_ code: Int32) -> String {
    if members > 1, stream.pointee.total_out == 0 { return Self.otherData }
    return stream.pointee.msg.map { String(cString: $0) } ?? "zlib returned code \(code)"
  }
}
