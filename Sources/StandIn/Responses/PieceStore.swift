/// Caches the pieces of bodies, plain and compressed, so that composing a body takes only a few copies.
import CZlib

/// A piece of a body, with the values that a gzip stream needs to append it.
struct Piece {
  let plain: [UInt8]
  /// Raw deflate blocks that end on a byte boundary; none is marked as the last block.
  let deflated: [UInt8]
  let checksum: UInt
  /// The operator for `crc32_combine_op` that appends this many bytes.
  let checksumOperator: UInt
}

/// Holds at most a few thousand pieces (20 MB), each created at its first use. Not thread-safe.
final class PieceStore {
  private var pieces: [PieceKey: Piece] = [:]

  func piece(_ key: PieceKey) -> Piece {
    if let piece = pieces[key] { return piece }
    let plain = key.bytes()
    let piece = Piece(
      plain: plain, deflated: PieceStore.deflated(plain), checksum: crc32(0, plain, UInt32(plain.count)),
      checksumOperator: crc32_combine_gen(plain.count))
    pieces[key] = piece
    return piece
  }

  private static func deflated(_ bytes: [UInt8]) -> [UInt8] {
    var input = bytes
    var stream = z_stream()
    // zlib keeps a pointer back to the stream, so the stream must not move between the calls.
    return withUnsafeMutablePointer(to: &stream) { stream in
      // A window of 8 KB (2^13 bytes) is larger than the largest piece.
      let result = deflateInit2_(
        stream, 6, Z_DEFLATED, -13, 6, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
      precondition(result == Z_OK, "zlib is out of memory or has another version")
      defer { deflateEnd(stream) }
      let room = Int(deflateBound(stream, UInt(bytes.count))) + 16
      return [UInt8](unsafeUninitializedCapacity: room) { output, count in
        input.withUnsafeMutableBufferPointer { input in
          stream.pointee.next_in = input.baseAddress
          stream.pointee.avail_in = UInt32(input.count)
          stream.pointee.next_out = output.baseAddress
          stream.pointee.avail_out = UInt32(room)
          let result = deflate(stream, Z_SYNC_FLUSH)
          precondition(result == Z_OK && stream.pointee.avail_in == 0, "deflateBound was too small")
          count = room - Int(stream.pointee.avail_out)
        }
      }
    }
  }
}
