/// Strings segments together into a body, plain or as gzip, without compressing anything twice.
///
/// A gzip stream may be put together from deflate blocks made apart: pieces are kept compressed, ended on a byte
/// boundary; what differs from film to film goes in between as stored blocks; the checksums are combined.
import CZlib

/// Not for two threads at once.
final class BodyComposer {
  private let pieces = PieceStore()

  func plain(_ segments: [Segment]) -> Body {
    var size = 0
    for segment in segments {
      if case .piece(let key) = segment { size += pieces.piece(key).plain.count } else { size += 120 }
    }
    var body = Body(capacity: size)
    for segment in segments {
      switch segment {
      case .text(let text): body.append(text)
      case .number(let number): body.append(decimal: number)
      case .piece(let key): body.append(pieces.piece(key).plain)
      }
    }
    return body
  }

  func gzip(_ segments: [Segment]) -> Body {
    var size = 64
    for segment in segments {
      if case .piece(let key) = segment { size += pieces.piece(key).deflated.count + 8 } else { size += 120 }
    }
    var stream = GzipStream(capacity: size)
    for segment in segments {
      switch segment {
      case .text(let text): stream.store { $0.append(text) }
      case .number(let number): stream.store { $0.append(decimal: number) }
      case .piece(let key): stream.append(pieces.piece(key))
      }
    }
    return stream.finish()
  }
}

/// A gzip stream (RFC 1952) of ready deflate blocks and stored ones (RFC 1951, 3.2.4).
private struct GzipStream: ~Copyable {
  private var body: Body
  private var checksum: UInt = 0
  private var length = 0
  /// Where the stored block that is being written begins, its five bytes of header included.
  private var stored: Int?

  init(capacity: Int) {
    body = Body(capacity: capacity)
    for byte: UInt8 in [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3] { body.append(byte: byte) }
  }

  mutating func append(_ piece: Piece) {
    closeStored()
    body.append(piece.deflated)
    checksum = crc32_combine_op(checksum, piece.checksum, piece.checksumOperator)
    length += piece.plain.count
  }

  /// Adds what `write` appends, uncompressed; texts are far below the 65,535 bytes that a stored block holds.
  mutating func store(_ write: (inout Body) -> Void) {
    if stored == nil {
      stored = body.count
      for _ in 0..<5 { body.append(byte: 0) }
    }
    let start = body.count
    write(&body)
    let added = body.suffix(from: start)
    checksum = crc32(checksum, added.baseAddress, UInt32(added.count))
    length += added.count
  }

  consuming func finish() -> Body {
    closeStored()
    // An empty stored block, the last one.
    for byte: UInt8 in [1, 0, 0, 0xff, 0xff] { body.append(byte: byte) }
    body.append(littleEndian: checksum, bytes: 4)
    body.append(littleEndian: UInt(length), bytes: 4)
    return body
  }

  private mutating func closeStored() {
    guard let start = stored else { return }
    let count = UInt16(body.count - start - 5)
    body.overwrite(at: start + 1, littleEndian: count)
    body.overwrite(at: start + 3, littleEndian: ~count)
    stored = nil
  }
}
