import CZlib

/// Unpacks gzip (RFC 1952) as it comes, through a buffer of fixed size. Members that follow one another are one text.
struct GzipStream: ~Copyable {
  /// Unpacked bytes handed over at once.
  private static let bufferBytes = 256 << 10
  /// Window of 32 KB and a gzip header: zlib's way to ask for gzip and nothing else.
  private static let gzipWindow: Int32 = 15 + 16

  private let stream: UnsafeMutablePointer<z_stream>
  private let buffer: UnsafeMutableRawBufferPointer
  private var isBetweenMembers = true
  private var members = 0

  /// Whether bytes begin as gzip does.
  static func isGzip(_ start: some Collection<UInt8>) -> Bool { start.starts(with: [0x1F, 0x8B]) }

  init() throws(SelectionError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    buffer = .allocate(byteCount: Self.bufferBytes, alignment: 16)
    let code = inflateInit2_(stream, Self.gzipWindow, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw .corruptGzip("zlib could not be set up (\(code))") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    buffer.deallocate()
  }

  /// Unpacks a chunk and hands over what comes out.
  mutating func consume(
    _ chunk: UnsafeRawBufferPointer, unpacked: (UnsafeRawBufferPointer) throws(SelectionError) -> Void
  ) throws(SelectionError) {
    guard let base = chunk.baseAddress, !chunk.isEmpty else { return }
    // zlib reads the input and does not write to it.
    stream.pointee.next_in = UnsafeMutablePointer(mutating: base.assumingMemoryBound(to: UInt8.self))
    stream.pointee.avail_in = UInt32(chunk.count)
    while true {
      if isBetweenMembers {
        guard stream.pointee.avail_in > 0 else { return }
        inflateReset(stream)
        isBetweenMembers = false
        members += 1
      }
      stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
      stream.pointee.avail_out = UInt32(Self.bufferBytes)
      let code = inflate(stream, Z_NO_FLUSH)
      let count = Self.bufferBytes - Int(stream.pointee.avail_out)
      try unpacked(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      switch code {
      case Z_STREAM_END: isBetweenMembers = true
      case Z_OK, Z_BUF_ERROR: if stream.pointee.avail_in == 0, stream.pointee.avail_out > 0 { return }
      default: throw .corruptGzip(reason(code))
      }
    }
  }

  /// Ends the input.
  func finish() throws(SelectionError) {
    guard isBetweenMembers, members > 0 else { throw .corruptGzip("it is cut short") }
  }

  private func reason(_ code: Int32) -> String {
    if members > 1, stream.pointee.total_out == 0 { return "something else follows the compressed data" }
    return stream.pointee.msg.map { String(cString: $0) } ?? "zlib's code is \(code)"
  }
}
