import CExpat

/// An XML element with its children and text, parsed by expat from one of S3's responses. Namespaces and attributes are
/// ignored.
struct XMLElement {
  let name: String
  private(set) var children: [XMLElement] = []
  private(set) var text = ""

  /// Maximum nesting. Elements nested deeper are ignored; S3's responses have four levels.
  private static let depthMax = 16

  struct Malformed: Error {}

  /// - Throws: `Malformed` if the bytes are not a well-formed XML document.
  init(parsing bytes: [UInt8]) throws {
    let builder = Builder()
    guard bytes.count < Int(Int32.max), let parser = XML_ParserCreate(nil) else { throw Malformed() }
    defer { XML_ParserFree(parser) }
    // Safety: the builder outlives the parser, which calls back only during XML_Parse.
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

  /// All children with that name.
  func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

  /// The text of the first child with that name.
  func text(of name: String) -> String? { children.first { $0.name == name }?.text }

  /// Builds the tree of elements from expat's callbacks.
  private final class Builder {
    private var open: [XMLElement] = []
    /// Open elements that are nested too deeply, and ignored.
    private var ignoredDepth = 0
    private(set) var root: XMLElement?

    static func from(_ context: UnsafeMutableRawPointer?) -> Builder? {
      context.map { Unmanaged<Builder>.fromOpaque($0).takeUnretainedValue() }
    }

    func begin(_ name: UnsafePointer<CChar>?) {
      guard open.count < XMLElement.depthMax else {
        ignoredDepth += 1
        return
      }
      open.append(XMLElement(name: name.map { String(cString: $0) } ?? ""))
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
      guard ignoredDepth == 0, !open.isEmpty else { return }
      open[open.count - 1].text += String(decoding: bytes, as: UTF8.self)
    }

    func end() {
      if ignoredDepth > 0 {
        ignoredDepth -= 1
      } else if let element = open.popLast() {
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
      }
    }
  }
}
