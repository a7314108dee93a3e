/// Keeps the pieces of answers ready, plain and compressed, so that an answer is a few copies.
import CZlib

/// A piece of an answer and what is needed to put it into a gzip stream.
struct Piece {
  let plain: [UInt8]
  let deflated: [UInt8]
  let checksum: UInt
  /// What `crc32_combine_op` takes to append this many bytes.
  let checksumOperator: UInt
}

/// At most a few thousand pieces, 20 MB, made when first asked for. Not for two threads at once.
final class PieceStore {
  private var pieces: [PieceKey: Piece] = [:]
  private let deflater = Deflater()

  func piece(_ key: PieceKey) -> Piece {
    if let piece = pieces[key] { return piece }
    let plain = key.bytes()
    let piece = Piece(
      plain: plain, deflated: deflater.deflated(plain),
      checksum: crc32(0, plain, UInt32(plain.count)), checksumOperator: crc32_combine_gen(plain.count))
    pieces[key] = piece
    return piece
  }
}
