/// Composes gzip bodies from pieces that are compressed only once.
///
/// A gzip stream can be assembled from separately made deflate blocks. Pieces are stored compressed and end on a byte
/// boundary. The texts between them, which differ from film to film, go into stored (uncompressed) blocks. The
/// checksums are combined.
import CZlib

/// Not thread-safe.
final class GzipComposer {
  private let pieces = PieceStore()

  func gzip(_ segments: [Segment]) -> [UInt8] {
    var stream = GzipStream()
    for segment in segments {
      switch segment {
      case .text(let text): stream.store(text.withUTF8Buffer { Array($0) })
      case .number(let number): stream.store(Array(String(number).utf8))
      case .piece(let key): stream.append(pieces.piece(key))
      }
    }
    return stream.finish()
  }
}

/// A gzip stream (RFC 1952) of compressed blocks and stored blocks (RFC 1951, 3.2.4).
private struct GzipStream {
  private var bytes: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]
  private var checksum: UInt = 0
  private var length = 0
  /// The content of the next stored block.
  private var stored: [UInt8] = []

  init() { bytes.reserveCapacity(16 << 10) }

  mutating func append(_ piece: Piece) {
    appendStored()
    bytes += piece.deflated
    checksum = crc32_combine_op(checksum, piece.checksum, piece.checksumOperator)
    length += piece.plain.count
  }

  /// Adds uncompressed text. The texts between two pieces are far below a stored block's maximum of 65,535 bytes.
  mutating func store(_ text: [UInt8]) { stored += text }

  mutating func finish() -> [UInt8] {
    appendStored()
    // The last block: stored and empty.
    bytes += [1, 0, 0, 0xff, 0xff]
    append(littleEndian: UInt32(truncatingIfNeeded: checksum))
    append(littleEndian: UInt32(truncatingIfNeeded: length))
    return bytes
  }

  private mutating func appendStored() {
    guard !stored.isEmpty else { return }
    let count = UInt16(stored.count)
    bytes.append(0)
    append(littleEndian: count)
    append(littleEndian: ~count)
    bytes += stored
    checksum = crc32(checksum, stored, UInt32(stored.count))
    length += stored.count
    stored.removeAll(keepingCapacity: true)
  }

  private mutating func append(littleEndian number: some FixedWidthInteger) {
    bytes += withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}
