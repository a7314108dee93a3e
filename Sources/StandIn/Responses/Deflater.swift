/// Compresses pieces so that they can be strung together: zlib's raw deflate, ended on a byte boundary.
import CZlib

/// Not for two threads at once.
final class Deflater {
  // zlib keeps a pointer back to the stream, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // A window of 8 KB holds the largest piece; small tables are quick to clear for the next one.
    let result = deflateInit2_(
      stream, 6, Z_DEFLATED, -13, 6, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    precondition(result == Z_OK, "zlib has no memory for a stream or is of another version")
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// Raw deflate blocks, none of them the last one.
  func deflated(_ bytes: [UInt8]) -> [UInt8] {
    deflateReset(stream)
    let room = Int(deflateBound(stream, UInt(bytes.count))) + 16
    var input = bytes
    return [UInt8](unsafeUninitializedCapacity: room) { output, count in
      input.withUnsafeMutableBufferPointer { input in
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(input.count)
        stream.pointee.next_out = output.baseAddress
        stream.pointee.avail_out = UInt32(room)
        let result = deflate(stream, Z_SYNC_FLUSH)
        precondition(result == Z_OK && stream.pointee.avail_in == 0, "zlib's own bound was too small")
        count = room - Int(stream.pointee.avail_out)
      }
    }
  }
}
