import Shared

/// Code that reads bytes from outside, and what must be true of it for any bytes.
///
/// `make fuzz` runs the targets with inputs that libFuzzer makes up, `make test` with those in `Tests/Fuzz/Corpus`.
struct FuzzTarget: Sendable {
  /// The name on the command line, and of the folder in the corpus.
  let name: String
  /// Reads an input.
  /// - Throws: `FuzzFailure` if a property does not hold. A refusal of the input is not an error.
  let run: @Sendable ([UInt8]) throws -> Void

  static let all = [
    find, credits, changes, dataFiles, source, gzip, dispatcherEvents, workerEvents, records, listings,
    awsErrors,
    waits,
    dates, invocations, profiles, metadata, indexes, logLines, exportedCredentials,
  ]

  static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// A property that does not hold for an input.
struct FuzzFailure: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// - Throws: `FuzzFailure` unless the property holds.
func require(_ property: Bool, _ description: @autoclosure () -> String) throws(FuzzFailure) {
  if !property { throw FuzzFailure(description()) }
}

/// The first bytes of an input, which choose how the rest of it is read. A missing byte counts as 0.
struct InputReader {
  private var rest: ArraySlice<UInt8>

  init(_ input: [UInt8]) { rest = input[...] }

  mutating func choice(of count: Int) -> Int { Int(rest.popFirst() ?? 0) % count }

  var bytes: [UInt8] { Array(rest) }
  var text: String { String(decoding: rest, as: UTF8.self) }
}

extension HTTPResponse {
  /// A response from a text: a status, header lines, an empty line, and the body. Lines end with LF.
  init(input: [UInt8]) {
    var lines: [ArraySlice<UInt8>] = []
    var rest = input[...]
    while let end = rest.firstIndex(of: 0x0A) {
      lines.append(rest[..<end])
      rest = rest[(end + 1)...]
      if lines.last?.isEmpty == true { break }
    }
    let texts = lines.map { String(decoding: $0, as: UTF8.self) }
    let headers = texts.dropFirst().compactMap { line -> HTTPHeader? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      return HTTPHeader(String(line[..<colon]), String(value))
    }
    self.init(status: texts.first.flatMap { Int($0) } ?? 200, headers: headers, body: Array(rest))
  }
}
