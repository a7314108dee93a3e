/// A part of a body. Most bytes are in pieces that many bodies share, so that the server can cache them compressed.
enum Segment {
  case text(StaticString)
  case number(Int)
  case piece(PieceKey)
}

/// Identifies a piece. Its bytes are a pure function of the key. There are a few thousand keys.
struct PieceKey: Hashable {
  enum Kind: UInt8 {
    case cast, crew
    case movieHead, movieTail, seriesHead, seriesTail, episodeHead, episodeTail
  }

  /// The number of people in a full block of cast or crew.
  static let blockPeople = 16
  static let fullBlockVariants = 16
  static let partBlockVariants = 4
  static let headVariants = 32
  static let tailVariants = 256

  let kind: Kind
  /// The block's index in the cast or crew.
  let position: UInt8
  /// The number of people in the block: 1 ... `blockPeople`.
  let people: UInt8
  let variant: UInt8

  init(_ kind: Kind, position: Int = 0, people: Int = 0, variant: Int) {
    self.kind = kind
    self.position = UInt8(clamping: position)
    self.people = UInt8(clamping: people)
    self.variant = UInt8(clamping: variant)
  }

  /// Composes the bytes.
  func bytes() -> [UInt8] {
    switch kind {
    case .cast, .crew: PeopleBlock(self).bytes()
    default: FindResult(self).bytes()
    }
  }

  var draw: DeterministicRandom {
    DeterministicRandom(3, UInt64(kind.rawValue), UInt64(position), UInt64(people), UInt64(variant))
  }
}
