/// A block of generated people as TMDB's JSON, with TMDB's order of keys.
struct PeopleBlock {
  private let key: PieceKey
  private var draw: DeterministicRandom
  /// The credit ids of a block share this prefix, like those of people entered together at TMDB.
  private let creditPrefix: String

  init(_ key: PieceKey) {
    self.key = key
    draw = key.draw
    creditPrefix = draw.hexadecimal(16)
  }

  /// The people, separated by commas. A block after the first starts with a comma.
  func bytes() -> [UInt8] {
    var block = self
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(key.people) * 300)
    for index in 0..<Int(key.people) {
      let order = Int(key.position) * PieceKey.blockPeople + index
      if order > 0 { bytes.append(UInt8(ascii: ",")) }
      bytes += block.person(order: order).utf8
    }
    return bytes
  }

  private mutating func person(order: Int) -> String {
    let isCast = key.kind == .cast
    let role = draw.one(of: isCast ? Role.acting : Role.behindTheCamera)
    let name = draw.one(of: SampleWords.givenNames) + " " + draw.one(of: SampleWords.familyNames)
    let original = draw.chance(permille: 40) ? draw.one(of: SampleWords.originalNames) : name
    let photo = draw.chance(permille: isCast ? 290 : 600) ? "null" : "\"\(draw.imagePath())\""
    let head =
      #"{"adult":false,"gender":\#(draw.below(4)),"id":\#(1 + draw.below(4_900_000)),"#
      + #""known_for_department":"\#(role.knownFor)","name":"\#(name)","original_name":"\#(original)","#
      + #""popularity":\#(popularity()),"profile_path":\#(photo),"#
    let creditID = creditPrefix + draw.hexadecimal(8)
    guard isCast else {
      return head + #""credit_id":"\#(creditID)","department":"\#(role.department)","job":"\#(role.job)"}"#
    }
    let castID = order * 3 + draw.below(3)
    return head
      + #""cast_id":\#(castID),"character":"\#(character())","credit_id":"\#(creditID)","order":\#(order)}"#
  }

  private mutating func character() -> String {
    switch draw.below(1000) {
    case ..<18: ""
    case ..<60: draw.one(of: SampleWords.charactersWithEscapes)
    case ..<250: draw.one(of: SampleWords.characters)
    case ..<300: draw.one(of: SampleWords.characters) + " (voice)"
    case ..<400: draw.one(of: SampleWords.characters) + " (uncredited)"
    default: draw.one(of: SampleWords.givenNames) + " " + draw.one(of: SampleWords.familyNames)
    }
  }

  private mutating func popularity() -> String {
    draw.decimal(whole: draw.chance(permille: 30) ? 60 : 6)
  }
}

/// A job, its department, and the department that the person is known for.
private struct Role {
  let knownFor: String
  let department: String
  let job: String

  init(_ department: String, _ job: String, knownFor: String? = nil) {
    self.department = department
    self.job = job
    self.knownFor = knownFor ?? department
  }

  static let acting =
    Array(repeating: Role("Acting", "Actor"), count: 12) + [
      Role("Acting", "Actor", knownFor: "Directing"), Role("Acting", "Actor", knownFor: "Crew"),
    ]

  // "&" is the only character that TMDB escapes although JSON does not require it.
  static let behindTheCamera = [
    Role("Directing", "Director"), Role("Directing", "Script Supervisor"), Role("Writing", "Screenplay"),
    Role("Writing", "Story", knownFor: "Directing"), Role("Production", "Producer"),
    Role("Production", "Executive Producer"), Role("Production", "Casting"), Role("Camera", "Grip"),
    Role("Camera", "Director of Photography"), Role("Editing", "Editor"), Role("Crew", "Stunts"),
    Role("Sound", "Original Music Composer"), Role("Sound", "Boom Operator"), Role("Art", "Set Decoration"),
    Role("Art", "Production Design"), Role("Art", "Art Direction", knownFor: "Visual Effects"),
    Role(#"Costume \u0026 Make-Up"#, "Costume Design"), Role(#"Costume \u0026 Make-Up"#, "Hairstylist"),
    Role("Visual Effects", "Animation"), Role("Visual Effects", "VFX Artist"), Role("Lighting", "Gaffer"),
  ]
}

extension DeterministicRandom {
  mutating func hexadecimal(_ count: Int) -> String {
    String((0..<count).map { _ in DeterministicRandom.letters[below(16)] })
  }

  /// A path in TMDB's form: a slash, 27 letters and digits, `.jpg`.
  mutating func imagePath() -> String {
    "/" + String((0..<27).map { _ in DeterministicRandom.letters[below(DeterministicRandom.letters.count)] })
      + ".jpg"
  }

  /// A number below `whole` with one to three decimals. Only `.0` ends with a zero.
  mutating func decimal(whole: Int) -> String {
    let thousandths = below(1000)
    var decimals = String(1000 + thousandths).dropFirst()
    while decimals.count > 1, decimals.last == "0" { decimals.removeLast() }
    return "\(below(whole)).\(decimals)"
  }

  private static let letters = Array("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
}
