/// What a body is composed of. Most bytes stand in pieces that many answers share, so that a server may keep
/// them ready, compressed as well.
enum Segment: Equatable {
  case text(StaticString)
  case number(Int)
  case piece(PieceKey)

  static func == (left: Segment, right: Segment) -> Bool {
    switch (left, right) {
    case (.text(let a), .text(let b)): a.description == b.description
    case (.number(let a), .number(let b)): a == b
    case (.piece(let a), .piece(let b)): a == b
    default: false
    }
  }
}

/// Names a piece: its bytes are a pure function of the key. There are a few thousand keys in all.
struct PieceKey: Hashable {
  enum Kind: UInt8 {
    case cast, crew
    case movieHead, movieTail, seriesHead, seriesTail, episodeHead, episodeTail
  }

  /// People in a full block of cast or crew.
  static let blockPeople = 16
  static let fullBlockVariants = 16
  static let partBlockVariants = 4
  static let headVariants = 32
  static let tailVariants = 256

  let kind: Kind
  /// A block's place in the cast or crew: 0 is the first.
  let position: UInt8
  /// People in a block: 1 ... `blockPeople`.
  let people: UInt8
  let variant: UInt8

  init(_ kind: Kind, position: Int = 0, people: Int = 0, variant: Int) {
    self.kind = kind
    self.position = UInt8(clamping: position)
    self.people = UInt8(clamping: people)
    self.variant = UInt8(clamping: variant)
  }

  /// Composes the bytes anew.
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
