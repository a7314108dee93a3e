import CExpat

/// An XML element with what is in it, as S3 answers: read whole, by expat. Namespaces and attributes are left out.
struct XMLElement {
  let name: String
  private(set) var children: [XMLElement] = []
  private(set) var text = ""

  /// Elements within one another; S3's answers have four.
  private static let depthMax = 16

  struct Malformed: Error {}

  /// - Throws: `Malformed` when the bytes are no XML, or nested too deeply.
  init(parsing bytes: [UInt8]) throws {
    let builder = Builder()
    guard bytes.count < Int(Int32.max), let parser = XML_ParserCreate(nil) else { throw Malformed() }
    defer { XML_ParserFree(parser) }
    // Safety: the builder outlives the parser, which calls back inside XML_Parse alone.
    XML_SetUserData(parser, Unmanaged.passUnretained(builder).toOpaque())
    XML_SetElementHandler(
      parser, { context, name, _ in Builder.from(context)?.begin(name) },
      { context, _ in Builder.from(context)?.end() })
    XML_SetCharacterDataHandler(parser) { context, text, count in
      Builder.from(context)?.append(UnsafeRawBufferPointer(start: text, count: Int(count)))
    }
    let status = bytes.withUnsafeBytes { bytes in
      XML_Parse(parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count), 1)
    }
    guard status == XML_STATUS_OK, let root = withExtendedLifetime(builder, { $0.root }) else {
      throw Malformed()
    }
    self = root
  }

  private init(name: String) { self.name = name }

  func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// The text of the first child of that name.
  func text(of name: String) -> String? { children.first { $0.name == name }?.text }

  /// Builds the tree while expat calls.
  private final class Builder {
    private var open: [XMLElement] = []
    private var tooDeep = 0
    private(set) var root: XMLElement?

    static func from(_ context: UnsafeMutableRawPointer?) -> Builder? {
      context.map { Unmanaged<Builder>.fromOpaque($0).takeUnretainedValue() }
    }

    func begin(_ name: UnsafePointer<CChar>?) {
      guard open.count < XMLElement.depthMax else {
        tooDeep += 1
        return
      }
      open.append(XMLElement(name: name.map { String(cString: $0) } ?? ""))
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
      guard tooDeep == 0, !open.isEmpty else { return }
      open[open.count - 1].text += String(decoding: bytes, as: UTF8.self)
    }

    func end() {
      if tooDeep > 0 {
        tooDeep -= 1
      } else if let element = open.popLast() {
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
      }
    }
  }
}
